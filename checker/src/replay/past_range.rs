//! Ranges at a revision of their own, wherever in an operation they are.

use crate::history::modified;
use crate::history::{Operation, RangeRequest, RangeResponse, Request, Response, Revision};

/// A range at a revision of its own, and what was answered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PastRange<'h> {
    pub(crate) request: &'h RangeRequest,
    pub(crate) response: &'h RangeResponse,
}

/// Those of an operation, in order: the operation itself, or those in the branches that its txns took.
pub(crate) fn past_ranges(operation: &Operation) -> Vec<PastRange<'_>> {
    let mut found = Vec::new();
    if let Some(response) = operation.response() {
        collect(&operation.request, response, &mut found);
    }
    found
}

fn collect<'h>(request: &'h Request, response: &'h Response, found: &mut Vec<PastRange<'h>>) {
    match (request, response) {
        (Request::Range(request), Response::Range(response)) if request.revision > 0 => {
            found.push(PastRange { request, response });
        }
        (Request::Txn(request), Response::Txn(response)) => {
            let branch = if response.succeeded { &request.success } else { &request.failure };
            branch
                .iter()
                .zip(&response.responses)
                .for_each(|(request, response)| collect(request, response, found));
        }
        _ => {}
    }
}

/// The newest revision that an answered operation can have asked for: a txn is checked before it writes.
pub(crate) fn newest_to_ask_for(response: &Response) -> Revision {
    response.header().revision - Revision::from(modified(response))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::build::*;

    #[test]
    fn finds_those_of_the_branches_that_ran() {
        let inner = txn([], [get("c"), range_at("d", "", 4)], []);
        let request = txn([], [range_at("a", "", 2), put("b", "1"), inner], [range_at("x", "", 3)]);
        let nested = decided(0, true, [ranged(5, []), ranged(5, [])]);
        let mut h = Builder::default();
        h.ok(0, request, decided(5, true, [ranged(4, []), written(5), nested]));
        h.ok(0, range_at("a", "", 3), ranged(5, []));
        h.ok(0, get("a"), ranged(5, []));
        h.unknown(0, range_at("a", "", 3));
        let operations = h.build().operations;
        let asked = |at: usize| -> Vec<_> {
            past_ranges(&operations[at]).iter().map(|range| range.request.revision).collect()
        };
        assert_eq!([asked(0), asked(1), asked(2), asked(3)], [vec![2, 4], vec![3], vec![], vec![]]);
        let newest = |at: usize| newest_to_ask_for(operations[at].response().unwrap());
        assert_eq!((newest(0), newest(1)), (4, 5));
    }
}
