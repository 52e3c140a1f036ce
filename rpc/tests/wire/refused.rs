//! Messages that say more than the store has a value for, and messages that leave something out.

use revline_rpc::convert::Unconvertible;
use revline_rpc::proto::etcdserverpb::compare::{CompareTarget as Field, TargetUnion};
use revline_rpc::proto::{authpb, etcdserverpb, mvccpb, v3electionpb};
use revline_store::api::{
    AuthRequest, Compare, CompareTarget, Event, MaintenanceRequest, ProclaimRequest, RequestOp,
    ResponseHeader, ResponseOp, WatchCreateRequest, WatchRequest,
};
use revline_store::frame::{Call, Reply};
use tonic::{Code, Status};

#[test]
fn a_field_is_compared_with_zero_if_the_value_is_of_another() {
    let lease = Some(TargetUnion::Lease(7));
    for (field, union, target) in [
        (Field::Version, None, CompareTarget::Version(0)),
        (Field::Create, lease.clone(), CompareTarget::CreateRevision(0)),
        (Field::Mod, lease.clone(), CompareTarget::ModRevision(0)),
        (Field::Value, lease.clone(), CompareTarget::Value(Default::default())),
        (Field::Lease, Some(TargetUnion::Version(7)), CompareTarget::Lease(0)),
        (Field::Lease, lease, CompareTarget::Lease(7)),
    ] {
        let message = etcdserverpb::Compare {
            target: field.into(),
            target_union: union,
            ..etcdserverpb::Compare::default()
        };
        assert_eq!(Compare::try_from(message).unwrap().target, target);
    }
}

#[test]
fn a_number_that_names_nothing_is_refused() {
    let refusal = |name| Err(Unconvertible::UnknownNumber { name, number: 9 });
    let compare = etcdserverpb::Compare { result: 9, ..Default::default() };
    assert_eq!(Compare::try_from(compare).map(drop), refusal("CompareResult"));
    let compare = etcdserverpb::Compare { target: 9, ..Default::default() };
    assert_eq!(Compare::try_from(compare).map(drop), refusal("CompareTarget"));
    let alarm = etcdserverpb::AlarmRequest { action: 9, ..Default::default() };
    assert_eq!(MaintenanceRequest::try_from(alarm).map(drop), refusal("AlarmAction"));
    let alarm = etcdserverpb::AlarmRequest { alarm: 9, ..Default::default() };
    assert_eq!(MaintenanceRequest::try_from(alarm).map(drop), refusal("AlarmType"));
    let perm = Some(authpb::Permission { perm_type: 9, ..Default::default() });
    let grant = etcdserverpb::AuthRoleGrantPermissionRequest { name: String::new(), perm };
    assert_eq!(AuthRequest::try_from(grant).map(drop), refusal("Permission.Type"));
    let event = mvccpb::Event { r#type: 9, ..Default::default() };
    assert_eq!(Event::try_from(event).map(drop), refusal("EventType"));
}

#[test]
fn a_filter_that_is_none_is_left_out() {
    let create = etcdserverpb::WatchCreateRequest { filters: vec![7, 1], ..Default::default() };
    let filters = WatchCreateRequest::from(create).filters;
    assert_eq!(filters, [revline_store::api::FilterType::NoDelete]);
}

#[test]
fn a_message_that_leaves_something_out() {
    assert_eq!(RequestOp::try_from(etcdserverpb::RequestOp::default()), Ok(RequestOp::Empty));
    let missing = |name| Err(Unconvertible::Missing(name));
    let op = etcdserverpb::ResponseOp::default();
    assert_eq!(ResponseOp::try_from(op).map(drop), missing("ResponseOp.response"));
    let watch = etcdserverpb::WatchRequest::default();
    assert_eq!(WatchRequest::try_from(watch).map(drop), missing("WatchRequest.request_union"));
    let header = etcdserverpb::PutResponse::default().header.unwrap_or_default();
    assert_eq!(ResponseHeader::from(header), ResponseHeader::default());
}

#[test]
fn a_refusal_has_the_text_and_the_code_of_etcd() {
    let grant = etcdserverpb::AuthRoleGrantPermissionRequest::default();
    let status = Status::from(AuthRequest::try_from(grant).unwrap_err());
    assert_eq!(
        (status.code(), status.message()),
        (Code::InvalidArgument, "etcdserver: permission not given")
    );
    let proclaim = v3electionpb::ProclaimRequest::default();
    let status = Status::from(ProclaimRequest::try_from(proclaim).unwrap_err());
    assert_eq!((status.code(), status.message()), (Code::Unknown, "\"leader\" field must be provided"));
}

#[test]
fn a_call_or_a_reply_of_another_kind_is_no_such_message() {
    let other = |name| Err(Unconvertible::OtherKind(name));
    assert_eq!(etcdserverpb::PutRequest::try_from(Call::Status), other("PutRequest"));
    assert_eq!(etcdserverpb::HashRequest::try_from(Call::Status).map(drop), other("HashRequest").map(drop));
    assert_eq!(
        etcdserverpb::PutResponse::try_from(Reply::MovedLeader).map(drop),
        Err(Unconvertible::OtherKind("PutResponse"))
    );
}

#[test]
fn a_secret_is_not_shown() {
    let secret = || "hunter2".to_owned();
    let add = etcdserverpb::AuthUserAddRequest { password: secret(), ..Default::default() };
    let change = etcdserverpb::AuthUserChangePasswordRequest { password: secret(), ..Default::default() };
    let ask = etcdserverpb::AuthenticateRequest { password: secret(), ..Default::default() };
    let answer = etcdserverpb::AuthenticateResponse { token: secret(), ..Default::default() };
    let shown = format!("{add:?} {change:?} {ask:?} {answer:?}");
    assert!(shown.contains("AuthUserChangePasswordRequest") && !shown.contains("hunter2"), "{shown}");
}
