//! Alarms, members, and the upkeep of members.

use super::header;
use revline_checker::history as judged;
use revline_checker::history::{AdminRequest, AdminResponse};
use revline_store::api as store;
use revline_store::frame::{Call, Reply};

/// The request of a call of the cluster or the maintenance service; `None` of any other.
pub(crate) fn request(call: &Call) -> Option<AdminRequest> {
    use store::{ClusterRequest as Cluster, MaintenanceRequest as Maintenance};
    Some(match call {
        Call::Maintenance(Maintenance::Alarm(alarm)) => AdminRequest::Alarm(alarm_request(alarm)),
        Call::Maintenance(Maintenance::Hash) => AdminRequest::Hash,
        Call::Maintenance(Maintenance::HashKv { revision }) => AdminRequest::HashKv { revision: *revision },
        Call::Maintenance(Maintenance::Defragment) => AdminRequest::Defragment,
        Call::Maintenance(Maintenance::Snapshot) => AdminRequest::Snapshot,
        Call::Cluster(Cluster::Add(add)) => {
            AdminRequest::MemberAdd { id: judged::MemberId(add.id), is_learner: add.is_learner }
        }
        Call::Cluster(Cluster::Promote(of)) => AdminRequest::MemberPromote { id: judged::MemberId(of.id) },
        Call::Cluster(Cluster::Remove(of)) => AdminRequest::MemberRemove { id: judged::MemberId(of.id) },
        Call::Cluster(Cluster::Update(of)) => AdminRequest::MemberUpdate { id: judged::MemberId(of.id) },
        Call::Cluster(Cluster::List(list)) => AdminRequest::MemberList { linearizable: list.linearizable },
        Call::Status => AdminRequest::Status,
        Call::MoveLeader { target } => AdminRequest::MoveLeader { target: judged::MemberId(*target) },
        Call::Kv(_) | Call::Lease(_) | Call::Lock(_) | Call::Election(_) | Call::Auth(_) => return None,
    })
}

pub(crate) fn response(reply: &Reply) -> AdminResponse {
    match reply {
        Reply::Maintenance(store::MaintenanceResponse::Alarm { header: of, alarms }) => {
            AdminResponse::Alarm { header: header(of), alarms: alarms.iter().filter_map(alarm).collect() }
        }
        Reply::Maintenance(store::MaintenanceResponse::HashKv {
            header: of,
            hash,
            compact_revision,
            hash_revision,
        }) => AdminResponse::Hash {
            header: header(of),
            hash_revision: *hash_revision,
            compact_revision: *compact_revision,
            hash: *hash,
        },
        Reply::Maintenance(other) => AdminResponse::Done { header: header(other.header()) },
        Reply::Cluster(response) => AdminResponse::Members {
            header: header(&response.header),
            members: response.members.iter().map(listed).collect(),
        },
        Reply::Status(status) => AdminResponse::Status {
            header: judged::Header {
                member: judged::MemberId(status.member),
                revision: status.revision,
                term: status.term,
            },
            leader: judged::MemberId(status.leader),
        },
        Reply::MovedLeader
        | Reply::Kv(_)
        | Reply::Lease(_)
        | Reply::Lock(_)
        | Reply::Election(_)
        | Reply::Auth(_) => AdminResponse::Done { header: header(&store::ResponseHeader::default()) },
    }
}

fn alarm_request(request: &store::AlarmRequest) -> judged::AlarmRequest {
    let action = match request.action {
        store::AlarmAction::Get => judged::AlarmAction::Get,
        store::AlarmAction::Activate => judged::AlarmAction::Activate,
        store::AlarmAction::Deactivate => judged::AlarmAction::Deactivate,
    };
    judged::AlarmRequest {
        action,
        member: judged::MemberId(request.member),
        alarm: alarm_kind(request.alarm),
    }
}

fn alarm(alarm: &store::Alarm) -> Option<judged::Alarm> {
    Some(judged::Alarm { member: judged::MemberId(alarm.member), alarm: alarm_kind(alarm.alarm)? })
}

/// The kind of an alarm; `None` is none, or any.
pub(crate) fn alarm_kind(kind: store::AlarmKind) -> Option<judged::AlarmKind> {
    match kind {
        store::AlarmKind::None => None,
        store::AlarmKind::NoSpace => Some(judged::AlarmKind::NoSpace),
        store::AlarmKind::Corrupt => Some(judged::AlarmKind::Corrupt),
    }
}

fn listed(member: &store::MemberInfo) -> judged::ListedMember {
    judged::ListedMember { id: judged::MemberId(member.id), is_learner: member.is_learner }
}
