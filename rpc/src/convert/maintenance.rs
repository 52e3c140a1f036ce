//! Alarms, hashes, the state of a member, and snapshots piece by piece.

use revline_store::api;
use revline_store::api::{AlarmAction, AlarmKind, MaintenanceRequest, MaintenanceResponse, ResponseHeader};
use revline_store::bytes::Bytes;
use revline_store::error::Error;
use revline_store::frame::Status;

use super::one_of::{requests, responses};
use super::{Unconvertible, header_to_store, header_to_wire, to_wire};
use crate::proto::etcdserverpb;
use crate::proto::etcdserverpb::AlarmType;

requests! { MaintenanceRequest {
    HashRequest {} = Hash;
    HashKvRequest { revision } = HashKv;
    DefragmentRequest {} = Defragment;
    SnapshotRequest {} = Snapshot;
} }

// etcd answers a defragmentation without a header: the service takes it off, which is the store's here.
responses! { MaintenanceResponse {
    HashResponse { hash } = Hash;
    HashKvResponse { hash, compact_revision, hash_revision } = HashKv;
    DefragmentResponse {} = Defragment;
} }

/// The kind of this number. etcd stores any number (`api/v3alarm/alarms.go`); another one is refused here.
fn alarm_kind(number: i32) -> Result<AlarmKind, Unconvertible> {
    match AlarmType::try_from(number) {
        Ok(AlarmType::None) => Ok(AlarmKind::None),
        Ok(AlarmType::Nospace) => Ok(AlarmKind::NoSpace),
        Ok(AlarmType::Corrupt) => Ok(AlarmKind::Corrupt),
        Err(_) => Err(Unconvertible::UnknownNumber { name: "AlarmType", number }),
    }
}

fn alarm_number(kind: AlarmKind) -> i32 {
    match kind {
        AlarmKind::None => AlarmType::None.into(),
        AlarmKind::NoSpace => AlarmType::Nospace.into(),
        AlarmKind::Corrupt => AlarmType::Corrupt.into(),
    }
}

impl TryFrom<etcdserverpb::AlarmRequest> for MaintenanceRequest {
    type Error = Unconvertible;

    fn try_from(request: etcdserverpb::AlarmRequest) -> Result<Self, Unconvertible> {
        use etcdserverpb::alarm_request::AlarmAction as Action;
        let action = match Action::try_from(request.action) {
            Ok(Action::Get) => AlarmAction::Get,
            Ok(Action::Activate) => AlarmAction::Activate,
            Ok(Action::Deactivate) => AlarmAction::Deactivate,
            Err(_) => {
                return Err(Unconvertible::UnknownNumber { name: "AlarmAction", number: request.action });
            }
        };
        let alarm = alarm_kind(request.alarm)?;
        Ok(MaintenanceRequest::Alarm(api::AlarmRequest { action, member: request.member_id, alarm }))
    }
}

impl TryFrom<MaintenanceRequest> for etcdserverpb::AlarmRequest {
    type Error = Unconvertible;

    fn try_from(request: MaintenanceRequest) -> Result<Self, Unconvertible> {
        use etcdserverpb::alarm_request::AlarmAction as Action;
        let MaintenanceRequest::Alarm(api::AlarmRequest { action, member, alarm }) = request else {
            return Err(Unconvertible::OtherKind("AlarmRequest"));
        };
        let action = match action {
            AlarmAction::Get => Action::Get,
            AlarmAction::Activate => Action::Activate,
            AlarmAction::Deactivate => Action::Deactivate,
        };
        Ok(etcdserverpb::AlarmRequest {
            action: action.into(),
            member_id: member,
            alarm: alarm_number(alarm),
        })
    }
}

impl TryFrom<etcdserverpb::AlarmResponse> for MaintenanceResponse {
    type Error = Unconvertible;

    fn try_from(response: etcdserverpb::AlarmResponse) -> Result<Self, Unconvertible> {
        let alarm = |of: etcdserverpb::AlarmMember| {
            Ok(api::Alarm { member: of.member_id, alarm: alarm_kind(of.alarm)? })
        };
        let alarms = response.alarms.into_iter().map(alarm).collect::<Result<_, Unconvertible>>()?;
        Ok(MaintenanceResponse::Alarm { header: header_to_store(response.header), alarms })
    }
}

impl TryFrom<MaintenanceResponse> for etcdserverpb::AlarmResponse {
    type Error = Unconvertible;

    fn try_from(response: MaintenanceResponse) -> Result<Self, Unconvertible> {
        let MaintenanceResponse::Alarm { header, alarms } = response else {
            return Err(Unconvertible::OtherKind("AlarmResponse"));
        };
        let member = |alarm: api::Alarm| etcdserverpb::AlarmMember {
            member_id: alarm.member,
            alarm: alarm_number(alarm.alarm),
        };
        let alarms = alarms.into_iter().map(member).collect();
        Ok(etcdserverpb::AlarmResponse { header: header_to_wire(header), alarms })
    }
}

/// The header has the member, its revision and its term. Empty stays what the store does not know of itself: the
/// cluster's id, the versions of the member and of its storage, the quota, a downgrade, and that it is a learner. Of the
/// `errors` it knows the lack of a leader, and no alarms. A size that is no `int64` is the greatest that is.
impl From<Status> for etcdserverpb::StatusResponse {
    fn from(status: Status) -> Self {
        let no_leader = (status.leader == 0).then(|| Error::NoLeader.to_string());
        etcdserverpb::StatusResponse {
            header: Some(etcdserverpb::ResponseHeader {
                cluster_id: 0,
                member_id: status.member,
                revision: status.revision,
                raft_term: status.term,
            }),
            db_size: i64::try_from(status.db_size_bytes).unwrap_or(i64::MAX),
            leader: status.leader,
            raft_index: status.commit_index,
            raft_term: status.term,
            raft_applied_index: status.applied_index,
            errors: no_leader.into_iter().collect(),
            db_size_in_use: i64::try_from(status.db_size_in_use_bytes).unwrap_or(i64::MAX),
            ..etcdserverpb::StatusResponse::default()
        }
    }
}

/// The compacted revision is 0: it is not on the wire. A negative size is 0.
impl From<etcdserverpb::StatusResponse> for Status {
    fn from(response: etcdserverpb::StatusResponse) -> Self {
        let header = response.header.unwrap_or_default();
        Status {
            member: header.member_id,
            leader: response.leader,
            term: response.raft_term,
            applied_index: response.raft_applied_index,
            commit_index: response.raft_index,
            revision: header.revision,
            compact_revision: 0,
            db_size_bytes: u64::try_from(response.db_size).unwrap_or(0),
            db_size_in_use_bytes: u64::try_from(response.db_size_in_use).unwrap_or(0),
        }
    }
}

/// The bytes of a piece of a snapshot (etcd: `api/v3rpc/maintenance.go`, `snapshotSendBufferSize`).
const SNAPSHOT_PIECE_BYTES: usize = 32 * 1024;

/// Cuts a snapshot into pieces, at least one. Each has the header, and says how many bytes follow. etcd's last piece is a
/// hash of the others; here a hash is part of the snapshot itself. The pieces share the snapshot's memory.
pub fn snapshot_chunks(
    header: ResponseHeader,
    snapshot: Bytes,
) -> impl Iterator<Item = etcdserverpb::SnapshotResponse> + use<> {
    let mut rest = Some(to_wire(snapshot));
    std::iter::from_fn(move || {
        let mut blob = rest.take()?;
        let following = blob.split_off(blob.len().min(SNAPSHOT_PIECE_BYTES));
        let remaining_bytes = following.len() as u64;
        rest = Some(following).filter(|following| !following.is_empty());
        Some(etcdserverpb::SnapshotResponse {
            header: header_to_wire(header),
            remaining_bytes,
            blob,
            version: String::new(),
        })
    })
}

/// Puts a snapshot together from all its pieces.
pub fn snapshot_of(
    pieces: impl IntoIterator<Item = etcdserverpb::SnapshotResponse>,
) -> Result<MaintenanceResponse, Unconvertible> {
    let (mut header, mut bytes, mut remaining_bytes) = (None, Vec::new(), 0);
    for piece in pieces {
        header = header.or(piece.header);
        bytes.extend_from_slice(&piece.blob);
        remaining_bytes = piece.remaining_bytes;
    }
    if remaining_bytes > 0 {
        return Err(Unconvertible::IncompleteSnapshot(remaining_bytes));
    }
    Ok(MaintenanceResponse::Snapshot { header: header_to_store(header), bytes: bytes.into() })
}
