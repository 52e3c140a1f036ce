//! The ways in which a generated history can be wrong.

use std::fmt;

/// A flaw that is put into a history, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flaw {
    /// A linearizable read answers with an earlier revision than one that was answered before it was asked.
    StaleRead,
    /// A linearizable read answers with the current revision, and with what the keys held before.
    OldContent,
    /// A read shows a value that was never written.
    InventedValue,
    /// A request that changed nothing answers with a lower revision than was answered before; all else of it
    /// is right.
    RevisionGoesBack,
    /// A write is acknowledged and forgotten; the next one gets its revision.
    LostWrite,
    /// Between two writes, one revision has no writer.
    SkippedRevision,
    /// A key that was deleted shows up in a read once more.
    ResurrectedDelete,
    /// A read shows one key of a txn as the txn left it, and another as it was before.
    TornTxnRead,
    /// A write takes effect and is answered with an error that says that nothing happened.
    FailedWriteTookEffect,
    /// A serializable read shows what was not so at its revision.
    TornSerializableRead,
    /// A client's serializable read of a member shows an earlier revision than the one before it.
    SerializableGoesBack,
    /// A range at a revision shows what was not so at that revision.
    WrongHistoricalRead,
    /// A range at a revision that had been compacted is answered.
    ReadOfCompacted,
    /// A range at a revision is refused as compacted, and it never was.
    UnfoundedCompacted,
    /// A range at a revision that had been answered is refused as of the future.
    FalseFuture,
    /// A range of now is refused as compacted.
    NewestCompacted,
    /// A compaction of a revision that is not there yet is answered.
    CompactionOfFuture,
    /// A compaction is answered although one as high had been.
    CompactedAgain,
    /// An answer carries a revision that no answer can carry.
    OddRevision,
    /// The events of one revision come in two responses.
    SplitBatch,
    /// Two revisions' events come the wrong way round.
    ReorderedWatch,
    /// The events of a revision do not come, and later ones do.
    MissedEvent,
    /// The first events after a watch resumes do not come.
    MissedAfterResume,
    /// The last event comes once more.
    RepeatedEvent,
    /// A watch that resumes begins with the event that came last.
    RepeatedAfterResume,
    /// The key as it was before an event has another value.
    WrongPrevKv,
    /// The key as it was before an event is left out.
    MissingPrevKv,
    /// A progress notification says that everything up to its revision came, and then some of it comes.
    ProgressAhead,
    /// The event of a key comes that is not watched.
    EventOutsideRange,
    /// An event comes of the sort that the watch does not want.
    UnwantedEvent,
    /// The event of a key that was there says that it was created.
    FalseCreate,
    /// An event has another value than was written.
    WrongEventValue,
    /// A range at a revision is answered, and the error of another one had told that it was compacted away.
    ReadOfToldCompaction,
    /// An event comes before the request of its only writer was asked.
    EventBeforeWrite,
    /// A progress notification names a revision before the request of its only writer was asked.
    ProgressBeforeWrite,
    /// A progress notification names a revision below that of an event that came.
    ProgressBelowEvent,
    /// A watch from now, of which no created frame was seen, misses an event between two that came.
    MissedFromNow,
    /// The event of a key that was not there says that it was not created.
    DeniedCreate,
}

impl Flaw {
    /// All of them.
    #[rustfmt::skip]
    pub const ALL: &[Flaw] = &[
        Flaw::StaleRead, Flaw::OldContent, Flaw::InventedValue, Flaw::RevisionGoesBack, Flaw::LostWrite,
        Flaw::SkippedRevision, Flaw::ResurrectedDelete, Flaw::TornTxnRead, Flaw::FailedWriteTookEffect,
        Flaw::TornSerializableRead, Flaw::SerializableGoesBack, Flaw::WrongHistoricalRead,
        Flaw::ReadOfCompacted, Flaw::UnfoundedCompacted, Flaw::FalseFuture, Flaw::NewestCompacted,
        Flaw::CompactionOfFuture, Flaw::CompactedAgain, Flaw::OddRevision, Flaw::SplitBatch, Flaw::ReorderedWatch,
        Flaw::MissedEvent, Flaw::MissedAfterResume, Flaw::RepeatedEvent, Flaw::RepeatedAfterResume,
        Flaw::WrongPrevKv, Flaw::MissingPrevKv, Flaw::ProgressAhead, Flaw::EventOutsideRange,
        Flaw::UnwantedEvent, Flaw::FalseCreate, Flaw::WrongEventValue, Flaw::ReadOfToldCompaction,
        Flaw::EventBeforeWrite, Flaw::ProgressBeforeWrite, Flaw::ProgressBelowEvent, Flaw::MissedFromNow,
        Flaw::DeniedCreate,
    ];

    /// The name of the flaw.
    pub fn name(self) -> &'static str {
        match self {
            Flaw::StaleRead => "stale-read",
            Flaw::OldContent => "old-content",
            Flaw::InventedValue => "invented-value",
            Flaw::RevisionGoesBack => "revision-goes-back",
            Flaw::LostWrite => "lost-write",
            Flaw::SkippedRevision => "skipped-revision",
            Flaw::ResurrectedDelete => "resurrected-delete",
            Flaw::TornTxnRead => "torn-txn-read",
            Flaw::FailedWriteTookEffect => "failed-write-took-effect",
            Flaw::TornSerializableRead => "torn-serializable-read",
            Flaw::SerializableGoesBack => "serializable-goes-back",
            Flaw::WrongHistoricalRead => "wrong-historical-read",
            Flaw::ReadOfCompacted => "read-of-compacted",
            Flaw::UnfoundedCompacted => "unfounded-compacted",
            Flaw::FalseFuture => "false-future",
            Flaw::NewestCompacted => "newest-compacted",
            Flaw::CompactionOfFuture => "compaction-of-future",
            Flaw::CompactedAgain => "compacted-again",
            Flaw::OddRevision => "odd-revision",
            Flaw::SplitBatch => "split-batch",
            Flaw::ReorderedWatch => "reordered-watch",
            Flaw::MissedEvent => "missed-event",
            Flaw::MissedAfterResume => "missed-after-resume",
            Flaw::RepeatedEvent => "repeated-event",
            Flaw::RepeatedAfterResume => "repeated-after-resume",
            Flaw::WrongPrevKv => "wrong-prev-kv",
            Flaw::MissingPrevKv => "missing-prev-kv",
            Flaw::ProgressAhead => "progress-ahead",
            Flaw::EventOutsideRange => "event-outside-range",
            Flaw::UnwantedEvent => "unwanted-event",
            Flaw::FalseCreate => "false-create",
            Flaw::WrongEventValue => "wrong-event-value",
            Flaw::ReadOfToldCompaction => "read-of-told-compaction",
            Flaw::EventBeforeWrite => "event-before-write",
            Flaw::ProgressBeforeWrite => "progress-before-write",
            Flaw::ProgressBelowEvent => "progress-below-event",
            Flaw::MissedFromNow => "missed-from-now",
            Flaw::DeniedCreate => "denied-create",
        }
    }

    /// The flaw of a name.
    pub fn named(name: &str) -> Option<Flaw> {
        Flaw::ALL.iter().copied().find(|flaw| flaw.name() == name)
    }

    /// The guarantees that fit it: at least one of them must be violated.
    pub fn guarantees(self) -> &'static [&'static str] {
        match self {
            Flaw::StaleRead | Flaw::OldContent | Flaw::InventedValue => &["linearizable"],
            Flaw::RevisionGoesBack => &["linearizable", "revision"],
            Flaw::LostWrite => &["durable", "linearizable"],
            // Or else it was made by a request of unknown outcome, and no watch showed it.
            Flaw::SkippedRevision => &["revision", "linearizable", "watch-reliable"],
            Flaw::ResurrectedDelete => &["linearizable", "durable"],
            Flaw::TornTxnRead => &["txn-atomic", "linearizable"],
            Flaw::FailedWriteTookEffect => &["linearizable", "revision"],
            Flaw::TornSerializableRead | Flaw::SerializableGoesBack => &["serializable-read"],
            Flaw::WrongHistoricalRead => &["historical-read", "linearizable"],
            Flaw::ReadOfCompacted | Flaw::UnfoundedCompacted | Flaw::ReadOfToldCompaction => {
                &["compaction", "historical-read", "linearizable"]
            }
            Flaw::FalseFuture => &["historical-read", "linearizable"],
            Flaw::NewestCompacted | Flaw::CompactionOfFuture | Flaw::CompactedAgain => &["compaction"],
            Flaw::OddRevision => &["revision"],
            Flaw::SplitBatch => &["watch-atomic"],
            Flaw::ReorderedWatch => &["watch-ordered"],
            Flaw::MissedEvent | Flaw::MissedFromNow | Flaw::EventBeforeWrite => &["watch-reliable"],
            Flaw::MissedAfterResume => &["watch-resumable", "watch-reliable"],
            Flaw::RepeatedEvent => &["watch-unique"],
            Flaw::RepeatedAfterResume => &["watch-resumable", "watch-reliable"],
            Flaw::WrongPrevKv | Flaw::MissingPrevKv => &["watch-prev-kv"],
            Flaw::ProgressAhead | Flaw::ProgressBelowEvent => &["watch-bookmarkable"],
            Flaw::ProgressBeforeWrite => &["watch-bookmarkable", "watch-reliable", "revision"],
            Flaw::DeniedCreate => &["watch-is-create", "watch-agreement"],
            Flaw::EventOutsideRange | Flaw::UnwantedEvent => &["watch-filter"],
            Flaw::FalseCreate => &["watch-is-create", "revision"],
            Flaw::WrongEventValue => &["watch-agreement", "watch-reliable", "linearizable"],
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A flaw that waits for its moment.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Trap {
    flaw: Option<Flaw>,
    is_armed: bool,
}

impl Trap {
    pub fn new(flaw: Option<Flaw>) -> Self {
        Trap { flaw, is_armed: false }
    }

    /// From now on it is time. Where values do not tell who wrote them, a request of unknown outcome may
    /// have written what another one says that it did not, or will say that it did.
    pub(crate) fn arm(&mut self, are_values_unique: bool) {
        let needs_its_writer =
            [Flaw::FailedWriteTookEffect, Flaw::EventBeforeWrite, Flaw::ProgressBeforeWrite];
        self.is_armed = are_values_unique || !self.flaw.is_some_and(|flaw| needs_its_writer.contains(&flaw));
    }

    /// Compares with the flaw to put in, before or at its moment.
    pub fn is_of(&self, flaw: Flaw) -> bool {
        self.flaw == Some(flaw)
    }

    /// True if it is time for this one.
    pub(crate) fn waits_for(&self, flaw: Flaw) -> bool {
        self.is_armed && self.flaw == Some(flaw)
    }

    /// True if it needs events that a watch did not ask for.
    pub(crate) fn wants_others(&self) -> bool {
        let of_others = [Flaw::EventOutsideRange, Flaw::UnwantedEvent, Flaw::ProgressBeforeWrite];
        of_others.into_iter().any(|flaw| self.waits_for(flaw))
    }

    /// It is done.
    pub(crate) fn spring(&mut self) {
        self.flaw = None;
    }

    /// True if it was done.
    pub(crate) fn is_sprung(&self) -> bool {
        self.flaw.is_none()
    }
}
