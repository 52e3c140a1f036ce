//! The token and the need of a leader.

use revline_rpc::metadata::{require_leader, requires_leader, set_token, token};
use revline_store::api::Token;
use tonic::metadata::{MetadataMap, MetadataValue};

#[test]
fn a_token_is_read_as_etcd_reads_it() {
    let mut metadata = MetadataMap::new();
    assert_eq!(token(&metadata), None);
    metadata.insert("authorization", MetadataValue::from_static("Bearer a.1"));
    assert_eq!(token(&metadata), Some(Token("a.1".into())));
    set_token(&mut metadata, &Token("b.2".into())).unwrap();
    assert_eq!(metadata.get("token").unwrap(), "b.2");
    assert_eq!(token(&metadata), Some(Token("b.2".into())));
    set_token(&mut metadata, &Token("c.3".into())).unwrap();
    metadata.append("token", MetadataValue::from_static("d.4"));
    assert_eq!(token(&metadata), Some(Token("c.3".into())));
    assert!(set_token(&mut metadata, &Token("\n".into())).is_err());
}

#[test]
fn only_true_requires_a_leader() {
    let mut metadata = MetadataMap::new();
    assert!(!requires_leader(&metadata));
    metadata.insert("hasleader", MetadataValue::from_static("1"));
    assert!(!requires_leader(&metadata));
    require_leader(&mut metadata);
    assert!(requires_leader(&metadata));
    assert_eq!(metadata.get("hasleader").unwrap(), "true");
}
