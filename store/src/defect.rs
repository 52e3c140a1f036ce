//! The defects: rules of the store that can be switched off, each re-creating a real finding.

use std::fmt;
use std::str::FromStr;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One rule that can be switched off. Named after its cause; decided in one place of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Defect {
    /// A member that believes it leads answers a linearizable read locally (etcd #741, Jepsen 2014).
    LocalReadByLeader,
    /// A new leader answers a read index before an entry of its own term is committed (etcd #7331).
    ReadIndexBeforeOwnTerm,
    /// A read index is asked for again under the same context, and a late answer releases it (etcd #20418).
    ReadIndexContextReused,
    /// A write is acknowledged before the sync of the write-ahead log completed (etcd #14370).
    AckBeforeSync,
    /// The applied index is saved apart from the data it belongs to (etcd #13766).
    AppliedIndexNotAtomic,
    /// A rewrite of the backend forgets the applied index (etcd #14685).
    SnapshotSkipsAppliedIndex,
    /// Auth changes are saved without the applied index, so that a restart applies them again (etcd #11651).
    AuthSkipsAppliedIndex,
    /// The permissions are not made anew after a snapshot or a restart (etcd #14571, #14355).
    PermissionsNotRebuilt,
    /// Members other than the proposer do not evaluate the ranges of a txn (etcd #18667).
    TxnRangeStripped,
    /// A restart ignores a scheduled compaction when it finds its revision (etcd #17780).
    RestoreIgnoresCompaction,
    /// Compaction removes the tombstone at its own revision, too (etcd #18089).
    TombstoneDroppedAtCompaction,
    /// A restart forgets a key that is nothing but a tombstone (etcd #19179).
    RestoreDropsTombstones,
    /// A watch whose stream was full when it was to be told of a compaction goes on without a word (etcd #17529).
    CompactedNoticeLost,
    /// What a watch was told is not noted before the store is replaced by a snapshot (etcd #15271).
    WatchNotAdvancedBeforeRestore,
    /// A snapshot lowers the start of a watch in the future (etcd #20221).
    RestoreLowersFutureWatch,
    /// A progress request is answered while a watch of the stream has events to come (etcd #15220).
    ProgressOvertakesEvents,
    /// A delete that is not in the file yet is read twice (etcd #17247).
    BufferedDeleteDuplicated,
    /// A former leader goes on renewing and revoking leases (etcd #15247).
    DeposedLeaderRevokes,
    /// A renewal succeeds although a revoke came first (etcd PR #20615).
    RenewAfterRevoke,
    /// The remaining TTL of a lease is forgotten on a change of leader (etcd PR #13508).
    CheckpointLost,
    /// Lock answers without looking at its own key again after it waited (etcd #11456, Jepsen 2020).
    LockWithoutOwnershipCheck,
    /// The range end `"\0"` is given its meaning after the permission check (GHSA-xg4h-6gfc-h4m8).
    OpenEndedRangePermission,
    /// A watch may start at a revision below 0, and misses what happened before (etcd PR #20711).
    NegativeStartAccepted,
    /// Term and vote are forgotten by a crash.
    VoteNotPersisted,
    /// A follower acknowledges entries that are not on its disk yet.
    AppendAckBeforeSync,
    /// A record that was not written to its end is read as if it was.
    TornRecordAccepted,
    /// A leader reads by its lease, as if all clocks went alike (Raft thesis, 6.4).
    LeaseReadUnderSkew,
    /// A member answers a linearizable read from what it applied itself.
    ReadsOwnMemberStaleAsLinearizable,
    /// The events of one revision are sent in two responses.
    WatchBatchSplit,
    /// The ops of one txn get two revisions.
    TxnTwoRevisions,
    /// The cache of a proxy reads the end `"\0"` as a plain bound when it drops what changed (etcd #22397).
    ProxyCacheOpenRange,
    /// A watcher joins an upstream watch of a proxy that has ended (etcd #21813).
    ProxyJoinsDeadBroadcast,
    /// A proxy that opens an upstream watch again tells its watchers once more that they were created (etcd PR #21881).
    ProxyCreatedResent,
    /// A proxy keeps only the last event of each key of a batch.
    ProxyDedupsByKey,
    /// The end of a namespace is its prefix plus one, without carry: after 0xff there is none.
    NamespaceEndWithoutCarry,
    /// The client repeats a write whose outcome it does not know, and does not say so. Decided in the client.
    RetryUnknownWrite,
}

impl Defect {
    /// Every defect, in the order of the catalogue.
    pub const ALL: [Defect; 36] = [
        Defect::LocalReadByLeader,
        Defect::ReadIndexBeforeOwnTerm,
        Defect::ReadIndexContextReused,
        Defect::AckBeforeSync,
        Defect::AppliedIndexNotAtomic,
        Defect::SnapshotSkipsAppliedIndex,
        Defect::AuthSkipsAppliedIndex,
        Defect::PermissionsNotRebuilt,
        Defect::TxnRangeStripped,
        Defect::RestoreIgnoresCompaction,
        Defect::TombstoneDroppedAtCompaction,
        Defect::RestoreDropsTombstones,
        Defect::CompactedNoticeLost,
        Defect::WatchNotAdvancedBeforeRestore,
        Defect::RestoreLowersFutureWatch,
        Defect::ProgressOvertakesEvents,
        Defect::BufferedDeleteDuplicated,
        Defect::DeposedLeaderRevokes,
        Defect::RenewAfterRevoke,
        Defect::CheckpointLost,
        Defect::LockWithoutOwnershipCheck,
        Defect::OpenEndedRangePermission,
        Defect::NegativeStartAccepted,
        Defect::VoteNotPersisted,
        Defect::AppendAckBeforeSync,
        Defect::TornRecordAccepted,
        Defect::LeaseReadUnderSkew,
        Defect::ReadsOwnMemberStaleAsLinearizable,
        Defect::WatchBatchSplit,
        Defect::TxnTwoRevisions,
        Defect::ProxyCacheOpenRange,
        Defect::ProxyJoinsDeadBroadcast,
        Defect::ProxyCreatedResent,
        Defect::ProxyDedupsByKey,
        Defect::NamespaceEndWithoutCarry,
        Defect::RetryUnknownWrite,
    ];

    /// The name on the command line and in files.
    pub fn name(self) -> &'static str {
        match self {
            Defect::LocalReadByLeader => "local-read-by-leader",
            Defect::ReadIndexBeforeOwnTerm => "read-index-before-own-term",
            Defect::ReadIndexContextReused => "read-index-context-reused",
            Defect::AckBeforeSync => "ack-before-sync",
            Defect::AppliedIndexNotAtomic => "applied-index-not-atomic",
            Defect::SnapshotSkipsAppliedIndex => "snapshot-skips-applied-index",
            Defect::AuthSkipsAppliedIndex => "auth-skips-applied-index",
            Defect::PermissionsNotRebuilt => "permissions-not-rebuilt",
            Defect::TxnRangeStripped => "txn-range-stripped",
            Defect::RestoreIgnoresCompaction => "restore-ignores-compaction",
            Defect::TombstoneDroppedAtCompaction => "tombstone-dropped-at-compaction",
            Defect::RestoreDropsTombstones => "restore-drops-tombstones",
            Defect::CompactedNoticeLost => "compacted-notice-lost",
            Defect::WatchNotAdvancedBeforeRestore => "watch-not-advanced-before-restore",
            Defect::RestoreLowersFutureWatch => "restore-lowers-future-watch",
            Defect::ProgressOvertakesEvents => "progress-overtakes-events",
            Defect::BufferedDeleteDuplicated => "buffered-delete-duplicated",
            Defect::DeposedLeaderRevokes => "deposed-leader-revokes",
            Defect::RenewAfterRevoke => "renew-after-revoke",
            Defect::CheckpointLost => "checkpoint-lost",
            Defect::LockWithoutOwnershipCheck => "lock-without-ownership-check",
            Defect::OpenEndedRangePermission => "open-ended-range-permission",
            Defect::NegativeStartAccepted => "negative-start-accepted",
            Defect::VoteNotPersisted => "vote-not-persisted",
            Defect::AppendAckBeforeSync => "append-ack-before-sync",
            Defect::TornRecordAccepted => "torn-record-accepted",
            Defect::LeaseReadUnderSkew => "lease-read-under-skew",
            Defect::ReadsOwnMemberStaleAsLinearizable => "reads-own-member-stale-as-linearizable",
            Defect::WatchBatchSplit => "watch-batch-split",
            Defect::TxnTwoRevisions => "txn-two-revisions",
            Defect::ProxyCacheOpenRange => "proxy-cache-open-range",
            Defect::ProxyJoinsDeadBroadcast => "proxy-joins-dead-broadcast",
            Defect::ProxyCreatedResent => "proxy-created-resent",
            Defect::ProxyDedupsByKey => "proxy-dedups-by-key",
            Defect::NamespaceEndWithoutCarry => "namespace-end-without-carry",
            Defect::RetryUnknownWrite => "retry-unknown-write",
        }
    }

    /// The rule that is broken, in one line.
    pub fn description(self) -> &'static str {
        match self {
            Defect::LocalReadByLeader => {
                "a member that believes it leads answers a linearizable read locally"
            }
            Defect::ReadIndexBeforeOwnTerm => {
                "ReadIndex is answered before an entry of the leader's own term is committed"
            }
            Defect::ReadIndexContextReused => {
                "a retried ReadIndex reuses its context, and a late answer releases it"
            }
            Defect::AckBeforeSync => "a write is acknowledged before the WAL sync completed",
            Defect::AppliedIndexNotAtomic => "the applied index is saved apart from the data it belongs to",
            Defect::SnapshotSkipsAppliedIndex => "a defragmentation forgets the applied index",
            Defect::AuthSkipsAppliedIndex => "auth changes are saved without the applied index",
            Defect::PermissionsNotRebuilt => {
                "the permissions are not made anew after a snapshot or a restart"
            }
            Defect::TxnRangeStripped => "members other than the proposer do not evaluate a txn's ranges",
            Defect::RestoreIgnoresCompaction => {
                "a restart ignores a scheduled compaction: the revision goes back"
            }
            Defect::TombstoneDroppedAtCompaction => {
                "compaction removes the tombstone exactly at its revision"
            }
            Defect::RestoreDropsTombstones => "a restart forgets keys that are only a tombstone",
            Defect::CompactedNoticeLost => "a watch moves on although it was not told of a compaction",
            Defect::WatchNotAdvancedBeforeRestore => {
                "a synced watch's next revision is stale when a snapshot is restored"
            }
            Defect::RestoreLowersFutureWatch => "a snapshot lowers the start of a watch in the future",
            Defect::ProgressOvertakesEvents => "progress is told ahead of events on the same stream",
            Defect::BufferedDeleteDuplicated => "a watch that catches up is told the newest delete twice",
            Defect::DeposedLeaderRevokes => "a former leader goes on renewing and revoking leases",
            Defect::RenewAfterRevoke => "a renewal succeeds although a revoke came first",
            Defect::CheckpointLost => "the remaining TTL of a lease is forgotten on a change of leader",
            Defect::LockWithoutOwnershipCheck => {
                "a lock is said to be owned although its own key is gone by then"
            }
            Defect::OpenEndedRangePermission => "\"\\0\" is given its meaning after the permission check",
            Defect::NegativeStartAccepted => "a watch may start at a negative revision",
            Defect::VoteNotPersisted => "term and vote are not written to the log",
            Defect::AppendAckBeforeSync => "a follower acknowledges entries before its WAL sync completed",
            Defect::TornRecordAccepted => "the checksum of the last record is not checked on recovery",
            Defect::LeaseReadUnderSkew => {
                "a leader answers reads by its lease, with clocks that drift more than assumed"
            }
            Defect::ReadsOwnMemberStaleAsLinearizable => {
                "a serializable answer is handed out as linearizable"
            }
            Defect::WatchBatchSplit => "events of one revision are sent in two responses",
            Defect::TxnTwoRevisions => "the ops of one txn get two revisions",
            Defect::ProxyCacheOpenRange => "the proxy's cache treats the end \"\\0\" as a plain bound",
            Defect::ProxyJoinsDeadBroadcast => "a watcher joins an upstream watch that has ended",
            Defect::ProxyCreatedResent => "a proxy tells its watchers again that they were created",
            Defect::ProxyDedupsByKey => "a proxy keeps only the last event per key of a busy batch",
            Defect::NamespaceEndWithoutCarry => {
                "the end of a namespace is its prefix + 1 without carry at 0xff"
            }
            Defect::RetryUnknownWrite => "the client repeats a write whose outcome it does not know",
        }
    }

    /// The guarantees it must be seen to violate: any one of them, or a stronger one, finds it.
    pub fn guarantees(self) -> &'static [&'static str] {
        match self {
            Defect::LocalReadByLeader => &["linearizable"],
            Defect::ReadIndexBeforeOwnTerm => &["linearizable"],
            Defect::ReadIndexContextReused => &["linearizable"],
            Defect::AckBeforeSync => &["durable"],
            Defect::AppliedIndexNotAtomic | Defect::SnapshotSkipsAppliedIndex => &["member-agreement"],
            Defect::AuthSkipsAppliedIndex => &["member-agreement"],
            Defect::PermissionsNotRebuilt => &["auth-enforced", "member-agreement"],
            Defect::TxnRangeStripped => &["txn-atomic", "member-agreement"],
            Defect::RestoreIgnoresCompaction => &["revision"],
            Defect::TombstoneDroppedAtCompaction => &["watch-reliable"],
            Defect::RestoreDropsTombstones => &["watch-reliable"],
            Defect::CompactedNoticeLost => &["watch-reliable"],
            Defect::WatchNotAdvancedBeforeRestore => &["watch-ordered", "watch-unique"],
            Defect::RestoreLowersFutureWatch => &["watch-reliable"],
            Defect::ProgressOvertakesEvents => &["watch-bookmarkable"],
            Defect::BufferedDeleteDuplicated => &["watch-unique"],
            Defect::DeposedLeaderRevokes | Defect::RenewAfterRevoke => &["lease-alive"],
            Defect::CheckpointLost => &["lease-expires"],
            Defect::LockWithoutOwnershipCheck => &["lock-exclusive"],
            Defect::OpenEndedRangePermission => &["auth-enforced"],
            Defect::NegativeStartAccepted => &["watch-reliable"],
            Defect::VoteNotPersisted => &["one-leader-per-term"],
            Defect::AppendAckBeforeSync => &["leader-completeness", "durable"],
            Defect::TornRecordAccepted => &["member-agreement", "durable"],
            Defect::LeaseReadUnderSkew => &["linearizable"],
            Defect::ReadsOwnMemberStaleAsLinearizable => &["linearizable"],
            Defect::WatchBatchSplit => &["watch-atomic"],
            Defect::TxnTwoRevisions => &["revision", "txn-atomic"],
            Defect::ProxyCacheOpenRange => &["linearizable"],
            Defect::ProxyJoinsDeadBroadcast => &["watch-reliable"],
            Defect::ProxyCreatedResent => &["watch-filter"],
            Defect::ProxyDedupsByKey => &["watch-reliable"],
            Defect::NamespaceEndWithoutCarry => &["namespace-isolated"],
            Defect::RetryUnknownWrite => &["linearizable"],
        }
    }
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is no defect's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown defect `{0}`")]
pub struct UnknownDefect(pub String);

impl FromStr for Defect {
    type Err = UnknownDefect;

    fn from_str(name: &str) -> Result<Self, UnknownDefect> {
        Defect::ALL.into_iter().find(|d| d.name() == name).ok_or_else(|| UnknownDefect(name.to_owned()))
    }
}

/// The defects that are switched on. None by default.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Defects(u64);

impl Defects {
    /// Nothing is switched off: the store as it should be.
    pub const NONE: Defects = Defects(0);

    /// Is this defect on?
    #[inline]
    pub fn has(self, defect: Defect) -> bool {
        self.0 & Defects::bit(defect) != 0
    }

    /// Are all defects off?
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The same set with one more defect.
    #[must_use]
    pub fn with(self, defect: Defect) -> Self {
        Defects(self.0 | Defects::bit(defect))
    }

    /// The defects of the set, in the order of the catalogue.
    pub fn iter(self) -> impl Iterator<Item = Defect> {
        Defect::ALL.into_iter().filter(move |d| self.has(*d))
    }

    fn bit(defect: Defect) -> u64 {
        1 << defect as u32
    }
}

impl fmt::Debug for Defects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl From<Defect> for Defects {
    fn from(defect: Defect) -> Self {
        Defects::NONE.with(defect)
    }
}

impl FromIterator<Defect> for Defects {
    fn from_iter<I: IntoIterator<Item = Defect>>(defects: I) -> Self {
        defects.into_iter().fold(Defects::NONE, Defects::with)
    }
}

/// Written as a list of names.
impl Serialize for Defects {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().collect::<Vec<_>>())
    }
}

impl<'de> Deserialize<'de> for Defects {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;

        impl<'de> Visitor<'de> for List {
            type Value = Defects;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of defect names")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Defects, A::Error> {
                let mut defects = Defects::NONE;
                while let Some(defect) = seq.next_element()? {
                    defects = defects.with(defect);
                }
                Ok(defects)
            }
        }

        deserializer.deserialize_seq(List)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_defect() {
        for defect in Defect::ALL {
            assert_eq!(defect.to_string().parse(), Ok(defect));
            assert!(!defect.guarantees().is_empty());
        }
        assert_eq!("no-such".parse::<Defect>(), Err(UnknownDefect("no-such".to_owned())));
    }

    #[test]
    fn a_set_survives_storage() {
        let set: Defects = [Defect::TxnTwoRevisions, Defect::AckBeforeSync].into_iter().collect();
        let stored = postcard::to_stdvec(&set).unwrap();
        assert_eq!(postcard::from_bytes::<Defects>(&stored), Ok(set));
        assert!(set.has(Defect::AckBeforeSync) && !set.has(Defect::WatchBatchSplit));
    }
}
