//! Watches that delivered exactly what the line says: each event they asked for, in order, as it was, and
//! nothing else.
//!
//! Where a line has no flaw and all its watches are exact, everything that was seen agrees with it. Then
//! what was seen need not be held against each other, and most guarantees of watches hold by this alone.

use super::coverage::{Coverage, wants};
use super::line::Line;
use crate::history::{Event, EventKind, KeyValue, Watch};

/// What an exact watch delivered, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Exact {
    /// Events.
    pub(crate) events: u64,
    /// Put events with a create revision.
    pub(crate) puts: u64,
    /// Events that should carry a previous value, if there was one, or that carry one.
    pub(crate) previous: u64,
    /// Revisions that changed several keys.
    pub(crate) several: u64,
    /// Of those, how many came without one although there was one: that is right only if it was compacted.
    pub(crate) missing: u64,
    /// Events that another watch had delivered, too.
    pub(crate) shared: u64,
}

/// Holds watches against a line, and notes which changes were seen.
pub(super) struct Inspection<'l> {
    line: &'l Line,
    /// By change, the first watch that delivered it.
    first: Vec<u32>,
}

/// By no watch.
const NOBODY: u32 = u32::MAX;

impl<'l> Inspection<'l> {
    pub(super) fn new(line: &'l Line) -> Self {
        Inspection { line, first: vec![NOBODY; line.change_count()] }
    }

    /// What a watch delivered, if it is exact. `see` is told of each revision of which it saw a key, and where
    /// among the revision's changes that key is.
    pub(super) fn of(
        &mut self,
        index: usize,
        watch: &Watch,
        coverage: Option<Coverage>,
        see: &mut impl FnMut(i64, usize),
    ) -> Option<Exact> {
        let mut exact = Exact::default();
        let Some(coverage) = coverage else {
            return watch.events().next().is_none().then_some(exact);
        };
        let (own, line) = (u32::try_from(index).unwrap_or(NOBODY), self.line);
        let mut events = watch.events().map(|(.., event)| event).peekable();
        let mut next = line.first_change(coverage.first);
        let end = line.first_change(coverage.last + 1);
        let mut revision = 0;
        while let Some(event) = events.peek() {
            // Revisions that cannot match are not looked at: for a watch of one key that is most of them.
            let at = self.next_wanted(watch, next, end)?;
            let of = event.kv.mod_revision;
            if of != revision {
                revision = of;
                exact.several += u64::from(line.changes(of).len() > 1);
            }
            let change = line.change_at(at);
            let (from, to) = (line.first_change(of), line.first_change(of + 1));
            if !(from..to).contains(&at) || !is_true(event, change) || !previous_is_true(event, change) {
                return None;
            }
            see(of, at - from);
            if let Some(before) = &event.prev_kv {
                see(before.mod_revision, 0);
            }
            exact.count(watch, event, change);
            match self.first[at] {
                NOBODY => self.first[at] = own,
                first => exact.shared += u64::from(first != own),
            }
            next = at + 1;
            events.next();
        }
        self.next_wanted(watch, next, end).is_none().then_some(exact)
    }

    /// The first change from `next` on that a watch wants.
    fn next_wanted(&self, watch: &Watch, next: usize, end: usize) -> Option<usize> {
        if watch.request.range_end.is_empty() && !watch.request.key.is_empty() {
            let mut own = self.line.changes_of_key(&watch.request.key, next).take_while(|at| *at < end);
            return own.find(|at| self.is_wanted(watch, *at));
        }
        (next..end).find(|at| self.is_wanted(watch, *at))
    }

    fn is_wanted(&self, watch: &Watch, at: usize) -> bool {
        let change = self.line.change_at(at);
        let kind = if change.after.is_some() { EventKind::Put } else { EventKind::Delete };
        wants(watch, &change.key, kind)
    }
}

impl Exact {
    fn count(&mut self, watch: &Watch, event: &Event, change: &super::Change) {
        self.events += 1;
        let has_create = event.kv.create_revision != KeyValue::NOT_RECORDED;
        self.puts += u64::from(event.kind == EventKind::Put && has_create);
        self.previous += u64::from(watch.request.prev_kv || event.prev_kv.is_some());
        let is_missing = watch.request.prev_kv && event.prev_kv.is_none() && change.before.is_some();
        self.missing += u64::from(is_missing);
    }
}

/// Whether an event is the change.
fn is_true(event: &Event, change: &super::Change) -> bool {
    match (&change.after, event.kind) {
        (Some(after), EventKind::Put) => event.kv.agrees(after),
        (None, EventKind::Delete) => event.kv.key == change.key && event.kv.value.is_empty(),
        _ => false,
    }
}

/// Whether an event's previous value is right, where it is there.
fn previous_is_true(event: &Event, change: &super::Change) -> bool {
    match (&event.prev_kv, &change.before) {
        (Some(previous), Some(before)) => previous.agrees(before),
        (Some(_), None) => false,
        // Whether it may be absent is counted, not judged.
        (None, _) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::WatchRequest;
    use crate::history::build::*;

    /// `a` is put at 2, `a` and `b` at 3, and `a` is deleted at 4.
    fn delivered(request: WatchRequest, events: Vec<Event>, progress: Option<i64>) -> Option<Exact> {
        let mut h = Builder::default();
        h.ok(0, put("a", "1"), written(2));
        h.ok(0, txn([], [put("a", "2"), put("b", "1")], []), decided(3, true, [written(3), written(3)]));
        h.ok(0, delete("a"), deleted(4, 1));
        let watch = h.watch(1, request);
        h.created(watch, 4);
        h.events(watch, events);
        progress.into_iter().for_each(|revision| h.progress(watch, revision));
        let line = Line::of(&h.build()).unwrap();
        line.exact().map(|exact| exact[0])
    }

    fn all() -> Vec<Event> {
        let (a, b) = (kv("a", "2", 2, 3, 2), kv("b", "1", 3, 3, 1));
        vec![put_event(kv("a", "1", 2, 2, 1)), put_event(a), put_event(b), delete_event("a", 4)]
    }

    #[test]
    fn what_was_delivered_is_counted() {
        let asked = || WatchRequest { prev_kv: true, ..watching("a", "c", 2) };
        let expected = Exact { events: 4, puts: 3, previous: 4, several: 1, missing: 2, shared: 0 };
        assert_eq!(delivered(asked(), all(), Some(4)), Some(expected));
        let mut with = all();
        with[1].prev_kv = Some(kv("a", "1", 2, 2, 1));
        with[3].prev_kv = Some(kv("a", "2", 2, 3, 2));
        assert_eq!(delivered(asked(), with, None), Some(Exact { missing: 0, ..expected }));
        let unasked = Exact { previous: 0, missing: 0, ..expected };
        assert_eq!(delivered(watching("a", "c", 2), all(), None), Some(unasked));
    }

    #[test]
    fn nothing_may_be_missing_or_too_much() {
        let lacks = |at: usize, progress| {
            let mut events = all();
            events.remove(at);
            delivered(watching("a", "c", 2), events, progress)
        };
        for at in 0..3 {
            assert_eq!(lacks(at, None), None);
        }
        // What came last may still be on its way, but not if everything is said to have come.
        assert!(lacks(3, None).is_some() && lacks(3, Some(3)).is_some());
        assert_eq!(lacks(3, Some(4)), None);
        assert_eq!(delivered(watching("a", "", 2), all(), None), None);
        assert_eq!(delivered(watching("a", "c", 3), all(), None), None);
        let no_puts = WatchRequest { no_put: true, ..watching("a", "c", 2) };
        assert!(delivered(no_puts.clone(), all().split_off(3), None).is_some());
        assert_eq!(delivered(no_puts, all(), None), None);
    }

    #[test]
    fn nothing_may_be_different() {
        let edited = |edit: fn(&mut Vec<Event>)| {
            let mut events = all();
            edit(&mut events);
            delivered(watching("a", "c", 2), events, None)
        };
        assert!(edited(|_| ()).is_some());
        assert_eq!(edited(|events| events[1].kv.value = "9".into()), None);
        assert_eq!(edited(|events| events[2].kv.create_revision = 2), None);
        assert_eq!(edited(|events| events[3].kind = EventKind::Put), None);
        assert_eq!(edited(|events| events[3].kv.value = "2".into()), None);
        assert_eq!(edited(|events| events[1].prev_kv = Some(kv("a", "9", 2, 2, 1))), None);
        assert_eq!(edited(|events| events[2].prev_kv = Some(kv("b", "0", 2, 2, 1))), None);
        assert_eq!(edited(|events| events.swap(0, 1)), None);
        assert_eq!(edited(|events| events[1].kv.mod_revision = 2), None);
    }
}
