//! `watch-is-create`: an event says that a put created its key (`create_revision == mod_revision`) exactly where
//! the key was absent before.
//!
//! etcd's API guarantee of events (`client/v3/watch.go`, `Event.IsCreate`; `tests/robustness/validate/watch.go`,
//! `validateIsCreate`).

use crate::evidence::{Evidence, Exhibit};
use crate::guarantee::{Case, Guarantee};
use crate::history::{EventKind, Revision};
use crate::replay::Line;
use crate::verdict::Verdict;

/// The row of this guarantee in the table.
pub(in crate::guarantee) const GUARANTEE: Guarantee = Guarantee {
    name: "watch-is-create",
    about: "an event says that its key was created exactly where the key was absent before",
    check,
};

/// Examines every event that says whether it created its key: by a create revision, or in so many words.
pub(in crate::guarantee) fn check(case: &Case<'_>) -> Verdict {
    if case.history.watches.is_empty() {
        return Verdict::Vacuous;
    }
    case.by_line(|line| {
        let mut examined = 0;
        let watches = 0..case.history.watches.len();
        let evidence = watches.into_iter().find_map(|watch| of_watch(case, line, watch, &mut examined));
        (examined, evidence)
    })
}

fn of_watch(case: &Case<'_>, line: &Line, index: usize, examined: &mut u64) -> Option<Evidence> {
    let sound = line.sound_before();
    for (frame, at, event) in case.history.watches[index].events() {
        let revision = event.kv.mod_revision;
        let Some(told) = event.told_create() else { continue };
        if event.kind == EventKind::Delete {
            *examined += 1;
            if told {
                let message = format!("the event says that the delete of {} created it", event.kv.key);
                let exhibits = vec![Exhibit::event(case.history, index, frame, at)];
                return Some(Evidence::new("delete-created", message, exhibits));
            }
            continue;
        }
        if revision >= sound {
            continue;
        }
        let Some(change) = line.put(revision, &event.kv.key) else { continue };
        *examined += 1;
        if !line.is_refuted(revision, &event.kv.key) {
            continue;
        }
        let key = &event.kv.key;
        let (kind, message, earlier) = match (&change.before, told) {
            (Some(before), true) => (
                "not-created",
                format!("the event says that {key} was created at revision {revision}, and it was there"),
                Some(before.mod_revision),
            ),
            (None, false) => (
                "created",
                format!("the event says that {key} was there before revision {revision}, which created it"),
                line.last_change(key, revision.saturating_sub(1)).map(|(revision, _)| revision),
            ),
            _ => continue,
        };
        let writer = |revision: Revision| case.writer(line, revision);
        let shown = Exhibit::event(case.history, index, frame, at);
        let writers = earlier.and_then(writer).into_iter().chain(writer(revision));
        let exhibits = std::iter::once(shown).chain(writers).collect();
        return Some(Evidence::new(kind, message, exhibits));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::build::*;
    use crate::history::{Event, KeyValue};

    /// `a` is put at 2 and 3, deleted at 4 and put at 5.
    fn judged(events: Vec<Event>) -> Verdict {
        let mut h = Builder::default();
        h.ok(0, put("a", "1"), written(2));
        h.ok(0, put("a", "2"), written(3));
        h.ok(0, delete("a"), deleted(4, 1));
        h.ok(0, put("a", "3"), written(5));
        let watch = h.watch(1, watching("a", "", 2));
        h.created(watch, 5);
        h.events(watch, events);
        check(&Case::new(&h.build()))
    }

    fn shown(create: Revision, revision: Revision, version: i64) -> Event {
        let value = if revision == 5 { "3".to_owned() } else { (revision - 1).to_string() };
        put_event(kv("a", &value, create, revision, version))
    }

    fn kind(event: Event) -> String {
        let verdict = judged(vec![event]);
        let evidence = verdict.evidence().unwrap_or_else(|| panic!("{verdict}"));
        evidence.kind.clone()
    }

    #[test]
    fn accepts_creates_where_the_key_was_absent() {
        let events = vec![shown(2, 2, 1), shown(2, 3, 2), delete_event("a", 4), shown(5, 5, 1)];
        assert_eq!(judged(events), Verdict::Holds { examined: 3 });
        assert_eq!(judged(vec![delete_event("a", 4)]), Verdict::Vacuous);
    }

    #[test]
    fn what_was_not_recorded_is_not_examined() {
        let unrecorded = |event: Event| Event {
            kv: KeyValue { create_revision: KeyValue::NOT_RECORDED, ..event.kv },
            ..event
        };
        assert_eq!(judged(vec![unrecorded(shown(2, 3, 2))]), Verdict::Vacuous);
    }

    #[test]
    fn what_an_event_says_in_words_is_examined() {
        let told = |event: Event, is_create: bool| {
            let kv = KeyValue { create_revision: KeyValue::NOT_RECORDED, ..event.kv };
            let kv = KeyValue { version: KeyValue::NOT_RECORDED, ..kv };
            Event { kv, is_create: Some(is_create), ..event }
        };
        let deleted = Event { is_create: Some(false), ..delete_event("a", 4) };
        let events = vec![told(shown(2, 2, 1), true), told(shown(2, 3, 2), false), deleted];
        assert_eq!(judged(events), Verdict::Holds { examined: 3 });
        assert_eq!(kind(told(shown(2, 2, 1), false)), "created");
        assert_eq!(kind(told(shown(5, 5, 1), false)), "created");
        assert_eq!(kind(told(shown(2, 3, 2), true)), "not-created");
        assert_eq!(kind(Event { is_create: Some(true), ..delete_event("a", 4) }), "delete-created");
    }

    #[test]
    fn rejects_a_create_of_what_was_there() {
        assert_eq!(kind(shown(3, 3, 1)), "not-created");
    }

    #[test]
    fn rejects_an_update_of_what_was_absent() {
        assert_eq!(kind(shown(2, 5, 3)), "created");
    }
}
