//! Whether a history that was read makes sense.

use super::Record;
use super::error::Problem;
use crate::history::{ClientId, Hold, Observer, Outcome, Watch};
use std::collections::BTreeMap;

/// When an operation was open, and on which line it is.
type Open = (u64, u64, u64);

/// Collects what must be compared across lines.
#[derive(Default)]
pub(super) struct Validator {
    operations: BTreeMap<ClientId, Vec<Open>>,
    watches: BTreeMap<u64, u64>,
    resumes: Vec<(u64, u64, u64)>,
    observers: BTreeMap<u64, u64>,
}

impl Validator {
    /// Looks at one record by itself, and remembers it.
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
                let open = (invoke_ns, operation.return_ns.unwrap_or(u64::MAX), line);
                self.operations.entry(operation.client).or_default().push(open);
            }
            Record::Watch(watch) => self.note_watch(watch, line)?,
            Record::Hold(Hold { from_ns, until_ns, .. }) => {
                if let Some(until_ns) = until_ns.filter(|until_ns| until_ns < from_ns) {
                    return Err(Problem::ReleaseBeforeHold { from_ns: *from_ns, until_ns });
                }
            }
            Record::Observer(observer) => self.note_observer(observer, line)?,
            Record::Observation(_) => {}
        }
        Ok(())
    }

    fn note_watch(&mut self, watch: &Watch, line: u64) -> Result<(), Problem> {
        let id = watch.id;
        if let Some(other) = self.watches.insert(id, line) {
            return Err(Problem::WatchTwice { id, other });
        }
        self.resumes.extend(watch.resumes.map(|resumes| (line, id, resumes)));
        let mut last_ns = watch.invoke_ns;
        for (frame, shown) in watch.frames.iter().enumerate() {
            let received_ns = shown.received_ns;
            if received_ns < last_ns {
                return Err(Problem::FrameOutOfOrder { id, frame, received_ns });
            }
            last_ns = received_ns;
        }
        Ok(())
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

    /// Compares the records with each other. An error comes with its line.
    pub(super) fn finish(mut self) -> Result<(), (u64, Problem)> {
        for (client, operations) in &mut self.operations {
            operations.sort_unstable();
            for pair in operations.windows(2) {
                let ((_, return_ns, other), (invoke_ns, _, line)) = (pair[0], pair[1]);
                if invoke_ns < return_ns {
                    return Err((line, Problem::TwoOpen { client: *client, other }));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::build::{Builder, get, kv, lock_hold, ranged, watching};

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
}
