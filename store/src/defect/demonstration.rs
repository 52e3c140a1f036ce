//! The defect of the guide, declared as every other: its file and a row. It is in no catalogue.

use super::{Description, altered, defects};
use crate::api::{KeyValue, PutRequest, RangeRequest, Request};
use crate::mvcc::Store;
use std::sync::Arc;

defects! {
    #[path = "../../../docs/examples/defect.rs"]
    LimitOffByOne = limit_off_by_one,
}

/// A set of these defects.
struct Defects(&'static [Defect]);

impl Defects {
    fn has(&self, defect: Defect) -> bool {
        self.0.contains(&defect)
    }
}

/// Reads as a member does, but for the line where the rule holds.
fn read(store: &Store, request: RangeRequest, defects: &Defects) -> Vec<Arc<KeyValue>> {
    let limit = altered!(defects, limit_off_by_one::raised(request.limit), request.limit);
    store.range(&RangeRequest { limit, ..request }).expect("a read of the current revision").kvs
}

#[test]
fn the_guide_shows_the_example_as_it_is() {
    let guide = include_str!("../../../docs/defects.md");
    let example = include_str!("../../../docs/examples/defect.rs");
    assert!(guide.contains(&format!("```rust\n{example}```")));
    let line = include_str!("demonstration.rs").lines().find(|line| line.contains("altered!("));
    assert!(guide.contains(line.expect("the line where the rule holds").trim()));
}

#[test]
fn a_row_is_enough() {
    assert_eq!(Defect::ALL, [Defect::LimitOffByOne]);
    assert_eq!(Defect::LimitOffByOne.description().name, "limit-off-by-one");
    assert_eq!(serde_json::to_value(Defect::LimitOffByOne).unwrap(), "limit-off-by-one");
}

#[test]
fn it_alters_the_rule_while_it_is_on() {
    let mut store = Store::new(super::Defects::NONE);
    for key in ["a", "b", "c"] {
        let put = PutRequest { key: key.into(), value: "1".into(), ..PutRequest::default() };
        store.apply(&Request::Put(put)).result.expect("a put");
    }
    for (limit, right, altered) in [(1, 1, 2), (2, 2, 3), (0, 3, 3)] {
        let all = RangeRequest { key: "a".into(), range_end: "z".into(), limit, ..RangeRequest::default() };
        assert_eq!(read(&store, all.clone(), &Defects(&[])).len(), right);
        assert_eq!(read(&store, all, &Defects(&[Defect::LimitOffByOne])).len(), altered);
    }
}
