//! Messages against bytes that were written by hand after etcd's `.proto` files: a wrong number of a field shows.
//!
//! A byte before a field is its number times eight, plus its kind: 0 for a number, 2 for a length and as many bytes.

use std::fmt::Debug;

use prost::Message;
use revline_rpc::proto::{authpb, etcdserverpb, mvccpb, v3electionpb, v3lockpb};

/// Checks that a message is these bytes, and that the bytes are the message.
fn check<M: Message + Default + PartialEq + Debug>(message: M, bytes: &[u8]) {
    assert_eq!(message.encode_to_vec(), bytes);
    assert_eq!(M::decode(bytes).unwrap(), message);
}

fn header() -> Option<etcdserverpb::ResponseHeader> {
    Some(etcdserverpb::ResponseHeader { cluster_id: 1, member_id: 2, revision: 3, raft_term: 4 })
}

/// [`header`] as the field 1 of a message.
const HEADER: &[u8] = b"\x0a\x08\x08\x01\x10\x02\x18\x03\x20\x04";

fn after_header(bytes: &[u8]) -> Vec<u8> {
    [HEADER, bytes].concat()
}

#[test]
fn keys_and_values() {
    let range = etcdserverpb::RangeRequest {
        key: "a".into(),
        range_end: "b".into(),
        limit: 3,
        revision: 4,
        sort_order: 2,
        sort_target: 4,
        serializable: true,
        keys_only: true,
        count_only: true,
        min_mod_revision: 10,
        max_mod_revision: 11,
        min_create_revision: 12,
        max_create_revision: 13,
    };
    check(range, b"\x0a\x01a\x12\x01b\x18\x03\x20\x04\x28\x02\x30\x04\x38\x01\x40\x01\x48\x01\x50\x0a\x58\x0b\x60\x0c\x68\x0d");
    let kv = mvccpb::KeyValue {
        key: "k".into(),
        create_revision: 2,
        mod_revision: 3,
        version: 4,
        value: "v".into(),
        lease: -1,
    };
    let kv_bytes = b"\x0a\x01k\x10\x02\x18\x03\x20\x04\x2a\x01v\x30\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";
    check(kv.clone(), kv_bytes);
    let response = etcdserverpb::RangeResponse { header: header(), kvs: vec![kv], more: true, count: 9 };
    let kv_field = [&[0x12, kv_bytes.len() as u8], kv_bytes.as_slice(), b"\x18\x01\x20\x09"].concat();
    check(response, &after_header(&kv_field));
    let put = etcdserverpb::PutRequest {
        key: "k".into(),
        value: "\u{e9}".into(),
        lease: 300,
        prev_kv: true,
        ignore_value: true,
        ignore_lease: true,
    };
    check(put, b"\x0a\x01k\x12\x02\xc3\xa9\x18\xac\x02\x20\x01\x28\x01\x30\x01");
}

#[test]
fn txns() {
    let compare = etcdserverpb::Compare {
        result: 3,
        target: 4,
        key: "k".into(),
        range_end: "l".into(),
        target_union: Some(etcdserverpb::compare::TargetUnion::Lease(5)),
    };
    let put = etcdserverpb::PutRequest { key: "k".into(), ..Default::default() };
    let op = |request| vec![etcdserverpb::RequestOp { request: Some(request) }];
    use etcdserverpb::request_op::Request::{RequestPut, RequestTxn};
    let nested = etcdserverpb::TxnRequest { failure: op(RequestPut(put)), ..Default::default() };
    let txn = etcdserverpb::TxnRequest {
        compare: vec![compare],
        success: op(RequestTxn(nested)),
        failure: Vec::new(),
    };
    let compare = b"\x0a\x0d\x08\x03\x10\x04\x1a\x01k\x82\x04\x01l\x40\x05";
    let nested = b"\x12\x09\x22\x07\x1a\x05\x12\x03\x0a\x01k";
    let decoded = etcdserverpb::TxnRequest::decode([compare.as_slice(), nested].concat().as_slice()).unwrap();
    assert_eq!(decoded, txn);
    for (union, bytes) in [
        (etcdserverpb::compare::TargetUnion::Version(1), b"\x20\x01".as_slice()),
        (etcdserverpb::compare::TargetUnion::CreateRevision(1), b"\x28\x01"),
        (etcdserverpb::compare::TargetUnion::ModRevision(1), b"\x30\x01"),
        (etcdserverpb::compare::TargetUnion::Value("x".into()), b"\x3a\x01x"),
    ] {
        check(etcdserverpb::Compare { target_union: Some(union), ..Default::default() }, bytes);
    }
}

#[test]
fn watches() {
    let create = etcdserverpb::WatchCreateRequest {
        key: "k".into(),
        range_end: "l".into(),
        start_revision: 3,
        progress_notify: true,
        filters: vec![0, 1],
        prev_kv: true,
        watch_id: 7,
        fragment: true,
    };
    check(create, b"\x0a\x01k\x12\x01l\x18\x03\x20\x01\x2a\x02\x00\x01\x30\x01\x38\x07\x40\x01");
    use etcdserverpb::watch_request::RequestUnion;
    let cancel = RequestUnion::CancelRequest(etcdserverpb::WatchCancelRequest { watch_id: 9 });
    check(etcdserverpb::WatchRequest { request_union: Some(cancel) }, b"\x12\x02\x08\x09");
    let progress = RequestUnion::ProgressRequest(etcdserverpb::WatchProgressRequest {});
    check(etcdserverpb::WatchRequest { request_union: Some(progress) }, b"\x1a\x00");
    let event = mvccpb::Event {
        r#type: 1,
        kv: Some(mvccpb::KeyValue::default()),
        prev_kv: Some(mvccpb::KeyValue::default()),
    };
    let response = etcdserverpb::WatchResponse {
        header: header(),
        watch_id: 2,
        created: true,
        canceled: true,
        compact_revision: 5,
        cancel_reason: "x".to_owned(),
        fragment: true,
        events: vec![event],
    };
    let fields = b"\x10\x02\x18\x01\x20\x01\x28\x05\x32\x01x\x38\x01\x5a\x06\x08\x01\x12\x00\x1a\x00";
    check(response, &after_header(fields));
}

#[test]
fn leases_and_members() {
    check(etcdserverpb::LeaseGrantRequest { ttl: 1, id: 2 }, b"\x08\x01\x10\x02");
    let granted = etcdserverpb::LeaseGrantResponse { header: header(), id: 2, ttl: 3, error: String::new() };
    check(granted, &after_header(b"\x10\x02\x18\x03"));
    let left = etcdserverpb::LeaseTimeToLiveResponse {
        header: header(),
        id: 2,
        ttl: 3,
        granted_ttl: 4,
        keys: vec!["k".into()],
    };
    check(left, &after_header(b"\x10\x02\x18\x03\x20\x04\x2a\x01k"));
    let member = etcdserverpb::Member {
        id: 1,
        name: "n".to_owned(),
        peer_ur_ls: vec!["p".to_owned()],
        client_ur_ls: vec!["c".to_owned()],
        is_learner: true,
    };
    check(member, b"\x08\x01\x12\x01n\x1a\x01p\x22\x01c\x28\x01");
}

#[test]
fn maintenance_and_auth() {
    check(etcdserverpb::AlarmRequest { action: 1, member_id: 2, alarm: 2 }, b"\x08\x01\x10\x02\x18\x02");
    let status = etcdserverpb::StatusResponse {
        header: header(),
        version: "v".to_owned(),
        db_size: 3,
        leader: 4,
        raft_index: 5,
        raft_term: 6,
        raft_applied_index: 7,
        errors: vec!["e".to_owned()],
        db_size_in_use: 9,
        is_learner: true,
        storage_version: "s".to_owned(),
        db_size_quota: 12,
        downgrade_info: Some(etcdserverpb::DowngradeInfo { enabled: true, target_version: "t".to_owned() }),
    };
    let fields = b"\x12\x01v\x18\x03\x20\x04\x28\x05\x30\x06\x38\x07\x42\x01e\x48\x09\x50\x01\x5a\x01s\x60\x0c\x6a\x05\x08\x01\x12\x01t";
    check(status, &after_header(fields));
    let piece = etcdserverpb::SnapshotResponse {
        header: header(),
        remaining_bytes: 2,
        blob: "b".into(),
        version: "v".to_owned(),
    };
    check(piece, &after_header(b"\x10\x02\x1a\x01b\x22\x01v"));
    let add = etcdserverpb::AuthUserAddRequest {
        name: "n".to_owned(),
        password: "p".to_owned(),
        options: Some(authpb::UserAddOptions { no_password: true }),
        hashed_password: "h".to_owned(),
    };
    check(add, b"\x0a\x01n\x12\x01p\x1a\x02\x08\x01\x22\x01h");
    check(
        authpb::Permission { perm_type: 2, key: "k".into(), range_end: "l".into() },
        b"\x08\x02\x12\x01k\x1a\x01l",
    );
}

#[test]
fn locks_and_elections() {
    check(v3lockpb::LockRequest { name: "n".into(), lease: 2 }, b"\x0a\x01n\x10\x02");
    check(v3lockpb::LockResponse { header: header(), key: "k".into() }, &after_header(b"\x12\x01k"));
    let leader = v3electionpb::LeaderKey { name: "n".into(), key: "k".into(), rev: 3, lease: 4 };
    let proclaim = v3electionpb::ProclaimRequest { leader: Some(leader), value: "v".into() };
    check(proclaim, b"\x0a\x0a\x0a\x01n\x12\x01k\x18\x03\x20\x04\x12\x01v");
    let campaign = v3electionpb::CampaignRequest { name: "n".into(), lease: 2, value: "v".into() };
    check(campaign, b"\x0a\x01n\x10\x02\x1a\x01v");
}
