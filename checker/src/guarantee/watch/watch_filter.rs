//! `watch-filter`: a watch delivers only keys in its range, and only events of a sort that it did not
//! filter out.
//!
//! etcd's API guarantee of watches (`api/etcdserverpb/rpc.proto`, `WatchCreateRequest`: `key`, `range_end`,
//! `filters`; `tests/robustness/validate/watch.go`, `validateFilter`).

use crate::evidence::{Evidence, Exhibit};
use crate::guarantee::{Case, Guarantee};
use crate::history::EventKind;
use crate::replay::{Span, wants};
use crate::verdict::Verdict;

/// The row of this guarantee in the table.
pub(in crate::guarantee) const GUARANTEE: Guarantee = Guarantee {
    name: "watch-filter",
    about: "a watch delivers only keys in its range, and only events not filtered out",
    check,
};

/// Examines every event.
pub(in crate::guarantee) fn check(case: &Case<'_>) -> Verdict {
    let history = case.history;
    let mut examined = 0;
    for (index, watch) in history.watches.iter().enumerate() {
        for (frame, at, event) in watch.events() {
            examined += 1;
            if wants(watch, &event.kv.key, event.kind) {
                continue;
            }
            let key = &event.kv.key;
            let (kind, message) = match (Span::of_watch(&watch.request).contains(key), event.kind) {
                (false, _) => ("foreign-key", format!("{key} is outside what was watched")),
                (true, EventKind::Put) => ("filtered-out", "puts were not to be shown".to_owned()),
                (true, EventKind::Delete) => ("filtered-out", "deletes were not to be shown".to_owned()),
            };
            let exhibits = vec![Exhibit::event(history, index, frame, at), Exhibit::watch(history, index)];
            return Verdict::of(examined, Some(Evidence::new(kind, message, exhibits)));
        }
    }
    Verdict::of_examined(examined)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::build::*;
    use crate::history::{Event, WatchRequest};

    fn judged(request: WatchRequest, events: Vec<Event>) -> Verdict {
        let mut history = Builder::default();
        let watch = history.watch(0, request);
        history.created(watch, 1);
        history.events(watch, events);
        check(&Case::new(&history.build()))
    }

    fn kind(request: WatchRequest, event: Event) -> String {
        let verdict = judged(request, vec![event]);
        let evidence = verdict.evidence().unwrap_or_else(|| panic!("{verdict}"));
        assert_eq!(evidence.exhibits.len(), 2);
        evidence.kind.clone()
    }

    fn put(key: &str) -> Event {
        put_event(kv(key, "1", 2, 2, 1))
    }

    #[test]
    fn accepts_what_was_asked_for() {
        let both = || vec![put("a"), delete_event("b", 3)];
        assert_eq!(judged(watching("a", "c", 2), both()), Verdict::Holds { examined: 2 });
        assert!(judged(watching("", "\0", 2), both()).holds());
        assert!(judged(watching("a", "\0", 2), both()).holds());
        assert_eq!(judged(watching("a", "c", 2), vec![]), Verdict::Vacuous);
        let without_puts = WatchRequest { no_put: true, ..watching("a", "c", 2) };
        assert!(judged(without_puts, vec![delete_event("b", 3)]).holds());
    }

    #[test]
    fn rejects_keys_from_elsewhere() {
        assert_eq!(kind(watching("a", "c", 2), put("c")), "foreign-key");
        assert_eq!(kind(watching("a", "", 2), put("aa")), "foreign-key");
        assert_eq!(kind(watching("b", "\0", 2), delete_event("a", 2)), "foreign-key");
    }

    #[test]
    fn rejects_the_events_of_another_watch() {
        // A second "created" on its stream, and what comes after it is meant for another.
        let mut history = Builder::default();
        let watch = history.watch(0, watching("a", "", 2));
        history.created(watch, 1);
        history.events(watch, [put("a")]);
        history.created(watch, 2);
        history.events(watch, [delete_event("b", 3)]);
        let verdict = check(&Case::new(&history.build()));
        assert_eq!(verdict.evidence().map(|evidence| evidence.kind.as_str()), Some("foreign-key"));
    }

    #[test]
    fn rejects_events_that_were_filtered_out() {
        let without_puts = WatchRequest { no_put: true, ..watching("a", "", 2) };
        let without_deletes = WatchRequest { no_delete: true, ..watching("a", "", 2) };
        assert_eq!(kind(without_puts, put("a")), "filtered-out");
        assert_eq!(kind(without_deletes, delete_event("a", 2)), "filtered-out");
    }
}
