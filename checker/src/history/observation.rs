//! Observations of members by the host of a cluster: no client could have made them.

use super::kv::Revision;
use super::operation::MemberId;
use serde::{Deserialize, Serialize};

/// One thing the host saw. Times are the host's own, in nanoseconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(rename_all = "snake_case")]
pub enum Observation {
    /// A member's process started, for the first time or again. What it applied before it may apply once more.
    Started {
        /// The time, in nanoseconds.
        at_ns: u64,
        /// The member.
        member: MemberId,
    },
    /// A member's process refused to start from what its disk holds.
    Refused {
        /// The time, in nanoseconds.
        at_ns: u64,
        /// The member.
        member: MemberId,
        /// The reason it gave.
        why: String,
    },
    /// A process of the cluster panicked, or ended in another way that no fault explains.
    Panicked {
        /// The time, in nanoseconds.
        at_ns: u64,
        /// The member, or the proxy.
        member: MemberId,
        /// The message of the panic.
        message: String,
    },
    /// Bytes that were durable on a member's disk were lost or changed. A power failure is none of these: it may take what
    /// was not synced, and tear the last write.
    Damaged {
        /// The time, in nanoseconds.
        at_ns: u64,
        /// The member whose disk it is.
        member: MemberId,
        /// The damage, in words.
        what: String,
    },
    /// One damage to a member's disk is gone. Once as many are as there were, its bytes are those that were durable before.
    Repaired {
        /// The time, in nanoseconds.
        at_ns: u64,
        /// The member whose disk it is.
        member: MemberId,
    },
    /// An older copy of a member's disk took the place of the disk, with all that the member had promised since. By itself
    /// the member cannot know.
    RolledBack {
        /// The time, in nanoseconds.
        at_ns: u64,
        /// The member whose disk it is.
        member: MemberId,
    },
    /// An operation on a member's disk failed: it gave an error.
    DiskFailed {
        /// The time, in nanoseconds.
        at_ns: u64,
        /// The member whose disk it is.
        member: MemberId,
        /// The operation and the error, in words.
        what: String,
    },
    /// A member's process ended by itself, as its disk failed.
    Stopped {
        /// The time, in nanoseconds.
        at_ns: u64,
        /// The member.
        member: MemberId,
        /// The reason it gave.
        why: String,
    },
    /// A member became leader of a term.
    Leader {
        /// The time, in nanoseconds.
        at_ns: u64,
        /// The member.
        member: MemberId,
        /// Of which term.
        term: u64,
        /// The last index of its log then, where that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last_index: Option<u64>,
    },
    /// A member applied its log up to an index that every member reports.
    Applied {
        /// The time, in nanoseconds.
        at_ns: u64,
        /// The member.
        member: MemberId,
        /// The index of the last entry.
        index: u64,
        /// The term of the last entry.
        term: u64,
        /// A digest of the index, term and data of every entry up to it.
        digest: u64,
    },
    /// The content of a member's store: its hash at a revision.
    Hash {
        /// The time, in nanoseconds.
        at_ns: u64,
        /// The member.
        member: MemberId,
        /// The revision the hash covers.
        revision: Revision,
        /// The member's compacted revision. Only hashes with equal pairs can be compared.
        compact_revision: Revision,
        /// The hash.
        hash: u32,
    },
    /// An alarm was raised, and stands until it is disarmed: the first member applied it.
    Alarm {
        /// The time, in nanoseconds.
        at_ns: u64,
        /// The member it is about.
        member: MemberId,
        /// The cause of the alarm.
        alarm: AlarmKind,
        /// An operator asked for it, too: it says nothing of what members saw.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        by_operator: bool,
    },
    /// The members of the cluster, as a member has them at an index of its log.
    Members {
        /// The time, in nanoseconds.
        at_ns: u64,
        /// The member.
        member: MemberId,
        /// The index of the last entry that it applied.
        index: u64,
        /// That entry changed the members; otherwise it found them in a snapshot.
        changed: bool,
        /// The members.
        members: Vec<SeenMember>,
    },
    /// The declared bounds of leases. Without them clocks are taken to run alike, and it is not promised when a
    /// lease that nothing keeps alive goes.
    Bounds {
        /// From when.
        at_ns: u64,
        /// The most by which a member's clock may run faster or slower than a client's, in millionths; 1 000 000 or
        /// more promises nothing.
        clock_drift_ppm: u64,
        /// By how much jumps may move members' clocks in all, forward or back, between two renewals of a lease, in
        /// milliseconds.
        #[serde(default, skip_serializing_if = "is_zero")]
        clock_jump_ms: u64,
        /// The most that a leader may take after a TTL to propose the end of the lease, in milliseconds.
        lease_expiry_slack_ms: u64,
        /// By how much longer each change of leader may let a lease live, in milliseconds, besides the time
        /// that passes without one: an election timeout and the interval of checkpoints. `None` if a new leader
        /// may begin the TTL anew.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lease_leader_slack_ms: Option<u64>,
    },
    /// A fault was injected.
    Fault {
        /// The time, in nanoseconds.
        at_ns: u64,
        /// The fault, in words.
        what: String,
        /// Its name, if it has one: no other fault of the history has it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// The members, proxies and clients that it struck, by their names.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        victims: Vec<String>,
    },
    /// One fault is over. Another of its kind may still be in force.
    FaultHealed {
        /// The time, in nanoseconds.
        at_ns: u64,
        /// The name of the fault.
        name: String,
    },
    /// The last fault is over. From here the cluster has `bound_ns` to serve again.
    Healed {
        /// The time, in nanoseconds.
        at_ns: u64,
        /// The most that recovery may take, in nanoseconds.
        bound_ns: u64,
    },
    /// A service was asked after the last fault, until it answered or the time for recovery was over.
    Probed {
        /// The time, in nanoseconds.
        at_ns: u64,
        /// The member, or the proxy, that was asked.
        member: MemberId,
        /// The service: `watch`, `lease`, `lock`, ...
        service: String,
        /// True if it answered.
        served: bool,
    },
    /// The state of a live member after the cluster was healed and left alone.
    Settled {
        /// The time, in nanoseconds.
        at_ns: u64,
        /// The member.
        member: MemberId,
        /// The revision of its store.
        revision: Revision,
        /// The leader it knows, if any.
        leader: Option<MemberId>,
        /// The member's auth revision, where it is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        auth_revision: Option<u64>,
        /// A hash of its users, roles and permissions, and of what it keeps ready to look them up with; where
        /// that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        auth_hash: Option<u64>,
    },
}

/// A member of the cluster as another one has it, and what the host knows of its log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeenMember {
    /// Its id.
    pub id: MemberId,
    /// It has no vote.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_learner: bool,
    /// The last index of its log that was durable by then, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_index: Option<u64>,
}

/// The cause of an alarm (etcd: `etcdserverpb.AlarmType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlarmKind {
    /// The member's storage is full.
    NoSpace,
    /// The member holds something else than the leader.
    Corrupt,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl Observation {
    /// The time of the observation, in nanoseconds.
    pub fn at_ns(&self) -> u64 {
        match self {
            Observation::Started { at_ns, .. }
            | Observation::Refused { at_ns, .. }
            | Observation::Panicked { at_ns, .. }
            | Observation::Damaged { at_ns, .. }
            | Observation::Repaired { at_ns, .. }
            | Observation::RolledBack { at_ns, .. }
            | Observation::DiskFailed { at_ns, .. }
            | Observation::Stopped { at_ns, .. }
            | Observation::Leader { at_ns, .. }
            | Observation::Applied { at_ns, .. }
            | Observation::Hash { at_ns, .. }
            | Observation::Alarm { at_ns, .. }
            | Observation::Members { at_ns, .. }
            | Observation::Bounds { at_ns, .. }
            | Observation::Fault { at_ns, .. }
            | Observation::FaultHealed { at_ns, .. }
            | Observation::Healed { at_ns, .. }
            | Observation::Probed { at_ns, .. }
            | Observation::Settled { at_ns, .. } => *at_ns,
        }
    }

    /// The member, or the proxy, that it is of; `None` if it is of the whole cluster.
    pub fn member(&self) -> Option<MemberId> {
        match self {
            Observation::Started { member, .. }
            | Observation::Refused { member, .. }
            | Observation::Panicked { member, .. }
            | Observation::Damaged { member, .. }
            | Observation::Repaired { member, .. }
            | Observation::RolledBack { member, .. }
            | Observation::DiskFailed { member, .. }
            | Observation::Stopped { member, .. }
            | Observation::Leader { member, .. }
            | Observation::Applied { member, .. }
            | Observation::Hash { member, .. }
            | Observation::Alarm { member, .. }
            | Observation::Probed { member, .. }
            | Observation::Members { member, .. }
            | Observation::Settled { member, .. } => Some(*member),
            Observation::Bounds { .. }
            | Observation::Fault { .. }
            | Observation::FaultHealed { .. }
            | Observation::Healed { .. } => None,
        }
    }
}
