//! The marks that a run reached.

use super::every::{every, of_count, of_field, of_state};
use super::values::{Class, Place, visit};
use crate::counters::Counters;
use revline_store::frame::{ClientFrame, ServerFrame};
use revline_store::mark::Mark;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The marks that a run reached so far.
#[derive(Debug, Default)]
pub(crate) struct Reached {
    /// Fields by the addresses of their names, which cost least to compare. The order never shows.
    fields: BTreeSet<FieldAddress>,
    marks: BTreeSet<String>,
    /// With the time of the first, in nanoseconds.
    states: BTreeMap<Mark, u64>,
    own: BTreeMap<String, bool>,
}

/// A field by addresses: true in a txn, the container, the field, the class.
type FieldAddress = (bool, usize, usize, Class);

impl Reached {
    /// Notes everything in a frame that a client sends.
    pub fn sent(&mut self, frame: &ClientFrame) {
        self.value(frame);
    }

    /// Notes everything in a frame that a client receives.
    pub fn received(&mut self, frame: &ServerFrame) {
        match frame {
            ServerFrame::Reply { result: Ok(reply), .. } => self.value(reply),
            ServerFrame::Watch { response, .. } => self.value(response),
            ServerFrame::Observe { response: Ok(response), .. } => self.value(response),
            ServerFrame::Reply { result: Err(error), .. }
            | ServerFrame::Observe { response: Err(error), .. } => {
                self.value(error);
            }
        }
    }

    fn value(&mut self, value: &impl Serialize) {
        let Reached { fields, marks, .. } = self;
        visit(value, &mut |place: Place<'static>, class| {
            let Place { in_txn, container, field } = place;
            if fields.insert((in_txn, container.as_ptr() as usize, field.as_ptr() as usize, class)) {
                marks.insert(of_field(&place, class));
            }
        });
    }

    /// Notes the state of a machine.
    pub fn state(&mut self, mark: Mark, now_ns: u64) {
        self.states.entry(mark).or_insert(now_ns);
    }

    /// Notes a mark of the program in the world, reached or not.
    pub fn own(&mut self, name: &str, reached: bool) {
        match self.own.get_mut(name) {
            Some(before) => *before |= reached,
            None => {
                self.own.insert(name.to_owned(), reached);
            }
        }
    }

    /// The marks, at the end of a run that counted so.
    pub fn take(&mut self, counters: &Counters) -> Marks {
        let Reached { mut marks, states, own, .. } = std::mem::take(self);
        marks.extend(states.keys().map(|mark| of_state(mark.name())));
        let counted = counters.named().into_iter().filter(|(_, count)| *count > 0);
        marks.extend(counted.map(|(name, _)| of_count(name)));
        let position = |name: &String| every().binary_search(name).ok();
        debug_assert!(
            marks.iter().all(|name| position(name).is_some()),
            "not in the list of all marks: {:?}",
            marks.iter().filter(|name| position(name).is_none()).collect::<Vec<_>>()
        );
        let known = marks.iter().filter_map(position).filter_map(|position| u16::try_from(position).ok());
        Marks { known: known.collect(), states: states.into_iter().collect(), own }
    }
}

/// The marks that a run reached: some of [`every`], and those of the program in the world.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    known: Box<[u16]>,
    states: Box<[(Mark, u64)]>,
    own: BTreeMap<String, bool>,
}

impl Marks {
    /// The marks of [`every`] that were reached, in order.
    pub fn known(&self) -> impl Iterator<Item = &'static str> {
        self.known.iter().filter_map(|position| every().get(usize::from(*position)).map(String::as_str))
    }

    /// The positions in [`every`] of the marks that were reached, in order.
    pub fn positions(&self) -> impl Iterator<Item = usize> {
        self.known.iter().map(|&position| usize::from(position))
    }

    /// The rare states of machines that were reached, each with the time of the first, in nanoseconds.
    pub fn states(&self) -> impl Iterator<Item = (Mark, u64)> {
        self.states.iter().copied()
    }

    /// The marks of the program in the world ([`crate::World::mark`], [`crate::World::sometimes`]), in order, and whether
    /// each was reached.
    pub fn own(&self) -> impl Iterator<Item = (&str, bool)> {
        self.own.iter().map(|(name, &reached)| (name.as_str(), reached))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use revline_store::api::{PutRequest, RangeRequest, Request, RequestOp, TxnRequest};
    use revline_store::frame::Call;

    fn marks_of(request: Request) -> Vec<&'static str> {
        let mut reached = Reached::default();
        reached.sent(&ClientFrame::Call {
            call: 1,
            request: Call::Kv(request),
            token: None,
            requires_leader: false,
        });
        reached.take(&Counters::default()).known().collect()
    }

    #[test]
    fn every_field_of_a_request_is_a_mark() {
        let range =
            RangeRequest { key: "a".into(), limit: -1, serializable: true, ..RangeRequest::default() };
        let marks = marks_of(Request::Range(range));
        for mark in [
            "Call.Kv",
            "Request.Range",
            "RangeRequest.key some",
            "RangeRequest.range_end empty",
            "RangeRequest.limit negative",
            "RangeRequest.serializable true",
            "RangeRequest.revision zero",
            "SortOrder.None",
        ] {
            assert!(marks.contains(&mark), "{mark}: {marks:?}");
        }
        assert!(!marks.contains(&"RangeRequest.limit zero"));
    }

    #[test]
    fn an_operation_of_a_txn_has_marks_of_its_own() {
        let put = PutRequest { key: "a".into(), lease: 7, ..PutRequest::default() };
        let marks = marks_of(Request::Txn(TxnRequest {
            success: vec![RequestOp::Put(put)],
            ..TxnRequest::default()
        }));
        assert!(marks.contains(&"txn: PutRequest.lease positive"), "{marks:?}");
        assert!(marks.contains(&"TxnRequest.success one") && marks.contains(&"TxnRequest.compare empty"));
        assert!(!marks.contains(&"PutRequest.lease positive"));
    }

    #[test]
    fn a_state_is_noted_with_the_time_of_the_first() {
        let mut reached = Reached::default();
        for (mark, now_ns) in [(Mark::TornRecord, 7), (Mark::LogConflict, 8), (Mark::TornRecord, 9)] {
            reached.state(mark, now_ns);
        }
        let marks = reached.take(&Counters::default());
        assert_eq!(marks.states().collect::<Vec<_>>(), [(Mark::LogConflict, 8), (Mark::TornRecord, 7)]);
        assert!(marks.known().any(|mark| mark == of_state(Mark::TornRecord.name())));
    }

    #[test]
    fn the_list_of_marks_has_every_field_with_every_class() {
        let every = every();
        assert!(every.is_sorted());
        for mark in [
            "RangeRequest.limit negative",
            "txn: DeleteRangeRequest.prev_kv true",
            "txn: RangeRequest.limit negative",
            "CompareTarget.Lease zero",
            "SortTarget.Value",
            "Error.Compacted",
            "WatchResponse.fragment true",
            "PutResponse.prev_kv present",
            "count: two_leaders",
        ] {
            assert!(every.iter().any(|known| known == mark), "{mark}");
        }
    }
}
