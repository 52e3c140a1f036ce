//! Calls of the cluster and the maintenance API as one line of text.

use super::list;
use crate::history::{
    AdminCall, AdminRequest, AdminResponse, Alarm, AlarmAction, AlarmKind, AlarmRequest, ListedMember,
    MemberId,
};
use std::fmt::{Display, Formatter, Result};

impl Display for AlarmKind {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self {
            AlarmKind::NoSpace => "NOSPACE",
            AlarmKind::Corrupt => "CORRUPT",
        })
    }
}

impl Display for Alarm {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{} of {}", self.alarm, self.member)
    }
}

impl Display for AlarmRequest {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let AlarmRequest { action, member, alarm } = self;
        match (action, alarm) {
            (AlarmAction::Get, None) => f.write_str("get alarms"),
            (AlarmAction::Get, Some(alarm)) => write!(f, "get alarms {alarm}"),
            (AlarmAction::Activate, Some(alarm)) => write!(f, "raise alarm {alarm} of {member}"),
            (AlarmAction::Activate, None) => write!(f, "raise no alarm of {member}"),
            (AlarmAction::Deactivate, Some(alarm)) => write!(f, "disarm alarm {alarm} of {member}"),
            (AlarmAction::Deactivate, None) => write!(f, "disarm no alarm of {member}"),
        }
    }
}

impl Display for AdminRequest {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            AdminRequest::Alarm(alarm) => alarm.fmt(f),
            AdminRequest::MemberAdd { id, is_learner: true } => write!(f, "add {id} as a learner"),
            AdminRequest::MemberAdd { id, .. } => write!(f, "add {id}"),
            AdminRequest::MemberPromote { id } => write!(f, "promote {id}"),
            AdminRequest::MemberRemove { id } => write!(f, "remove {id}"),
            AdminRequest::MemberUpdate { id } => write!(f, "update {id}"),
            AdminRequest::MemberList { linearizable: true } => f.write_str("list members"),
            AdminRequest::MemberList { .. } => f.write_str("list members as one member knows them"),
            AdminRequest::Status => f.write_str("status"),
            AdminRequest::Hash => f.write_str("hash"),
            AdminRequest::HashKv { revision } => write!(f, "hash of the keys at {revision}"),
            AdminRequest::Defragment => f.write_str("defragment"),
            AdminRequest::Snapshot => f.write_str("snapshot"),
            AdminRequest::MoveLeader { target } => write!(f, "move leadership to {target}"),
        }
    }
}

impl Display for ListedMember {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        self.id.fmt(f)?;
        f.write_str(if self.is_learner { " (learner)" } else { "" })
    }
}

impl Display for AdminResponse {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            AdminResponse::Alarm { alarms, .. } => {
                f.write_str("alarms {")?;
                list(f, alarms)?;
                f.write_str("}")?;
            }
            AdminResponse::Members { members, .. } => {
                f.write_str("members {")?;
                list(f, members)?;
                f.write_str("}")?;
            }
            AdminResponse::Hash { hash_revision, compact_revision, hash, .. } => {
                write!(f, "hash {hash:08x} of revision {hash_revision} (compacted at {compact_revision})")?;
            }
            AdminResponse::Status { leader: MemberId(0), .. } => f.write_str("nobody leads")?,
            AdminResponse::Status { leader, .. } => write!(f, "{leader} leads")?,
            AdminResponse::Done { .. } => f.write_str("done")?,
        }
        match self.header().revision {
            0 => Ok(()),
            revision => write!(f, " at revision {revision}"),
        }
    }
}

impl Display for AdminCall {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        if let Some(user) = &self.user {
            write!(f, "as {user}: ")?;
        }
        let needs = if self.requires_leader { " of a member that knows a leader" } else { "" };
        write!(f, "{}{needs} -> {}", self.request, self.outcome)
    }
}
