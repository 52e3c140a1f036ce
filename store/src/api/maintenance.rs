//! Requests and responses of `etcdserverpb.Maintenance`: looking after members and their storage.
//!
//! `Status` and `MoveLeader` are calls of their own ([`crate::frame::Call`]).

use serde::{Deserialize, Serialize};

use super::ResponseHeader;
use crate::bytes::Bytes;
use crate::machine::MemberId;

/// A request of the maintenance service.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MaintenanceRequest {
    /// Ask for alarms, raise one, or disarm one; through the log, so for the whole cluster.
    Alarm(AlarmRequest),
    /// A hash of everything this member holds. Not comparable between members: how far each has come with
    /// removing compacted history counts.
    Hash,
    /// A hash of the keys up to a revision, comparable between members at the same compacted revision.
    HashKv {
        /// The revision, 0 for the current one.
        revision: i64,
    },
    /// Write this member's state anew, without the space that compaction left free.
    Defragment,
    /// This member's state as bytes, to found a new cluster with
    /// ([`crate::member::restore_snapshot`]). A learner serves it too.
    Snapshot,
}

/// The response to a [`MaintenanceRequest`], of the same kind.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MaintenanceResponse {
    /// `etcdserverpb.AlarmResponse`
    Alarm {
        /// The revision when it was applied.
        header: ResponseHeader,
        /// The alarms asked for; or the one raised, which may have stood before; or the one disarmed, none if
        /// there was no such alarm.
        alarms: Vec<Alarm>,
    },
    /// `etcdserverpb.HashResponse`
    Hash {
        /// The revision hashed.
        header: ResponseHeader,
        /// CRC-32C of the member's state.
        hash: u32,
    },
    /// `etcdserverpb.HashKVResponse`
    HashKv {
        /// The current revision.
        header: ResponseHeader,
        /// CRC-32C of the keys.
        hash: u32,
        /// The compacted revision when it was hashed, -1 if nothing was compacted.
        compact_revision: i64,
        /// The revision up to which it was hashed.
        hash_revision: i64,
    },
    /// `etcdserverpb.DefragmentResponse`
    Defragment {
        /// The revision when it was written.
        header: ResponseHeader,
    },
    /// `etcdserverpb.SnapshotResponse`, in one piece.
    Snapshot {
        /// The one revision of everything in it.
        header: ResponseHeader,
        /// The state, with a hash of it at the end.
        bytes: Bytes,
    },
}

impl MaintenanceResponse {
    /// The header.
    pub fn header(&self) -> &ResponseHeader {
        match self {
            MaintenanceResponse::Alarm { header, .. }
            | MaintenanceResponse::Hash { header, .. }
            | MaintenanceResponse::HashKv { header, .. }
            | MaintenanceResponse::Defragment { header }
            | MaintenanceResponse::Snapshot { header, .. } => header,
        }
    }

    /// The header, for the responding member to fill in.
    pub fn header_mut(&mut self) -> &mut ResponseHeader {
        match self {
            MaintenanceResponse::Alarm { header, .. }
            | MaintenanceResponse::Hash { header, .. }
            | MaintenanceResponse::HashKv { header, .. }
            | MaintenanceResponse::Defragment { header }
            | MaintenanceResponse::Snapshot { header, .. } => header,
        }
    }
}

/// `etcdserverpb.AlarmRequest`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AlarmRequest {
    /// The action.
    pub action: AlarmAction,
    /// The member the alarm is about. [`AlarmAction::Get`] does not look at it.
    pub member: MemberId,
    /// The kind of alarm. For [`AlarmAction::Get`], [`AlarmKind::None`] stands for all kinds; raising or
    /// disarming it does nothing.
    pub alarm: AlarmKind,
}

/// `etcdserverpb.AlarmRequest.AlarmAction`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AlarmAction {
    /// Ask which alarms stand.
    #[default]
    Get,
    /// Raise one.
    Activate,
    /// Disarm one.
    Deactivate,
}

/// `etcdserverpb.AlarmType`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum AlarmKind {
    /// None, or any.
    #[default]
    None,
    /// A member's storage is full: nothing may be put until this is disarmed.
    NoSpace,
    /// A member holds something else than the others: nothing is applied until this is disarmed.
    Corrupt,
}

/// An alarm that stands (`etcdserverpb.AlarmMember`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Alarm {
    /// The member it is about.
    pub member: MemberId,
    /// Its kind.
    pub alarm: AlarmKind,
}
