//! Defects: rules of the store that can be switched off, each re-creating a real finding.
//!
//! A defect is a file here, which holds its description and its altered behaviour, and a row of the list below.
//! Production code keeps one line at the place where the rule holds: [`altered!`], which chooses between the
//! altered and the right behaviour. Without the Cargo feature `defects` nothing of this is compiled: that line is
//! the right behaviour, and [`Defects`] is the empty set.

#[cfg(all(test, feature = "defects"))]
mod demonstration;
#[cfg(feature = "defects")]
mod description;
#[cfg(not(feature = "defects"))]
mod none;
#[cfg(feature = "defects")]
mod set;

#[cfg(all(test, feature = "defects"))]
use demonstration::limit_off_by_one;
#[cfg(feature = "defects")]
pub use description::{Description, UnknownDefect};
#[cfg(not(feature = "defects"))]
pub use none::Defects;
#[cfg(feature = "defects")]
pub use set::Defects;

/// Declares the defects. A row `Variant = file,` makes the module `file`, the variant of [`Defect`] and its entry in
/// [`Defect::ALL`].
macro_rules! defects {
    ($($(#[$attribute:meta])* $variant:ident = $file:ident,)*) => {
        $(
            #[cfg(feature = "defects")]
            $(#[$attribute])*
            pub mod $file;
        )*

        /// A rule that can be switched off, named after its cause. Each has its own [module](self).
        #[cfg(feature = "defects")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Defect {
            $(
                #[doc = concat!("See [`", stringify!($file), "`].")]
                $variant,
            )*
        }

        #[cfg(feature = "defects")]
        impl Defect {
            /// Every defect, in the order of the catalogue.
            pub const ALL: &[Defect] = &[$(Defect::$variant,)*];

            /// The name, the rule and the guarantees of the defect.
            pub fn description(self) -> &'static Description {
                match self {
                    $(Defect::$variant => &$file::DESCRIPTION,)*
                }
            }
        }
    };
}

defects! {
    LocalReadByLeader = local_read_by_leader,
    ReadIndexBeforeOwnTerm = read_index_before_own_term,
    ReadIndexContextReused = read_index_context_reused,
    AckBeforeSync = ack_before_sync,
    AppliedIndexNotAtomic = applied_index_not_atomic,
    SnapshotSkipsAppliedIndex = snapshot_skips_applied_index,
    AuthSkipsAppliedIndex = auth_skips_applied_index,
    PermissionsNotRebuilt = permissions_not_rebuilt,
    TxnRangeStripped = txn_range_stripped,
    RestoreIgnoresCompaction = restore_ignores_compaction,
    TombstoneDroppedAtCompaction = tombstone_dropped_at_compaction,
    RestoreDropsTombstones = restore_drops_tombstones,
    CompactedNoticeLost = compacted_notice_lost,
    WatchNotAdvancedBeforeRestore = watch_not_advanced_before_restore,
    RestoreLowersFutureWatch = restore_lowers_future_watch,
    ProgressOvertakesEvents = progress_overtakes_events,
    BufferedDeleteDuplicated = buffered_delete_duplicated,
    DeposedLeaderRevokes = deposed_leader_revokes,
    RenewAfterRevoke = renew_after_revoke,
    CheckpointLost = checkpoint_lost,
    LockWithoutOwnershipCheck = lock_without_ownership_check,
    OpenEndedRangePermission = open_ended_range_permission,
    NegativeStartAccepted = negative_start_accepted,
    VoteNotPersisted = vote_not_persisted,
    AppendAckBeforeSync = append_ack_before_sync,
    TornRecordAccepted = torn_record_accepted,
    LeaseReadUnderSkew = lease_read_under_skew,
    ReadsOwnMemberStaleAsLinearizable = reads_own_member_stale_as_linearizable,
    WatchBatchSplit = watch_batch_split,
    TxnTwoRevisions = txn_two_revisions,
    ProxyCacheOpenRange = proxy_cache_open_range,
    ProxyJoinsDeadBroadcast = proxy_joins_dead_broadcast,
    ProxyCreatedResent = proxy_created_resent,
    ProxyDedupsByKey = proxy_dedups_by_key,
    NamespaceEndWithoutCarry = namespace_end_without_carry,
    RetryUnknownWrite = retry_unknown_write,
    SnapshotAheadOfHardState = snapshot_ahead_of_hard_state,
    KeepaliveOutlivesRevoke = keepalive_outlives_revoke,
    LeaseKeysGoneEarly = lease_keys_gone_early,
    AlarmForgottenBySnapshot = alarm_forgotten_by_snapshot,
    LearnerPromotedEarly = learner_promoted_early,
    FailedSyncForgotten = failed_sync_forgotten,
    RottenRecordSkipped = rotten_record_skipped,
    MovedRecordAccepted = moved_record_accepted,
    ClockJumpExpiresLeases = clock_jump_expires_leases,
}

/// The altered behaviour if the defect is in the set, else the right one.
///
/// - `altered!(defects, name)`: true if the defect `name` is on.
/// - `altered!(defects, name::function(arguments), right)`: the result of the function of the defect's file, if it is
///   on; else the value of `right`.
#[cfg(feature = "defects")]
macro_rules! altered {
    ($defects:expr, $name:ident) => {
        $defects.has($crate::defect::$name::DEFECT)
    };
    ($defects:expr, $name:ident :: $function:ident ( $($argument:tt)* ), $right:expr) => {
        if $defects.has($crate::defect::$name::DEFECT) {
            $crate::defect::$name::$function($($argument)*)
        } else {
            $right
        }
    };
}

#[cfg(not(feature = "defects"))]
macro_rules! altered {
    ($defects:expr, $name:ident) => {
        false
    };
    ($defects:expr, $name:ident :: $function:ident ( $($argument:tt)* ), $right:expr) => {
        $right
    };
}

pub(crate) use altered;
#[cfg(all(test, feature = "defects"))]
use defects;
