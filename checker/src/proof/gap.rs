//! An unanswered revision, and the search for its maker.

use super::answer::Run;
use super::store::Store;
use super::unknown::{Unknown, Unknowns};
use super::waiting::Waiting;
use super::watches::Watches;
use crate::bytes::Bytes;
use crate::history::{EventKind, KeyValue, Operation, Revision, WatchFrame};
use crate::replay::Position;
use std::borrow::Borrow;

/// The most candidates tried for a revision that was never seen.
const TRIED_MAX: usize = 64;

/// A sighting of a key: its state, and whether with its value.
struct Sighting {
    key: Bytes,
    kv: Option<KeyValue>,
    with_value: bool,
}

impl Sighting {
    fn shows(&self, after: Option<&KeyValue>) -> bool {
        match (&self.kv, after) {
            (None, None) => true,
            (Some(seen), Some(after)) if self.with_value => seen.agrees(after),
            (Some(seen), Some(after)) => {
                seen.agrees(&KeyValue { value: seen.value.clone(), ..after.clone() })
            }
            _ => false,
        }
    }
}

/// The effect of a revision, by keys.
type Effect = Vec<(u32, Option<KeyValue>)>;

/// Finds the operation of unknown outcome that made the next revision, and makes it; `None` where there is none
/// or more than one that did different things. The revision is left to be made in the store.
pub(super) fn fill<O: Borrow<Operation>, F: Borrow<WatchFrame>>(
    store: &mut Store,
    unknowns: &mut Unknowns<O>,
    waiting: &mut Waiting<O>,
    watches: &Watches<F>,
) -> Option<Unknown<O>> {
    let next = store.newest() + 1;
    let count = watches.count_of(next);
    let mut seen = seen_by_watches(next, watches);
    if count.is_none() {
        seen_by_others(next, waiting, &mut seen);
    }
    let mut chosen: Option<(u64, Effect)> = None;
    'tried: for candidates in [named, able] {
        for number in candidates(unknowns, &seen) {
            let Some(effect) = effect(store, unknowns.get(number)?, &seen, count) else { continue };
            match &chosen {
                // All that the revision did was seen, so whoever can have done that did the same.
                None if count.is_some() => {
                    chosen = Some((number, effect));
                    break 'tried;
                }
                None => chosen = Some((number, effect)),
                Some((_, other)) if *other != effect => return None,
                Some(_) => {}
            }
        }
    }
    let unknown = unknowns.take(chosen?.0)?;
    Run::at(store, next - 1, true).agrees(&unknown.operation.borrow().request, None).then_some(unknown)
}

fn seen_by_watches<F: Borrow<WatchFrame>>(revision: Revision, watches: &Watches<F>) -> Vec<Sighting> {
    let mut seen = Vec::new();
    watches.seen(revision, &mut |event| {
        let kv = (event.kind == EventKind::Put).then(|| event.kv.clone());
        seen.push(Sighting { key: event.kv.key.clone(), kv, with_value: true });
    });
    seen
}

/// The sightings in answers that wait for the revision. They are held against it once it is made; here they only tell who
/// made it.
fn seen_by_others<O: Borrow<Operation>>(
    revision: Revision,
    waiting: &mut Waiting<O>,
    seen: &mut Vec<Sighting>,
) {
    waiting.seen(revision, &mut |kv, with_value| {
        seen.push(Sighting { key: kv.key.clone(), kv: Some(kv.clone()), with_value });
    });
}

/// Those whose request names what was seen.
fn named<O: Borrow<Operation>>(unknowns: &Unknowns<O>, seen: &[Sighting]) -> Vec<u64> {
    let first = seen.iter().find(|seen| seen.with_value);
    first.map_or(Vec::new(), |seen| unknowns.named(&seen.key, seen.kv.as_ref().map(|kv| &kv.value)))
}

/// The others who can have done what was seen.
fn able<O: Borrow<Operation>>(unknowns: &Unknowns<O>, seen: &[Sighting]) -> Vec<u64> {
    match seen.iter().find(|seen| seen.with_value) {
        Some(seen) => unknowns.able(&seen.key, seen.kv.as_ref().map(|kv| &kv.value)),
        None if unknowns.count() <= TRIED_MAX => unknowns.all(),
        None => Vec::new(),
    }
}

/// The effect that an operation would have here and now, if real time allows it and it is all that was seen.
fn effect<O: Borrow<Operation>>(
    store: &mut Store,
    unknown: &Unknown<O>,
    seen: &[Sighting],
    count: Option<usize>,
) -> Option<Effect> {
    let found = store.newest();
    if unknown.floor.is_some_and(|floor| floor >= Position::of_write(found + 1)) {
        return None;
    }
    let is_able = Run::at(store, found, true).agrees(&unknown.operation.borrow().request, None);
    let effect: Effect =
        store.changed().map(|change| (change.key, store.at(change.key, found + 1).cloned())).collect();
    store.take_back();
    let is_seen = |seen: &Sighting| {
        effect.iter().any(|(key, after)| *store.name(*key) == seen.key && seen.shows(after.as_ref()))
    };
    let is_all = count.is_none_or(|count| count == effect.len());
    (is_able && is_all && seen.iter().all(is_seen)).then_some(effect)
}
