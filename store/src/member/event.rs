//! The events of a member, for observers.

use crate::api::{Alarm, MemberInfo};
use crate::disk::DiskFailure;
use crate::machine::MemberId;

/// An event inside a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MemberEvent {
    /// It started, with this state of its disk.
    Started {
        /// The term it was in.
        term: u64,
        /// The last index of its log.
        last_index: u64,
        /// The index its snapshot covers.
        snapshot_index: u64,
        /// The bytes of an unfinished write that were cut off its log.
        torn_bytes: usize,
    },
    /// Its role, its term or the leader it follows changed.
    Role {
        /// The new role.
        role: Role,
        /// The term.
        term: u64,
        /// The leader it knows; 0 for none.
        leader: MemberId,
        /// The last index of its log. A leader's own first entry, and those that follow it, do not count: only
        /// those the leader brought along from earlier terms.
        last_index: u64,
    },
    /// It applied the log up to here.
    Applied {
        /// The index of the last entry applied.
        index: u64,
        /// The revision of the store.
        revision: i64,
    },
    /// A digest of everything applied so far: equal at equal `index` on every member.
    Digest {
        /// The index of the last entry applied, a multiple of
        /// [`Config::digest_every_entries`](crate::member::Config::digest_every_entries).
        index: u64,
        /// Its term.
        term: u64,
        /// A running hash of index, term and data of every entry up to there.
        digest: u64,
    },
    /// The content of its store: equal at equal `(revision, compact_revision)` on every member.
    Hash {
        /// The revision covered.
        revision: i64,
        /// The compacted revision.
        compact_revision: i64,
        /// The hash (`HashKV`).
        hash: u32,
    },
    /// As the leader it compared the hash of another member with its own: the corruption check.
    Compared {
        /// The other member.
        member: MemberId,
        /// Up to this revision.
        revision: i64,
    },
    /// An alarm stands from here on, that did not before: equal at equal `index` on every member.
    AlarmRaised {
        /// The index of the entry that raised it.
        index: u64,
        /// The alarm.
        alarm: Alarm,
    },
    /// These are the members, as it has applied them: equal at equal `index` on every member.
    Members {
        /// The index of the last entry applied.
        index: u64,
        /// That entry changed them; otherwise they stood in a snapshot.
        changed: bool,
        /// The members, by id.
        members: Vec<MemberInfo>,
    },
    /// More of its log is durable.
    Persisted {
        /// The last index that is.
        last_index: u64,
    },
    /// It wrote a snapshot of its applied state, and cut its log.
    SnapshotTaken {
        /// The last index the snapshot covers.
        index: u64,
    },
    /// It fell behind and took over the leader's snapshot.
    SnapshotInstalled {
        /// The last index the snapshot covers.
        index: u64,
        /// The revision of the store.
        revision: i64,
    },
    /// It applied, or found on its disk, that it was removed from the cluster. It answers every call with
    /// [`Error::Stopped`](crate::error::Error::Stopped), and does nothing else. Its host can end it.
    Removed,
    /// A leader told it of a commit beyond its log: it lost entries that it had acknowledged, as with an older copy of its
    /// disk. It does nothing any more, and must not be started from that disk again.
    Forgot {
        /// The commit index that it was told.
        commit: u64,
        /// The last index of its log.
        last_index: u64,
    },
    /// Its disk failed. It does nothing any more, not even answer: what it holds in memory may be other than what is
    /// durable. Its host ends the process, and may start it again with [`Config::after_disk_failure`].
    ///
    /// [`Config::after_disk_failure`]: crate::member::Config::after_disk_failure
    Failed {
        /// The failure.
        failure: DiskFailure,
    },
}

/// The part a member plays in its term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// It follows, or waits for a leader.
    Follower,
    /// It asks whether it could win (PreVote).
    PreCandidate,
    /// It asks for votes.
    Candidate,
    /// It leads.
    Leader,
}

impl From<raft::StateRole> for Role {
    fn from(role: raft::StateRole) -> Self {
        match role {
            raft::StateRole::Follower => Role::Follower,
            raft::StateRole::PreCandidate => Role::PreCandidate,
            raft::StateRole::Candidate => Role::Candidate,
            raft::StateRole::Leader => Role::Leader,
        }
    }
}
