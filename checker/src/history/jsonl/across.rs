//! Checks across lines: one operation of a client at a time, and one watch of an id.

use super::error::Problem;
use crate::history::ClientId;
use crate::ids::Ids;
use std::collections::BTreeMap;

/// The interval of an open operation, and its line.
pub(super) type OpenInterval = (u64, u64, u64);

/// The memory of earlier lines.
pub(super) enum Across {
    Listed(Listed),
    Bounded(Bounded),
}

/// Everything, for lines in any order.
#[derive(Default)]
pub(super) struct Listed {
    operations: BTreeMap<ClientId, Vec<OpenInterval>>,
    /// The lines of the watches, by id.
    watches: BTreeMap<u64, u64>,
    resumes: Vec<(u64, u64, u64)>,
}

/// No more than it takes where lines are in order: of each client its last operation, and of the watches
/// their ids, as ranges.
#[derive(Default)]
pub(super) struct Bounded {
    last: BTreeMap<ClientId, OpenInterval>,
    watches: Ids,
    is_out_of_order: bool,
}

impl Across {
    pub(super) fn operation(&mut self, client: ClientId, open: OpenInterval) -> Result<(), Problem> {
        match self {
            Across::Listed(listed) => listed.operations.entry(client).or_default().push(open),
            Across::Bounded(bounded) => return bounded.operation(client, open),
        }
        Ok(())
    }

    pub(super) fn watch(&mut self, id: u64, resumes: Option<u64>, line: u64) -> Result<(), Problem> {
        match self {
            Across::Listed(listed) => {
                if let Some(other) = listed.watches.insert(id, line) {
                    return Err(Problem::WatchTwice { id, other });
                }
                listed.resumes.extend(resumes.map(|resumes| (line, id, resumes)));
            }
            Across::Bounded(bounded) => {
                // The line of the other one, or one that comes later, is for the whole reading to find.
                let is_known = resumes.is_none_or(|resumes| bounded.watches.contains(resumes));
                bounded.is_out_of_order |= !bounded.watches.add(id) || !is_known;
            }
        }
        Ok(())
    }

    /// True if there is a watch of an id.
    pub(super) fn has_watch(&self, id: u64) -> bool {
        match self {
            Across::Listed(listed) => listed.watches.contains_key(&id),
            Across::Bounded(bounded) => bounded.watches.contains(id),
        }
    }

    /// True if all that must be compared was.
    pub(super) fn is_sure(&self) -> bool {
        !matches!(self, Across::Bounded(Bounded { is_out_of_order: true, .. }))
    }

    /// The number of entries remembered.
    pub(super) fn size(&self) -> usize {
        match self {
            Across::Listed(Listed { operations, watches, resumes }) => {
                operations.values().map(Vec::len).sum::<usize>() + watches.len() + resumes.len()
            }
            Across::Bounded(Bounded { last, watches, .. }) => last.len() + watches.range_count(),
        }
    }

    /// Compares what could not be compared before. An error comes with its line.
    pub(super) fn finish(self) -> Result<(), (u64, Problem)> {
        match self {
            Across::Listed(listed) => listed.finish(),
            Across::Bounded(_) => Ok(()),
        }
    }
}

impl Listed {
    fn finish(mut self) -> Result<(), (u64, Problem)> {
        for (client, operations) in &mut self.operations {
            operations.sort_unstable();
            for pair in operations.windows(2) {
                if let Some(error) = two_open(*client, pair[0], pair[1]) {
                    return Err(error);
                }
            }
        }
        for (line, id, resumes) in self.resumes {
            if !self.watches.contains_key(&resumes) {
                return Err((line, Problem::ResumesNothing { id, resumes }));
            }
        }
        Ok(())
    }
}

impl Bounded {
    fn operation(&mut self, client: ClientId, open: OpenInterval) -> Result<(), Problem> {
        let Some(last) = self.last.insert(client, open) else { return Ok(()) };
        self.is_out_of_order |= open.1 < last.1;
        match two_open(client, last.min(open), last.max(open)) {
            // It is noticed on the later line, whichever of the two that holds.
            Some((_, problem)) => Err(match problem {
                Problem::TwoOpen { client, .. } => Problem::TwoOpen { client, other: last.2 },
                problem => problem,
            }),
            None => Ok(()),
        }
    }
}

/// True if a client began an operation before its last one ended; with the line where it did.
fn two_open(client: ClientId, first: OpenInterval, second: OpenInterval) -> Option<(u64, Problem)> {
    let ((_, return_ns, other), (invoke_ns, _, line)) = (first, second);
    (invoke_ns < return_ns).then_some((line, Problem::TwoOpen { client, other }))
}
