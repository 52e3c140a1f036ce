//! Marks of rare states: where the code comes seldom, it says so, and a sweep can tell that it came there.
//!
//! As with a log, nothing that a machine does depends on them. They are kept for the thread, which the machines of one
//! simulated world share; the host takes them. (FoundationDB calls such places code probes, Antithesis `sometimes`.)

use std::cell::Cell;

macro_rules! marks {
    ($($Mark:ident: $about:literal,)*) => {
        /// A rare state of a machine.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Mark {
            $(#[doc = $about] $Mark,)*
        }

        impl Mark {
            /// Every mark, in the order of the declaration.
            pub const ALL: &[Mark] = &[$(Mark::$Mark,)*];

            /// The state in words.
            pub fn name(self) -> &'static str {
                match self {
                    $(Mark::$Mark => $about,)*
                }
            }
        }
    };
}

marks! {
    SnapshotUnderWatch: "a snapshot is installed under an open watch",
    SnapshotUnderWaiter: "a snapshot is installed while a lock or a campaign waits",
    SnapshotWithLeases: "a snapshot with leases is installed",
    SnapshotWithAuth: "a snapshot is installed while auth is on",
    SnapshotWithAlarm: "a snapshot is installed while an alarm stands",
    SnapshotWithCompaction: "a snapshot is installed that skips a compaction",
    MessageOfRemovedMember: "a removed member still sends",
    RequestRepeated: "a request comes twice into the log",
    RefusedWhenApplied: "a committed request is refused: auth or an alarm changed since it was proposed",
    LogConflict: "a follower replaces entries of its log by others",
    ReadIndexAskedAgain: "the question for a read index is asked again",
    ReadIndexAnsweredLate: "an answer comes for a question that was asked again since",
    ReadLostItsLeader: "a read waits for a leader that is deposed",
    ReadTimedOut: "a read waits too long",
    ReadWaitsForApply: "a read knows its index, and the member has not applied it",
    SerializableReadWaits: "a serializable read waits until a restarted member has caught up",
    WatchStalled: "events wait because a watch stream takes none",
    VictimFellBehind: "a stalled watch goes on from history",
    CatchUpInBatches: "a watch catches up in more than one batch",
    CompactedNoticeWaits: "a watch is to be told of a compaction while its stream takes nothing",
    WatchEndedWithoutLeader: "a watch that asks for a leader ends without one",
    ResponseFragmented: "a watch response is sent in fragments",
    WatchLostPermission: "a watch ends because permissions changed",
    ProgressTold: "a silent watch is told how far it has come, unasked",
    ProxyToldProgress: "a proxy tells a silent watch how far it has come, unasked",
    LeasesPromoted: "a new leader takes over the clock of leases",
    RenewalWaitsForCheckpoint: "a renewal waits until the checkpoint before it is cleared",
    RenewalOfExpired: "a renewal comes for a lease that expired and is not revoked yet",
    RenewalWaitsForApply: "a renewal waits for what is committed and not applied",
    LeaseQuestionSentAgain: "a question about a lease is sent to another leader, or again",
    LeaseQuestionRepeated: "the same question about a lease comes twice",
    ProposalTimedOut: "a proposal waits too long",
    BeyondQuota: "a request is applied that does not fit into the quota any more",
    ChangeWaitsForAnother: "a change of members waits for another",
    LearnerNotReady: "a learner is refused a vote because it is behind",
    TransferFailed: "leadership goes to another member than the one asked for, or to none",
    WaiterGaveUp: "a client gives up while its lock or campaign waits",
    TornRecord: "a torn record is cut off the log",
}

const _: () = assert!(Mark::ALL.len() <= u64::BITS as usize, "a set has one bit for each");

thread_local! {
    static REACHED: Cell<u64> = const { Cell::new(0) };
}

/// Notes that a state was reached.
pub(crate) fn reach(mark: Mark) {
    REACHED.with(|reached| reached.set(reached.get() | 1 << mark as u32));
}

/// Notes that a state was reached, if it was.
pub(crate) fn reach_if(reached: bool, mark: Mark) {
    if reached {
        reach(mark);
    }
}

/// Takes the marks that the machines on this thread reached, in order.
pub fn take() -> impl Iterator<Item = Mark> {
    let mut reached = REACHED.with(Cell::take);
    std::iter::from_fn(move || {
        // A host asks after every step, and nearly always there are none.
        let lowest = (reached != 0).then(|| reached.trailing_zeros())?;
        reached &= reached - 1;
        Some(Mark::ALL[lowest as usize])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_reached_is_taken_once() {
        assert_eq!(take().count(), 0);
        reach(Mark::LogConflict);
        reach_if(true, Mark::ReadTimedOut);
        reach_if(false, Mark::TornRecord);
        assert_eq!(take().collect::<Vec<_>>(), [Mark::LogConflict, Mark::ReadTimedOut]);
        assert_eq!(take().count(), 0);
    }
}
