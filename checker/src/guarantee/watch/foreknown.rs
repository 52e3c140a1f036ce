//! Revisions that a watch tells of before they can have been made: part of [`super::watch_reliable`].
//!
//! An event says that its revision was there when it arrived, and so does the header of any other frame; and with it
//! every revision before. So who made one of them had been asked by then. Only makers that are certain count: where
//! there is another candidate writer, nothing is said.

use crate::evidence::{Evidence, Exhibit};
use crate::guarantee::Case;
use crate::history::{History, Outcome, Revision};
use crate::replay::{Line, puts_with_lease};

/// The earliest times at which revisions can have been made.
pub(super) struct Foreknown {
    /// By revision: of those that made it and the ones before, the operation that was asked last, and when.
    asked: Vec<Option<(u64, usize)>>,
    /// The number of revisions that can have been made; `None` where requests may make several, leases expire, or the
    /// line is not whole.
    count: Option<Count>,
}

/// The operations of unknown outcome, each of which can have made one revision.
struct Count {
    /// By revision: how many of those up to it are in no answer.
    unanswered: Vec<usize>,
    /// The times of the requests, in order.
    asked_ns: Vec<u64>,
}

impl Foreknown {
    /// Reads it from the line.
    pub(super) fn of(case: &Case<'_>, line: &Line) -> Self {
        let operations = &case.history.operations;
        let mut last: Option<(u64, usize)> = None;
        // From a revision on that two operations claim, or none can have made, nothing is certain.
        let end = line.end().min(line.sound_before().saturating_sub(1));
        let asked = (0..=end).map(|revision| {
            let own = line.certain_writer(revision).map(|writer| (operations[writer].invoke_ns, writer));
            last = last.max(own);
            last
        });
        let is_whole = line.sound_before() == Revision::MAX;
        let count = if is_whole { Count::of(case.history, line) } else { None };
        Foreknown { asked: asked.collect(), count }
    }

    /// The first frame of a watch that tells of what cannot have been there.
    pub(super) fn told(&self, case: &Case<'_>, index: usize) -> Option<Evidence> {
        let history = case.history;
        for (at, frame) in history.watches[index].frames.iter().enumerate() {
            let event = (0..frame.events.len()).max_by_key(|event| frame.events[*event].kv.mod_revision);
            let of_event = event.map_or(0, |event| frame.events[event].kv.mod_revision);
            let exhibit = |revision: Revision| match event {
                Some(event) if of_event == revision => Exhibit::event(history, index, at, event),
                _ => Exhibit::frame(history, index, at),
            };
            let revision = frame.revision.max(of_event);
            if let Some((_, writer)) = self.asked_after(revision, frame.received_ns) {
                let message = format!(
                    "a watch told of revision {revision} before what made it, or one before it, was asked for"
                );
                let exhibits = vec![exhibit(revision), case.operation(writer)];
                return Some(Evidence::new("before-its-write", message, exhibits));
            }
            if self.count.as_ref().is_some_and(|count| count.is_beyond(revision, frame.received_ns)) {
                let message = format!(
                    "a watch told of revision {revision}, and fewer had been made by all that had been asked for"
                );
                return Some(Evidence::new("revision-of-the-future", message, vec![exhibit(revision)]));
            }
        }
        None
    }

    /// The last maker of a revision or one before it that was asked only after a moment.
    fn asked_after(&self, revision: Revision, at_ns: u64) -> Option<(u64, usize)> {
        let at = usize::try_from(revision).ok()?.min(self.asked.len().checked_sub(1)?);
        self.asked[at].filter(|(asked_ns, _)| *asked_ns > at_ns)
    }
}

impl Count {
    fn of(history: &History, line: &Line) -> Option<Self> {
        let mut asked_ns = Vec::new();
        for operation in &history.operations {
            if operation.request.is_of_leases() || puts_with_lease(&operation.request) > 0 {
                return None;
            }
            if matches!(operation.outcome, Outcome::Unknown(_)) && operation.request.may_write() {
                asked_ns.push(operation.invoke_ns);
            }
        }
        asked_ns.sort_unstable();
        let mut count = 0;
        let is_unanswered = |revision: Revision| {
            let writer = line.writer(revision);
            writer.is_some_and(|writer| matches!(history.operations[writer].outcome, Outcome::Unknown(_)))
        };
        let unanswered = (0..=line.end()).map(|revision| {
            count += usize::from(is_unanswered(revision));
            count
        });
        Some(Count { unanswered: unanswered.collect(), asked_ns })
    }

    /// True if there are fewer revisions, even if all that was asked by a moment was done.
    fn is_beyond(&self, revision: Revision, at_ns: u64) -> bool {
        let (Ok(revision), Some(last)) = (usize::try_from(revision), self.unanswered.last()) else {
            return false;
        };
        let end = self.unanswered.len() - 1;
        let needed = self.unanswered.get(revision).copied().unwrap_or(last + revision.saturating_sub(end));
        needed > self.asked_ns.partition_point(|asked_ns| *asked_ns <= at_ns)
    }
}

#[cfg(test)]
mod tests {
    use super::super::watch_reliable::check;
    use super::*;
    use crate::history::build::*;
    use crate::history::{WatchFrame, WatchRequest};
    use crate::verdict::Verdict;

    /// `a` is put at 2, at 10 to 20, and at 3, at 30 to 40. A watch shows frames at moments.
    fn judged(
        request: WatchRequest,
        frames: Vec<(u64, WatchFrame)>,
        more: impl FnOnce(&mut Builder),
    ) -> Verdict {
        let mut h = Builder::default();
        for (value, revision, invoke_ns) in [("1", 2, 10), ("2", 3, 30)] {
            let write = h.ok(0, put("a", value), written(revision));
            h.during(write, invoke_ns, invoke_ns + 10);
        }
        more(&mut h);
        let watch = h.watch(1, request);
        let mut history = h.build();
        history.watches[watch].invoke_ns = 1;
        history.watches[watch].frames =
            frames.into_iter().map(|(received_ns, frame)| WatchFrame { received_ns, ..frame }).collect();
        both_ways(&history)
    }

    /// The verdict of the long way; whoever asks for all guarantees, and so may be told by the stream, hears the same.
    fn both_ways(history: &History) -> Verdict {
        let verdict = check(&Case::new(history));
        let all = crate::judge::Judge::new(history).run();
        let told = all.get("watch-reliable").is_some_and(Verdict::is_violated);
        assert_eq!(told, verdict.is_violated(), "{verdict}");
        verdict
    }

    fn event(value: &str, revision: Revision) -> WatchFrame {
        let events = vec![put_event(kv("a", value, 2, revision, revision - 1))];
        WatchFrame { revision, events, ..WatchFrame::default() }
    }

    fn header(revision: Revision) -> WatchFrame {
        WatchFrame { revision, ..WatchFrame::default() }
    }

    fn kind(verdict: &Verdict) -> &str {
        verdict.evidence().unwrap_or_else(|| panic!("{verdict}")).kind.as_str()
    }

    fn nothing(_: &mut Builder) {}

    #[test]
    fn accepts_what_was_asked_for_before() {
        let all = || watching("a", "", 1);
        assert!(judged(all(), vec![(10, event("1", 2)), (30, event("2", 3))], nothing).holds());
        assert!(
            judged(all(), vec![(15, event("1", 2)), (16, header(2)), (50, event("2", 3))], nothing).holds()
        );
        let created = WatchFrame { created: true, ..header(3) };
        assert!(
            judged(all(), vec![(30, created), (31, event("1", 2)), (32, event("2", 3))], nothing).holds()
        );
    }

    #[test]
    fn rejects_an_event_before_its_only_writer_was_asked() {
        let all = || watching("a", "", 1);
        assert_eq!(kind(&judged(all(), vec![(5, event("1", 2))], nothing)), "before-its-write");
        assert_eq!(
            kind(&judged(all(), vec![(15, event("1", 2)), (29, event("2", 3))], nothing)),
            "before-its-write"
        );
        // The value tells who wrote it, though nobody was answered.
        let lost = |invoke_ns: u64| {
            let event = WatchFrame { revision: 4, ..event("3", 4) };
            judged(all(), vec![(15, self::event("1", 2)), (41, self::event("2", 3)), (45, event)], |h| {
                let lost = h.unknown(2, put("a", "3"));
                h.during(lost, invoke_ns, invoke_ns + 10);
            })
        };
        assert!(lost(44).holds());
        assert_eq!(kind(&lost(60)), "before-its-write");
    }

    #[test]
    fn accepts_an_event_that_another_operation_may_have_written() {
        let lost = |others_ns: u64| {
            let frames = vec![(15, event("1", 2)), (41, event("2", 3)), (45, event("3", 4))];
            judged(watching("a", "", 1), frames, |h| {
                for invoke_ns in [60, others_ns] {
                    let lost = h.unknown(2, put("a", "3"));
                    h.during(lost, invoke_ns, invoke_ns + 10);
                }
            })
        };
        assert!(lost(44).holds());
        assert!(lost(61).is_violated());
    }

    #[test]
    fn rejects_progress_and_headers_before_what_made_them() {
        let all = || watching("b", "", 1);
        let created = |revision| WatchFrame { created: true, ..header(revision) };
        assert!(!judged(all(), vec![(10, header(2)), (30, header(3))], nothing).is_violated());
        for frames in [
            vec![(9, header(2))],
            vec![(15, header(2)), (25, header(3))],
            vec![(5, created(2))],
            vec![(15, created(2)), (29, header(3))],
        ] {
            assert_eq!(kind(&judged(all(), frames, nothing)), "before-its-write");
        }
    }

    #[test]
    fn rejects_progress_that_nobody_can_have_made() {
        let all = || watching("b", "", 1);
        assert_eq!(kind(&judged(all(), vec![(90, header(4))], nothing)), "revision-of-the-future");
        let with_lost = |revision: Revision, at_ns: u64| {
            judged(all(), vec![(at_ns, header(revision))], |h| {
                for invoke_ns in [60, 70] {
                    let lost = h.unknown(2, put("c", "3"));
                    h.during(lost, invoke_ns, invoke_ns + 5);
                }
            })
        };
        assert!(!with_lost(5, 90).is_violated());
        assert!(!with_lost(4, 65).is_violated());
        assert_eq!(kind(&with_lost(5, 65)), "revision-of-the-future");
        assert_eq!(kind(&with_lost(6, 90)), "revision-of-the-future");
        // A lease that runs out makes a revision, and nobody is asked.
        let leased = judged(all(), vec![(90, header(4))], |h| {
            let write = h.ok(2, put_with("c", "1", 7), written(4));
            h.during(write, 50, 60);
        });
        assert!(!leased.is_violated(), "{leased}");
    }

    #[test]
    fn each_watch_of_a_stream_is_held_to_it() {
        let stream = |at_ns: u64| {
            let mut h = Builder::default();
            let write = h.ok(0, put("a", "1"), written(2));
            h.during(write, 10, 20);
            let watches = [0, 1].map(|_| h.watch(1, watching("b", "", 1)));
            let mut history = h.build();
            for (watch, received_ns) in watches.into_iter().zip([15, at_ns]) {
                let frame = WatchFrame { received_ns, ..header(2) };
                (history.watches[watch].invoke_ns, history.watches[watch].frames) = (1, vec![frame]);
            }
            both_ways(&history)
        };
        assert!(!stream(15).is_violated());
        assert_eq!(kind(&stream(9)), "before-its-write");
    }

    #[test]
    fn a_watch_that_resumed_is_held_to_it() {
        let resumed = |received_ns: u64| {
            let mut h = Builder::default();
            for (value, revision, invoke_ns) in [("1", 2, 10), ("2", 3, 30)] {
                let write = h.ok(0, put("a", value), written(revision));
                h.during(write, invoke_ns, invoke_ns + 10);
            }
            let first = h.watch(1, watching("a", "", 0));
            let second = h.watch(1, watching("a", "", 3));
            let mut history = h.build();
            history.watches[first].invoke_ns = 1;
            history.watches[first].frames = vec![WatchFrame { received_ns: 15, ..event("1", 2) }];
            history.watches[second].resumes = Some(first as u64);
            history.watches[second].invoke_ns = 20;
            history.watches[second].frames = vec![WatchFrame { received_ns, ..event("2", 3) }];
            both_ways(&history)
        };
        assert!(resumed(35).holds());
        assert_eq!(kind(&resumed(25)), "before-its-write");
    }
}
