//! The term and the log that a member's disk must hold, by what the member did.
//!
//! Raft: the current term, the vote and the log are on stable storage before a member answers (Ongaro and Ousterhout 2014,
//! figure 2, "Persistent state"). An entry is applied once it is durable, and with it the term in which it came. That a member
//! led says nothing: the only voter needs no answer, and leads before its disk knows.

/// The highest term and index that were durable on a disk, each with the observation that shows it.
#[derive(Clone, Debug, Default)]
pub(super) struct KeptLog {
    term: Option<(u64, usize)>,
    index: Option<(u64, usize)>,
}

impl KeptLog {
    /// Notes a term that was durable when an observation was made.
    pub(super) fn holds_term(&mut self, term: u64, observation: usize) {
        raise(&mut self.term, term, observation);
    }

    /// Notes an index up to which the log was durable when an observation was made.
    pub(super) fn holds_index(&mut self, index: u64, observation: usize) {
        raise(&mut self.index, index, observation);
    }

    /// What a member that starts with this term and last index has forgotten: in words, its kind, and the observation that
    /// shows what the member had.
    pub(super) fn forgotten(
        &self,
        term: Option<u64>,
        last_index: Option<u64>,
    ) -> Option<(String, &'static str, usize)> {
        let lost = |kept: Option<(u64, usize)>, found: Option<u64>| {
            kept.zip(found).filter(|((kept, _), found)| found < kept)
        };
        let of_term = lost(self.term, term).map(|((kept, at), found)| {
            (format!("in term {found}, after it had been in term {kept}"), "forgot-term", at)
        });
        of_term.or_else(|| {
            lost(self.index, last_index).map(|((kept, at), found)| {
                let why = format!("with a log up to {found}, after it had applied entry {kept}");
                (why, "forgot-entries", at)
            })
        })
    }
}

fn raise(kept: &mut Option<(u64, usize)>, value: u64, observation: usize) {
    if kept.is_none_or(|(highest, _)| highest < value) {
        *kept = Some((value, observation));
    }
}
