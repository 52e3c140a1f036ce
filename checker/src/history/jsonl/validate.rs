//! True if a history that was read makes sense.

use super::Record;
use super::across::{Across, Listed};
use super::error::Problem;
use crate::history::{AdminCall, ClientId, Hold, Observer, Outcome, Watch, WatchEnd, WatchFrame};
use std::collections::BTreeMap;

/// A watch of which more may come.
#[derive(Clone, Copy, Debug)]
struct OpenWatch {
    last_ns: u64,
    frames: usize,
}

/// Looks at records, each by itself and with those before it.
pub(super) struct Validator {
    across: Across,
    open: BTreeMap<u64, OpenWatch>,
    observers: BTreeMap<u64, u64>,
    /// The lines of the namespaces, by client.
    namespaces: BTreeMap<ClientId, u64>,
}

impl Default for Validator {
    /// For records in any order.
    fn default() -> Self {
        Validator::new(Across::Listed(Listed::default()))
    }
}

fn note_admin(call: &AdminCall) -> Result<(), Problem> {
    let invoke_ns = call.invoke_ns;
    if let Some(return_ns) = call.return_ns.filter(|return_ns| *return_ns < invoke_ns) {
        return Err(Problem::ReturnBeforeInvoke { invoke_ns, return_ns });
    }
    if call.return_ns.is_none() && !matches!(call.outcome, Outcome::Unknown(_)) {
        return Err(Problem::AnsweredWithoutReturn);
    }
    if call.response().is_some_and(|response| !call.request.is_answered_by(response)) {
        return Err(Problem::OtherResponse);
    }
    Ok(())
}

impl Validator {
    pub(super) fn new(across: Across) -> Self {
        Validator { across, open: BTreeMap::new(), observers: BTreeMap::new(), namespaces: BTreeMap::new() }
    }

    /// Looks at one record, and remembers it.
    pub(super) fn note(&mut self, record: &Record, line: u64) -> Result<(), Problem> {
        match record {
            Record::Operation(operation) => {
                let invoke_ns = operation.invoke_ns;
                if let Some(return_ns) = operation.return_ns.filter(|return_ns| *return_ns < invoke_ns) {
                    return Err(Problem::ReturnBeforeInvoke { invoke_ns, return_ns });
                }
                if operation.return_ns.is_none() && !matches!(operation.outcome, Outcome::Unknown(_)) {
                    return Err(Problem::AnsweredWithoutReturn);
                }
                if operation.response().is_some_and(|response| !operation.request.is_answered_by(response)) {
                    return Err(Problem::OtherResponse);
                }
                let open = (invoke_ns, operation.return_ns.unwrap_or(u64::MAX), line);
                self.across.operation(operation.client, open)?;
            }
            Record::Watch(watch) => self.note_watch(watch, line)?,
            Record::Frame { watch, frame } => self.open(*watch)?.note(*watch, frame)?,
            Record::WatchEnd { watch, end, end_ns } => {
                let last_ns = self.open(*watch)?.last_ns;
                if *end == WatchEnd::Open {
                    return Err(Problem::OpenEnd { id: *watch });
                }
                if let Some(end_ns) = end_ns.filter(|end_ns| *end_ns < last_ns) {
                    return Err(Problem::EndOutOfOrder { id: *watch, end_ns, last_ns });
                }
                self.open.remove(watch);
            }
            Record::Hold(Hold { from_ns, until_ns, .. }) => {
                if let Some(until_ns) = until_ns.filter(|until_ns| until_ns < from_ns) {
                    return Err(Problem::ReleaseBeforeHold { from_ns: *from_ns, until_ns });
                }
            }
            Record::Observer(observer) => self.note_observer(observer, line)?,
            Record::Admin(call) => note_admin(call)?,
            Record::Namespace { client, prefix } => {
                if prefix.is_empty() {
                    return Err(Problem::NoPrefix { client: *client });
                }
                if let Some(other) = self.namespaces.insert(*client, line) {
                    return Err(Problem::NamespaceTwice { client: *client, other });
                }
            }
            Record::Observation(_) => {}
        }
        Ok(())
    }

    fn note_watch(&mut self, watch: &Watch, line: u64) -> Result<(), Problem> {
        self.across.watch(watch.id, watch.resumes, line)?;
        let mut open = OpenWatch { last_ns: watch.invoke_ns, frames: 0 };
        watch.frames.iter().try_for_each(|frame| open.note(watch.id, frame))?;
        if !watch.is_over() {
            self.open.insert(watch.id, open);
        }
        Ok(())
    }

    /// The watch to which a piece is to be added.
    fn open(&mut self, id: u64) -> Result<&mut OpenWatch, Problem> {
        let is_known = self.across.has_watch(id);
        let missing = if is_known { Problem::WatchIsOver { id } } else { Problem::PieceOfNoWatch { id } };
        self.open.get_mut(&id).ok_or(missing)
    }

    fn note_observer(&mut self, observer: &Observer, line: u64) -> Result<(), Problem> {
        let id = observer.id;
        if let Some(other) = self.observers.insert(id, line) {
            return Err(Problem::ObserverTwice { id, other });
        }
        let mut last_ns = observer.invoke_ns;
        for (frame, shown) in observer.frames.iter().enumerate() {
            let received_ns = shown.received_ns;
            if received_ns < last_ns {
                return Err(Problem::LeaderOutOfOrder { id, frame, received_ns });
            }
            last_ns = received_ns;
        }
        Ok(())
    }

    /// True if all that must be compared was; where everything is remembered, that is for [`Self::finish`].
    pub(super) fn is_sure(&self) -> bool {
        self.across.is_sure()
    }

    /// The number of entries remembered.
    pub(super) fn size(&self) -> usize {
        self.across.size() + self.open.len() + self.observers.len() + self.namespaces.len()
    }

    /// Compares the records with each other. An error comes with its line.
    pub(super) fn finish(self) -> Result<(), (u64, Problem)> {
        self.across.finish()
    }
}

impl OpenWatch {
    fn note(&mut self, id: u64, frame: &WatchFrame) -> Result<(), Problem> {
        let received_ns = frame.received_ns;
        if received_ns < self.last_ns {
            return Err(Problem::FrameOutOfOrder { id, frame: self.frames, received_ns });
        }
        self.last_ns = received_ns;
        self.frames += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::build::*;

    #[test]
    fn watches_must_make_sense_together() {
        let mut h = Builder::default();
        let first = h.watch(0, watching("a", "", 0));
        h.created(first, 1);
        h.resume(first, 2);
        let watches = h.build().watches;
        let note = |watches: &[Watch]| {
            let mut validator = Validator::default();
            for (at, watch) in watches.iter().enumerate() {
                validator
                    .note(&Record::Watch(watch.clone()), at as u64)
                    .map_err(|problem| (at as u64, problem))?;
            }
            validator.finish()
        };
        assert!(note(&watches).is_ok());
        assert!(matches!(note(&watches[1..]), Err((0, Problem::ResumesNothing { id: 1, resumes: 0 }))));
        let twice = [watches[0].clone(), watches[0].clone()];
        assert!(matches!(note(&twice), Err((1, Problem::WatchTwice { id: 0, other: 0 }))));
        let mut early = watches;
        early[0].frames[0].received_ns = 1;
        assert!(matches!(note(&early), Err((0, Problem::FrameOutOfOrder { frame: 0, .. }))));
    }

    #[test]
    fn the_pieces_of_a_watch_must_fit() {
        let mut h = Builder::default();
        let first = h.watch(0, watching("a", "", 0));
        let whole = h.build().watches.remove(first);
        let frame = |received_ns| Record::Frame {
            watch: 0,
            frame: WatchFrame { received_ns, created: true, ..WatchFrame::default() },
        };
        let end = |end: WatchEnd, end_ns| Record::WatchEnd { watch: 0, end, end_ns };
        let broken = |end_ns| end(WatchEnd::Broken, end_ns);
        let begun = || Record::Watch(whole.clone());
        let over = || Record::Watch(Watch { end: WatchEnd::Closed, ..whole.clone() });
        let note = |records: &[Record]| {
            let mut validator = Validator::default();
            records.iter().try_for_each(|record| validator.note(record, 1))
        };
        assert!(note(&[begun(), frame(10), frame(20), frame(20), broken(Some(20))]).is_ok());
        assert!(note(&[begun(), frame(10), broken(None)]).is_ok());
        assert!(matches!(note(&[frame(10)]), Err(Problem::PieceOfNoWatch { id: 0 })));
        assert!(matches!(note(&[broken(None)]), Err(Problem::PieceOfNoWatch { id: 0 })));
        assert!(matches!(note(&[over(), frame(10)]), Err(Problem::WatchIsOver { id: 0 })));
        assert!(matches!(note(&[begun(), broken(None), frame(10)]), Err(Problem::WatchIsOver { id: 0 })));
        assert!(matches!(note(&[begun(), broken(None), broken(None)]), Err(Problem::WatchIsOver { id: 0 })));
        assert!(matches!(note(&[begun(), end(WatchEnd::Open, None)]), Err(Problem::OpenEnd { id: 0 })));
        assert!(matches!(
            note(&[begun(), frame(20), frame(19)]),
            Err(Problem::FrameOutOfOrder { frame: 1, received_ns: 19, .. })
        ));
        assert!(matches!(
            note(&[begun(), frame(20), broken(Some(19))]),
            Err(Problem::EndOutOfOrder { end_ns: 19, last_ns: 20, .. })
        ));
        assert!(matches!(note(&[begun(), frame(9)]), Err(Problem::FrameOutOfOrder { frame: 0, .. })));
    }

    #[test]
    fn observers_and_holds_must_make_sense() {
        let mut h = Builder::default();
        let observer = h.observe(0, "e");
        h.observed(observer, 3, kv("e/7", "me", 2, 3, 2));
        h.observed(observer, 4, kv("e/7", "me", 2, 4, 3));
        let hold = h.hold(1, lock_hold("l", "l/7", 7, 5), 10, Some(20));
        let history = h.build();
        let shown = history.observers[0].clone();
        let mut validator = Validator::default();
        validator.note(&Record::Observer(shown.clone()), 1).unwrap();
        let twice = validator.note(&Record::Observer(shown.clone()), 2);
        assert!(matches!(twice, Err(Problem::ObserverTwice { id: 0, other: 1 })));
        let mut late = shown;
        late.frames[0].received_ns = late.frames[1].received_ns + 1;
        let noted = Validator::default().note(&Record::Observer(late), 1);
        assert!(matches!(noted, Err(Problem::LeaderOutOfOrder { frame: 1, .. })));
        let held = history.holds[hold].clone();
        validator.note(&Record::Hold(held.clone()), 3).unwrap();
        let noted = validator.note(&Record::Hold(Hold { until_ns: Some(9), ..held }), 4);
        assert!(matches!(noted, Err(Problem::ReleaseBeforeHold { from_ns: 10, until_ns: 9 })));
    }

    #[test]
    fn an_answer_has_a_time() {
        let mut h = Builder::default();
        h.ok(0, get("a"), ranged(1, []));
        let mut operation = h.build().operations.remove(0);
        operation.return_ns = None;
        let noted = Validator::default().note(&Record::Operation(operation), 1);
        assert!(matches!(noted, Err(Problem::AnsweredWithoutReturn)));
    }

    #[test]
    fn an_answer_is_one_to_its_request() {
        let answered = [
            (lock("l", 7), ranged(1, [])),
            (keep_alive(7), written(2)),
            (time_to_live(7), granted(1, 7, 60)),
            (put("a", "1"), ranged(1, [])),
        ];
        for (request, response) in answered {
            let mut h = Builder::default();
            h.ok(0, request.clone(), response);
            let operation = h.build().operations.remove(0);
            let noted = Validator::default().note(&Record::Operation(operation), 1);
            assert!(matches!(noted, Err(Problem::OtherResponse)), "{request:?}");
        }
    }
}
