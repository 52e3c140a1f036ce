//! `watch-agreement`: the same key at the same revision has the same value on every member and through
//! every proxy.
//!
//! etcd: the replicated state machine itself (`tests/robustness/validate/watch.go`, `mergeWatchEventHistory`, which
//! fails where two clients saw different events of one revision). Nothing else is needed to judge it
//! than the events: not even what was written.

use super::rewrites;
use crate::evidence::{Evidence, Exhibit};
use crate::guarantee::{Case, Guarantee};
use crate::history::{Event, EventKind, History, Revision};
use crate::verdict::Verdict;

/// The row of this guarantee in the table.
pub(in crate::guarantee) const GUARANTEE: Guarantee = Guarantee {
    name: "watch-agreement",
    about: "one key at one revision is the same on every member",
    check,
};

/// No event.
const NONE: u32 = u32::MAX;

/// The position of an event: watch, frame, index.
type EventAt = (usize, usize, usize);

/// The first event that was seen of each key of each revision, or the first that shows the key as it was before.
struct First<'h> {
    /// By revision less the lowest: the latest entry of `events`.
    heads: Vec<u32>,
    lowest: Revision,
    /// Each with its place and the entry before it of the same revision.
    events: Vec<(&'h Event, EventAt, u32)>,
}

/// Examines every event of which another watch saw the same key at the same revision.
pub(in crate::guarantee) fn check(case: &Case<'_>) -> Verdict {
    let history = case.history;
    let Some(mut first) = First::of(history) else { return Verdict::Vacuous };
    let mut examined = 0;
    for (index, watch) in history.watches.iter().enumerate() {
        for (frame, at, event) in watch.events() {
            let Some((other, place)) = first.of_same(event, (index, frame, at)) else { continue };
            examined += u64::from(place.0 != index);
            // Two changes of one key in one revision are compared each with its like.
            let are_two = || other.kind != event.kind && rewrites::any(history);
            if !agree(other, event) && !are_two() {
                let (key, revision) = (&event.kv.key, event.kv.mod_revision);
                let message = format!("{key} at revision {revision} was shown in two ways");
                let mut places = [(index, frame, at), place];
                if is_wrong(case, other) && !is_wrong(case, event) {
                    places.reverse();
                }
                let exhibits = places.map(|(watch, frame, at)| Exhibit::event(history, watch, frame, at));
                return Verdict::of(
                    examined,
                    Some(Evidence::new("different-event", message, exhibits.to_vec())),
                );
            }
        }
    }
    Verdict::of_examined(examined)
}

/// True if the line tells what a revision did to a key, and an event is not that.
fn is_wrong(case: &Case<'_>, event: &Event) -> bool {
    let change = case.line().ok().and_then(|line| line.change(event.kv.mod_revision, &event.kv.key));
    change.is_some_and(|change| match (&change.after, event.kind) {
        (Some(after), EventKind::Put) => !after.agrees(&event.kv),
        (None, EventKind::Delete) => false,
        _ => true,
    })
}

fn agree(one: &Event, other: &Event) -> bool {
    let previous = match (&one.prev_kv, &other.prev_kv) {
        (Some(one), Some(other)) => one.agrees(other),
        // Whether it must be there is `watch-prev-kv`.
        _ => true,
    };
    let told = match (one.told_create(), other.told_create()) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    };
    one.kind == other.kind && one.kv.agrees(&other.kv) && previous && told
}

impl<'h> First<'h> {
    /// `None` where there are no events.
    fn of(history: &'h History) -> Option<Self> {
        let events = || history.watches.iter().flat_map(|watch| watch.events());
        let revisions = || events().map(|(.., event)| event.kv.mod_revision);
        let (lowest, highest) = (revisions().min()?, revisions().max()?);
        // Revisions are dense where a history is sound; where it is not, only the beginning has slots.
        let dense =
            usize::try_from(highest.saturating_sub(lowest)).unwrap_or(usize::MAX).min(2 * events().count());
        Some(First { heads: vec![NONE; dense + 1], lowest, events: Vec::new() })
    }

    /// The first event of the same key and revision, if this is not it.
    fn of_same(&mut self, event: &'h Event, here: EventAt) -> Option<(&'h Event, EventAt)> {
        let slot = usize::try_from(event.kv.mod_revision.saturating_sub(self.lowest)).unwrap_or(usize::MAX);
        let slot = slot.min(self.heads.len() - 1);
        let mut at = self.heads[slot];
        while at != NONE {
            let (other, place, before) = self.events[at as usize];
            if other.kv.mod_revision == event.kv.mod_revision && other.kv.key == event.kv.key {
                // The one that shows more is held against the others, in whatever order they are told.
                if other.prev_kv.is_none() && event.prev_kv.is_some() {
                    self.events[at as usize] = (event, here, before);
                }
                return Some((other, place));
            }
            at = before;
        }
        self.events.push((event, here, self.heads[slot]));
        self.heads[slot] = u32::try_from(self.events.len() - 1).unwrap_or(NONE);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::build::*;

    fn judged(watches: &[&[Event]]) -> Verdict {
        let mut history = Builder::default();
        for events in watches {
            let watch = history.watch(0, watching("", "\0", 2));
            history.events(watch, events.iter().cloned());
        }
        check(&Case::new(&history.build()))
    }

    fn a(value: &str) -> Event {
        put_event(kv("a", value, 2, 2, 1))
    }

    fn b() -> Event {
        put_event(kv("b", "1", 2, 2, 1))
    }

    #[test]
    fn accepts_what_all_saw_alike() {
        assert_eq!(
            judged(&[&[a("1"), b()], &[a("1")], &[b(), delete_event("a", 3)]]),
            Verdict::Holds { examined: 2 }
        );
        assert_eq!(judged(&[&[a("1"), delete_event("a", 3)], &[b()]]), Verdict::Vacuous);
        assert_eq!(judged(&[]), Verdict::Vacuous);
        // Twice on one watch is `watch-unique`.
        assert_eq!(judged(&[&[a("1"), a("1")]]), Verdict::Vacuous);
    }

    #[test]
    fn only_who_asked_has_previous_values() {
        let with = |value: &str| Event { prev_kv: Some(kv("a", value, 1, 1, 1)), ..a("1") };
        assert!(judged(&[&[with("0")], &[a("1")]]).holds());
        assert!(judged(&[&[with("0")], &[with("9")]]).is_violated());
    }

    #[test]
    fn rejects_what_differs() {
        let sort_alone = (put_event(delete_event("c", 2).kv), delete_event("c", 2));
        assert!(judged(&[&[sort_alone.0], &[sort_alone.1]]).is_violated());
        for other in [a("2"), delete_event("a", 2), put_event(kv("a", "1", 1, 2, 2))] {
            let verdict = judged(&[&[b(), a("1")], &[other, b()]]);
            let evidence = verdict.evidence().unwrap_or_else(|| panic!("{verdict}"));
            assert_eq!((evidence.kind.as_str(), evidence.exhibits.len()), ("different-event", 2));
        }
    }

    #[test]
    fn the_order_of_watches_does_not_matter() {
        let before = |value: &str| Event {
            prev_kv: Some(kv("a", value, 2, 2, 1)),
            ..put_event(kv("a", "2", 2, 3, 2))
        };
        let (without, one, other) = (put_event(kv("a", "2", 2, 3, 2)), before("1"), before("x"));
        for events in [[&without, &one, &other], [&one, &without, &other], [&one, &other, &without]] {
            let events = events.map(|event| vec![event.clone()]);
            assert!(judged(&[&events[0], &events[1], &events[2]]).is_violated());
        }
        let (without, one) = ([without], [one]);
        assert!(judged(&[&without, &one, &without, &one]).holds());
    }

    #[test]
    fn wild_revisions_take_no_room() {
        let far = |value: &str, revision| put_event(kv("a", value, 2, revision, 2));
        let events = [far("1", i64::MAX), far("1", i64::MAX - 1), far("1", -7)];
        assert_eq!(judged(&[&events, &events]), Verdict::Holds { examined: 3 });
        assert!(judged(&[&events, &[far("2", i64::MAX)]]).is_violated());
    }
}
