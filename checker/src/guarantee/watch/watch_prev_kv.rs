//! `watch-prev-kv`: the previous value that an event carries is that of the revision before; it is absent
//! only where the watch did not ask for it, where there was none, or where it was compacted.
//!
//! etcd: `WatchCreateRequest.prev_kv` (`api/etcdserverpb/rpc.proto`; `server/etcdserver/api/v3rpc/watch.go`, which
//! reads it when it sends the event; `tests/robustness/validate/watch.go`, `validatePrevKV`).

use crate::evidence::{Evidence, Exhibit};
use crate::guarantee::{Case, Guarantee};
use crate::history::{Event, EventKind, Revision};
use crate::replay::Line;
use crate::verdict::Verdict;

/// The row of this guarantee in the table.
pub(in crate::guarantee) const GUARANTEE: Guarantee = Guarantee {
    name: "watch-prev-kv",
    about: "a previous value is that of the revision before, and absent only if not asked for or compacted",
    check,
};

/// Examines every event of a watch that asked for previous values, and every previous value.
pub(in crate::guarantee) fn check(case: &Case<'_>) -> Verdict {
    let watches = &case.history.watches;
    if watches.is_empty() {
        return Verdict::Vacuous;
    }
    case.by_line(|line| {
        let mut examined = 0;
        let evidence = (0..watches.len()).find_map(|watch| of_watch(case, line, watch, &mut examined));
        (examined, evidence)
    })
}

fn of_watch(case: &Case<'_>, line: &Line, index: usize, examined: &mut u64) -> Option<Evidence> {
    let watch = &case.history.watches[index];
    let sound = line.sound_before();
    for (frame, at, event) in watch.events() {
        let revision = event.kv.mod_revision;
        if revision >= sound || !watch.request.prev_kv && event.prev_kv.is_none() {
            continue;
        }
        let Some(change) = line.change(revision, &event.kv.key) else { continue };
        *examined += 1;
        let key = &event.kv.key;
        let (kind, message) = match (&event.prev_kv, &change.before) {
            (Some(given), Some(before)) if given.agrees(before) => continue,
            (None, None) => continue,
            // A put that creates its key anew, after the same txn deleted it, shows nothing from before.
            (None, Some(_)) if is_create(event) && line.rewrites(revision, key) => continue,
            _ if !line.is_refuted(revision, key) => continue,
            (None, Some(_))
                if case.compactions().highest_possible(watch.frames[frame].received_ns) >= revision =>
            {
                continue;
            }
            (Some(_), Some(before)) => ("wrong-previous", format!("before revision {revision} was {before}")),
            (Some(_), None) => {
                ("invented-previous", format!("before revision {revision} there was no {key}"))
            }
            (None, Some(before)) => (
                "missing-previous",
                format!(
                    "the event came without what was before it, {before}, although that was not compacted"
                ),
            ),
        };
        let earlier = line.last_change(key, revision.saturating_sub(1)).map(|(revision, _)| revision);
        let writer = |revision: Revision| case.writer(line, revision);
        let shown = Exhibit::event(case.history, index, frame, at);
        let exhibits = std::iter::once(shown).chain(earlier.and_then(writer)).collect();
        return Some(Evidence::new(kind, message, exhibits));
    }
    None
}

fn is_create(event: &Event) -> bool {
    event.kind == EventKind::Put && event.kv.create_revision == event.kv.mod_revision
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::build::*;
    use crate::history::{KeyValue, WatchRequest};

    /// `a` is put at 2 and 3 and deleted at 4; then perhaps there is a compaction.
    fn judged(asked: bool, compacted: Option<Revision>, events: Vec<Event>) -> Verdict {
        let mut h = Builder::default();
        h.ok(0, put("a", "1"), written(2));
        h.ok(0, put("a", "2"), written(3));
        h.ok(0, delete("a"), deleted(4, 1));
        if let Some(revision) = compacted {
            h.ok(0, compact(revision), compaction(4));
        }
        let watch = h.watch(1, WatchRequest { prev_kv: asked, ..watching("a", "", 2) });
        h.created(watch, 4);
        h.events(watch, events);
        check(&Case::new(&h.build()))
    }

    fn first() -> Event {
        put_event(kv("a", "1", 2, 2, 1))
    }

    fn second(prev_kv: Option<KeyValue>) -> Event {
        Event { prev_kv, ..put_event(kv("a", "2", 2, 3, 2)) }
    }

    fn last(prev_kv: Option<KeyValue>) -> Event {
        Event { prev_kv, ..delete_event("a", 4) }
    }

    fn kind(asked: bool, compacted: Option<Revision>, event: Event) -> String {
        let verdict = judged(asked, compacted, vec![event]);
        verdict.evidence().unwrap_or_else(|| panic!("{verdict}")).kind.clone()
    }

    #[test]
    fn accepts_the_values_before() {
        let events = || vec![first(), second(Some(kv("a", "1", 2, 2, 1))), last(Some(kv("a", "2", 2, 3, 2)))];
        assert_eq!(judged(true, None, events()), Verdict::Holds { examined: 3 });
        assert_eq!(judged(false, None, events()), Verdict::Holds { examined: 2 });
        assert_eq!(judged(false, None, vec![first(), second(None), last(None)]), Verdict::Vacuous);
    }

    #[test]
    fn accepts_that_it_is_absent_where_it_can_have_been_compacted() {
        assert!(judged(true, Some(4), vec![first(), second(None), last(None)]).holds());
        assert!(judged(true, Some(3), vec![second(None)]).holds());
        assert_eq!(kind(true, Some(3), last(None)), "missing-previous");
        assert_eq!(kind(true, None, last(None)), "missing-previous");
    }

    #[test]
    fn rejects_another_value() {
        let previous = |revision: Revision, value: &str, version: i64| {
            kind(true, None, second(Some(kv("a", value, 2, revision, version))))
        };
        assert_eq!(previous(2, "9", 1), "wrong-previous");
        assert_eq!(previous(3, "2", 2), "wrong-previous");
        assert_eq!(previous(2, "1", 2), "wrong-previous");
        assert_eq!(kind(false, None, last(Some(kv("a", "1", 2, 2, 1)))), "wrong-previous");
    }

    #[test]
    fn rejects_a_value_where_there_was_none() {
        let event = Event { prev_kv: Some(kv("a", "0", 1, 1, 1)), ..first() };
        assert_eq!(kind(true, None, event), "invented-previous");
    }
}
