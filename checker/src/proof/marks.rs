//! Marks of the revisions that were seen: two bits of each revision are all that is kept of it for good.

use crate::history::Revision;

/// The revisions in a word.
const PER_WORD: usize = 32;

/// The observations that count as examined as soon as they are seen.
#[derive(Clone, Debug, Default)]
pub(super) struct Marks {
    /// By revision: whether it is acknowledged, and whether it changed several keys; both until it is seen.
    unseen: Vec<u64>,
    /// Acknowledged revisions of which something was seen.
    pub(super) acknowledged: u64,
    /// Revisions of several keys of which something was seen.
    pub(super) several: u64,
}

impl Marks {
    /// A revision was made.
    pub(super) fn made(&mut self, revision: Revision, is_acknowledged: bool, is_several: bool) {
        let Ok(at) = usize::try_from(revision) else { return };
        let bits = u64::from(is_acknowledged) | u64::from(is_several) << 1;
        if self.unseen.len() <= at / PER_WORD {
            self.unseen.resize(at / PER_WORD + 1, 0);
        }
        self.unseen[at / PER_WORD] |= bits << (2 * (at % PER_WORD));
    }

    /// Something of a revision that was made was seen.
    pub(super) fn seen(&mut self, revision: Revision) {
        let Ok(at) = usize::try_from(revision) else { return };
        let Some(word) = self.unseen.get_mut(at / PER_WORD) else { return };
        let bits = *word >> (2 * (at % PER_WORD)) & 3;
        if bits != 0 {
            self.acknowledged += bits & 1;
            self.several += bits >> 1;
            *word &= !(3 << (2 * (at % PER_WORD)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_revision_counts_once() {
        let mut marks = Marks::default();
        for (revision, acknowledged, several) in
            [(2, true, false), (3, false, true), (33, true, true), (34, false, false)]
        {
            marks.made(revision, acknowledged, several);
        }
        for revision in [-1, 2, 2, 3, 34, 34, 1000] {
            marks.seen(revision);
        }
        assert_eq!((marks.acknowledged, marks.several), (1, 1));
        marks.seen(33);
        assert_eq!((marks.acknowledged, marks.several), (2, 2));
    }
}
