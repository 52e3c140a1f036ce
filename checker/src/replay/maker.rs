//! Makers of revisions that no answer tells.

use crate::history::Revision;

/// A possible maker of a revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Maker {
    /// The operation at this index, as it was asked.
    Operation(usize),
    /// One step of an operation of several, or of one whose answer does not say whether it changed anything:
    /// the one at this index of [`super::deeds::Deeds`].
    Deed(usize),
    /// No operation: this lease ran out.
    RunOut(i64),
}

/// The revisions at which a deed can have been done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bound {
    /// At this revision, if at all.
    At(Revision),
    /// At this revision or before it.
    UpTo(Revision),
    /// The answer does not say.
    Never,
}

impl Bound {
    /// True if it leaves room for a revision.
    pub(super) fn allows(self, revision: Revision) -> bool {
        match self {
            Bound::At(at) => at == revision,
            Bound::UpTo(last) => revision <= last,
            Bound::Never => true,
        }
    }
}
