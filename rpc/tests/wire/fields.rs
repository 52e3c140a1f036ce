//! Each field of a message is the field of the store that has its meaning. A round trip does not see two that are swapped
//! on both ways.

use std::sync::Arc;

use revline_rpc::proto::{authpb, etcdserverpb, mvccpb, v3electionpb, v3lockpb};
use revline_store::api::{
    self, AlarmAction, AlarmKind, AuthRequest, CompareResult, EventType, FilterType, MaintenanceRequest,
    MaintenanceResponse, PermissionType, SortOrder, SortTarget,
};
use revline_store::frame::Status;
use revline_store::machine::ClusterId;

const HEADER: etcdserverpb::ResponseHeader =
    etcdserverpb::ResponseHeader { cluster_id: 1, member_id: 2, revision: 3, raft_term: 4 };

fn header() -> api::ResponseHeader {
    api::ResponseHeader { cluster_id: ClusterId(1), member_id: 2, revision: 3, raft_term: 4 }
}

fn key_value() -> (mvccpb::KeyValue, Arc<api::KeyValue>) {
    let wire = mvccpb::KeyValue {
        key: "k".into(),
        create_revision: 1,
        mod_revision: 2,
        version: 3,
        value: "v".into(),
        lease: 4,
    };
    let store = api::KeyValue {
        key: "k".into(),
        create_revision: 1,
        mod_revision: 2,
        version: 3,
        value: "v".into(),
        lease: 4,
    };
    (wire, Arc::new(store))
}

#[test]
fn of_ranges() {
    let numbers = etcdserverpb::RangeRequest {
        key: "a".into(),
        range_end: "b".into(),
        limit: 3,
        revision: 4,
        min_mod_revision: 10,
        max_mod_revision: 11,
        min_create_revision: 12,
        max_create_revision: 13,
        ..Default::default()
    };
    let expected = api::RangeRequest {
        key: "a".into(),
        range_end: "b".into(),
        limit: 3,
        revision: 4,
        min_mod_revision: 10,
        max_mod_revision: 11,
        min_create_revision: 12,
        max_create_revision: 13,
        ..Default::default()
    };
    assert_eq!(api::RangeRequest::from(numbers), expected);
    let message = || etcdserverpb::RangeRequest::default();
    let request = api::RangeRequest::default;
    let range = |message: etcdserverpb::RangeRequest| api::RangeRequest::from(message);
    let wire = etcdserverpb::RangeRequest { serializable: true, ..message() };
    assert_eq!(range(wire), api::RangeRequest { serializable: true, ..request() });
    let wire = etcdserverpb::RangeRequest { keys_only: true, ..message() };
    assert_eq!(range(wire), api::RangeRequest { keys_only: true, ..request() });
    let wire = etcdserverpb::RangeRequest { count_only: true, ..message() };
    assert_eq!(range(wire), api::RangeRequest { count_only: true, ..request() });
    let orders = [SortOrder::None, SortOrder::Ascend, SortOrder::Descend, SortOrder::Unrecognized(3)];
    for (number, sort_order) in (0..).zip(orders) {
        let wire = etcdserverpb::RangeRequest { sort_order: number, ..message() };
        assert_eq!(range(wire), api::RangeRequest { sort_order, ..request() });
    }
    let targets = [
        SortTarget::Key,
        SortTarget::Version,
        SortTarget::Create,
        SortTarget::Mod,
        SortTarget::Value,
        SortTarget::Unrecognized(5),
    ];
    for (number, sort_target) in (0..).zip(targets) {
        let wire = etcdserverpb::RangeRequest { sort_target: number, ..message() };
        assert_eq!(range(wire), api::RangeRequest { sort_target, ..request() });
    }
    let (kv, shared) = key_value();
    let response = etcdserverpb::RangeResponse { header: Some(HEADER), kvs: vec![kv], more: true, count: 5 };
    let expected = api::RangeResponse { header: header(), kvs: vec![shared], more: true, count: 5 };
    assert_eq!(api::RangeResponse::from(response), expected);
}

#[test]
fn of_writes() {
    let message = |prev_kv, ignore_value, ignore_lease| etcdserverpb::PutRequest {
        key: "k".into(),
        value: "v".into(),
        lease: 5,
        prev_kv,
        ignore_value,
        ignore_lease,
    };
    for (prev_kv, ignore_value, ignore_lease) in
        [(true, false, false), (false, true, false), (false, false, true)]
    {
        let expected = api::PutRequest {
            key: "k".into(),
            value: "v".into(),
            lease: 5,
            prev_kv,
            ignore_value,
            ignore_lease,
        };
        assert_eq!(api::PutRequest::from(message(prev_kv, ignore_value, ignore_lease)), expected);
    }
    let delete = etcdserverpb::DeleteRangeRequest { key: "k".into(), range_end: "l".into(), prev_kv: true };
    let expected = api::DeleteRangeRequest { key: "k".into(), range_end: "l".into(), prev_kv: true };
    assert_eq!(api::DeleteRangeRequest::from(delete), expected);
    let results =
        [CompareResult::Equal, CompareResult::Greater, CompareResult::Less, CompareResult::NotEqual];
    for (number, result) in (0..).zip(results) {
        let compare = etcdserverpb::Compare {
            key: "k".into(),
            range_end: "l".into(),
            result: number,
            ..Default::default()
        };
        let compare = api::Compare::try_from(compare).unwrap();
        assert_eq!((&*compare.key, &*compare.range_end), (&b"k"[..], &b"l"[..]));
        assert_eq!(compare.result, result);
    }
    let op = |key: &str| {
        let put = etcdserverpb::PutRequest { key: key.to_owned().into(), ..Default::default() };
        etcdserverpb::RequestOp { request: Some(etcdserverpb::request_op::Request::RequestPut(put)) }
    };
    let expected =
        |key: &str| vec![api::RequestOp::Put(api::PutRequest { key: key.into(), ..Default::default() })];
    let txn =
        etcdserverpb::TxnRequest { compare: Vec::new(), success: vec![op("s")], failure: vec![op("f")] };
    let txn = api::TxnRequest::try_from(txn).unwrap();
    assert_eq!((txn.success, txn.failure), (expected("s"), expected("f")));
}

#[test]
fn of_watches() {
    let create = |progress_notify, prev_kv, fragment| etcdserverpb::WatchCreateRequest {
        key: "k".into(),
        range_end: "l".into(),
        start_revision: 3,
        progress_notify,
        filters: vec![0, 1],
        prev_kv,
        watch_id: 7,
        fragment,
    };
    for (progress_notify, prev_kv, fragment) in
        [(true, false, false), (false, true, false), (false, false, true)]
    {
        let expected = api::WatchCreateRequest {
            key: "k".into(),
            range_end: "l".into(),
            start_revision: 3,
            progress_notify,
            filters: vec![FilterType::NoPut, FilterType::NoDelete],
            prev_kv,
            watch_id: 7,
            fragment,
            require_leader: false,
        };
        assert_eq!(api::WatchCreateRequest::from(create(progress_notify, prev_kv, fragment)), expected);
    }
    let (kv, shared) = key_value();
    for (number, event_type) in [(0, EventType::Put), (1, EventType::Delete)] {
        let before = Some(mvccpb::KeyValue::default());
        let event = mvccpb::Event { r#type: number, kv: Some(kv.clone()), prev_kv: before };
        let prev_kv = Some(Arc::default());
        let expected = api::Event { event_type, kv: Arc::clone(&shared), prev_kv };
        assert_eq!(api::Event::try_from(event).unwrap(), expected);
    }
    for (created, canceled, fragment) in [(true, false, false), (false, true, false), (false, false, true)] {
        let response = etcdserverpb::WatchResponse {
            header: Some(HEADER),
            watch_id: 2,
            created,
            canceled,
            compact_revision: 5,
            cancel_reason: "x".to_owned(),
            fragment,
            events: Vec::new(),
        };
        let expected = api::WatchResponse {
            header: header(),
            watch_id: 2,
            created,
            canceled,
            cancel_reason: "x".to_owned(),
            compact_revision: 5,
            fragment,
            events: Arc::default(),
        };
        assert_eq!(api::WatchResponse::try_from(response).unwrap(), expected);
    }
}

#[test]
fn of_leases_locks_and_elections() {
    let grant = etcdserverpb::LeaseGrantRequest { ttl: 1, id: 2 };
    assert_eq!(api::LeaseGrantRequest::from(grant), api::LeaseGrantRequest { ttl_s: 1, id: 2 });
    let granted = etcdserverpb::LeaseGrantResponse { id: 2, ttl: 1, ..Default::default() };
    let expected = api::LeaseGrantResponse { id: 2, ttl_s: 1, ..Default::default() };
    assert_eq!(api::LeaseGrantResponse::from(granted), expected);
    let alive = etcdserverpb::LeaseKeepAliveResponse { id: 2, ttl: 1, ..Default::default() };
    let expected = api::LeaseKeepAliveResponse { id: 2, ttl_s: 1, ..Default::default() };
    assert_eq!(api::LeaseKeepAliveResponse::from(alive), expected);
    let left = etcdserverpb::LeaseTimeToLiveResponse { id: 2, ttl: 1, granted_ttl: 9, ..Default::default() };
    let expected = api::LeaseTimeToLiveResponse { id: 2, ttl_s: 1, granted_ttl_s: 9, ..Default::default() };
    assert_eq!(api::LeaseTimeToLiveResponse::from(left), expected);
    let lock = v3lockpb::LockRequest { name: "n".into(), lease: 2 };
    assert_eq!(api::AcquireRequest::from(lock), api::AcquireRequest { name: "n".into(), lease: 2 });
    let leader = v3electionpb::LeaderKey { name: "n".into(), key: "k".into(), rev: 3, lease: 4 };
    let expected = api::LeaderKey { name: "n".into(), key: "k".into(), rev: 3, lease: 4 };
    assert_eq!(api::LeaderKey::from(leader), expected);
    let campaign = v3electionpb::CampaignRequest { name: "n".into(), lease: 2, value: "v".into() };
    let expected = api::CampaignRequest { name: "n".into(), lease: 2, value: "v".into() };
    assert_eq!(api::CampaignRequest::from(campaign), expected);
}

#[test]
fn of_maintenance() {
    let actions = [AlarmAction::Get, AlarmAction::Activate, AlarmAction::Deactivate];
    let kinds = [AlarmKind::None, AlarmKind::NoSpace, AlarmKind::Corrupt];
    for (number, (action, alarm)) in (0..).zip(actions.into_iter().zip(kinds.into_iter().rev())) {
        let request = etcdserverpb::AlarmRequest { action: number, member_id: 7, alarm: 2 - number };
        let expected = MaintenanceRequest::Alarm(api::AlarmRequest { action, member: 7, alarm });
        assert_eq!(MaintenanceRequest::try_from(request), Ok(expected));
    }
    let hash =
        etcdserverpb::HashKvResponse { header: Some(HEADER), hash: 5, compact_revision: 6, hash_revision: 7 };
    let expected =
        MaintenanceResponse::HashKv { header: header(), hash: 5, compact_revision: 6, hash_revision: 7 };
    assert_eq!(MaintenanceResponse::from(hash), expected);
    let status = Status {
        member: 1,
        leader: 0,
        term: 3,
        applied_index: 4,
        commit_index: 5,
        revision: 6,
        compact_revision: 7,
        db_size_bytes: 9,
        db_size_in_use_bytes: 8,
    };
    let expected = etcdserverpb::StatusResponse {
        header: Some(etcdserverpb::ResponseHeader { cluster_id: 0, member_id: 1, revision: 6, raft_term: 3 }),
        db_size: 9,
        leader: 0,
        raft_index: 5,
        raft_term: 3,
        raft_applied_index: 4,
        errors: vec!["etcdserver: no leader".to_owned()],
        db_size_in_use: 8,
        ..Default::default()
    };
    assert_eq!(etcdserverpb::StatusResponse::from(status), expected);
    assert!(etcdserverpb::StatusResponse::from(Status { leader: 2, ..status }).errors.is_empty());
}

#[test]
fn of_auth() {
    let text = str::to_owned;
    let add = etcdserverpb::AuthUserAddRequest {
        name: text("n"),
        password: text("p"),
        options: None,
        hashed_password: text("h"),
    };
    let expected = api::UserAddRequest { name: text("n"), password: text("p"), no_password: false };
    assert_eq!(AuthRequest::from(add), AuthRequest::UserAdd(expected));
    let ask = etcdserverpb::AuthenticateRequest { name: text("n"), password: text("p") };
    let expected = api::AuthenticateRequest { name: text("n"), password: text("p") };
    assert_eq!(AuthRequest::from(ask), AuthRequest::Authenticate(expected));
    let change = etcdserverpb::AuthUserChangePasswordRequest {
        name: text("n"),
        password: text("p"),
        hashed_password: text("h"),
    };
    let expected = AuthRequest::UserChangePassword { name: text("n"), password: text("p") };
    assert_eq!(AuthRequest::from(change), expected);
    for (number, perm_type) in
        (0..).zip([PermissionType::Read, PermissionType::Write, PermissionType::ReadWrite])
    {
        let permission = authpb::Permission { perm_type: number, key: "k".into(), range_end: "l".into() };
        let expected = api::Permission { perm_type, key: "k".into(), range_end: "l".into() };
        assert_eq!(api::Permission::try_from(permission), Ok(expected));
    }
    let revoke = etcdserverpb::AuthRoleRevokePermissionRequest {
        role: text("r"),
        key: "k".into(),
        range_end: "l".into(),
    };
    let expected =
        AuthRequest::RoleRevokePermission { role: text("r"), key: "k".into(), range_end: "l".into() };
    assert_eq!(AuthRequest::from(revoke), expected);
}
