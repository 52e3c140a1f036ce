//! Answers: those of the store, or the flaw that is due.

use super::flaw::{Flaw, Trap};
use super::store::{Store, header, ranged};
use crate::bytes::Bytes;
use crate::history::*;
use std::collections::BTreeMap;

/// The state of knowledge at the time of a request.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Asked {
    /// The highest revision that had been answered.
    pub revision: Revision,
    /// The highest compaction that had been answered.
    pub compacted: Revision,
    /// The highest compaction that may have happened, of those asked for so far.
    pub may_be_compacted: Revision,
    /// Revisions below this one had been called compacted by an error.
    pub told_compacted: Revision,
    /// The revision of the last serializable read of the same client from the same member.
    pub last_serializable: Revision,
}

/// Carries out a request of the KV API; `seen` is where the member stands that answers a serializable one.
pub(super) fn answer(
    store: &mut Store,
    request: &mut Request,
    seen: Revision,
    asked: Asked,
    trap: &mut Trap,
) -> Outcome {
    if let Request::Compact(compact) = request
        && let Some(revision) = flawed_compaction(store, asked, trap)
    {
        compact.revision = revision;
        trap.spring();
        return Outcome::Ok(Response::Compact(CompactResponse { header: header(store.revision) }));
    }
    if let Request::Range(range) = request
        && range.revision > 0
        && trap.waits_for(Flaw::ReadOfToldCompaction)
        && asked.told_compacted > asked.compacted.max(store.first_known())
    {
        (range.revision, range.serializable) = (asked.told_compacted - 1, false);
    }
    let mut outcome = sound_or_flawed(store, request, seen, asked, trap);
    if trap.waits_for(Flaw::OddRevision)
        && let Outcome::Ok(response) = &mut outcome
    {
        let odd = [0, -1, Revision::MIN, 1_000_000_000, Revision::MAX];
        response.header_mut().revision = odd[store.revision as usize % odd.len()];
        trap.spring();
    }
    outcome
}

/// The revision of the flawed compaction that is due.
fn flawed_compaction(store: &Store, asked: Asked, trap: &Trap) -> Option<Revision> {
    if trap.waits_for(Flaw::CompactionOfFuture) {
        return Some(store.revision + 1);
    }
    (trap.waits_for(Flaw::CompactedAgain) && asked.compacted > 0).then_some(asked.compacted)
}

fn sound_or_flawed(
    store: &mut Store,
    request: &Request,
    seen: Revision,
    asked: Asked,
    trap: &mut Trap,
) -> Outcome {
    if let Request::Range(range) = request {
        if let Some(outcome) = flawed_range(store, range, seen, asked, trap) {
            trap.spring();
            return outcome;
        }
        if range.serializable && range.revision == 0 {
            return found(range, seen, store.view(&range.key, &range.range_end, seen));
        }
    }
    let before = store.revision;
    if request.may_write() && trap.waits_for(Flaw::SkippedRevision) {
        store.revision += 1;
    }
    let mut outcome = store.run(request);
    let is_changed = store.changes_from(before + 1).next().is_some();
    if trap.waits_for(Flaw::SkippedRevision) && request.may_write() {
        match is_changed {
            true => trap.spring(),
            false => {
                store.revision = before;
                outcome = store.run(request);
            }
        }
    }
    if is_changed && trap.waits_for(Flaw::LostWrite) {
        store.undo();
        trap.spring();
    }
    let has_put = store.changes_from(before + 1).any(|change| change.after.is_some());
    if has_put && trap.waits_for(Flaw::FailedWriteTookEffect) {
        trap.spring();
        let message = "etcdserver: too many requests".to_owned();
        return Outcome::Failed(Error { code: "ResourceExhausted".to_owned(), message });
    }
    outcome
}

fn found(request: &RangeRequest, revision: Revision, view: BTreeMap<Bytes, KeyValue>) -> Outcome {
    Outcome::Ok(Response::Range(ranged(request, revision, view)))
}

fn out_of_range(why: &str) -> Outcome {
    let message = format!("etcdserver: mvcc: required revision {why}");
    Outcome::Failed(Error { code: "OutOfRange".to_owned(), message })
}

/// The flawed answer to a range that is due, if this is a range for it.
fn flawed_range(
    store: &Store,
    range: &RangeRequest,
    seen: Revision,
    asked: Asked,
    trap: &Trap,
) -> Option<Outcome> {
    let current = store.revision;
    let view = |revision: Revision| store.view(&range.key, &range.range_end, revision);
    let shown = |revision: Revision| ranged(range, 0, view(revision));
    // The latest state before `revision` that looks otherwise.
    let other = |revision: Revision| {
        let here = shown(revision);
        let earlier = (store.first_known().max(revision - 30)..revision).rev();
        earlier.map(|earlier| (earlier, shown(earlier))).find(|(_, shown)| *shown != here)
    };
    let respond = |revision: Revision, mut response: RangeResponse| {
        response.header.revision = revision;
        Some(Outcome::Ok(Response::Range(response)))
    };
    if range.serializable && range.revision == 0 {
        if trap.waits_for(Flaw::TornSerializableRead) {
            return respond(seen, other(seen)?.1);
        }
        if trap.waits_for(Flaw::SerializableGoesBack) {
            let back = asked.last_serializable - 1;
            return (back >= store.first_known()).then(|| found(range, back, view(back)));
        }
        return None;
    }
    if range.revision > 0 {
        let is_known = (store.first_known()..=current).contains(&range.revision);
        if trap.waits_for(Flaw::WrongHistoricalRead) && is_known && range.revision >= store.compacted {
            return respond(current, other(range.revision)?.1);
        }
        if trap.waits_for(Flaw::ReadOfCompacted) && is_known && range.revision < asked.compacted {
            return respond(current, shown(range.revision));
        }
        let is_told = (asked.compacted..asked.told_compacted).contains(&range.revision);
        if trap.waits_for(Flaw::ReadOfToldCompaction) && is_known && is_told {
            return respond(current, shown(range.revision));
        }
        let is_safe = is_known && range.revision >= asked.may_be_compacted;
        if trap.waits_for(Flaw::UnfoundedCompacted) && is_safe {
            return Some(out_of_range("has been compacted"));
        }
        if trap.waits_for(Flaw::FalseFuture) && range.revision <= asked.revision && is_safe {
            return Some(out_of_range("is a future revision"));
        }
        return None;
    }
    if trap.waits_for(Flaw::NewestCompacted) {
        return Some(out_of_range("has been compacted"));
    }
    let back = asked.revision - 1;
    if trap.waits_for(Flaw::StaleRead) && back >= store.first_known() && shown(back) != shown(current) {
        return respond(back, shown(back));
    }
    if trap.waits_for(Flaw::RevisionGoesBack) && back >= store.first_known() && shown(back) == shown(current)
    {
        return respond(back, shown(back));
    }
    if trap.waits_for(Flaw::OldContent) {
        return respond(current, other(current)?.1);
    }
    if range.keys_only || range.count_only || range.limit > 0 {
        return None;
    }
    if trap.waits_for(Flaw::InventedValue) {
        let mut response = shown(current);
        response.kvs.last_mut()?.value = "never-written".into();
        return respond(current, response);
    }
    if trap.waits_for(Flaw::ResurrectedDelete) {
        let mut now = view(current);
        let gone = store.changes_from(current - 30).find(|change| {
            change.after.is_none()
                && super::store::contains(&range.key, &range.range_end, &change.key)
                && !now.contains_key(&change.key)
        })?;
        now.insert(gone.key.clone(), gone.before.clone()?);
        return Some(found(range, current, now));
    }
    if trap.waits_for(Flaw::TornTxnRead) {
        let of_last = store
            .changes_from(current)
            .filter(|change| super::store::contains(&range.key, &range.range_end, &change.key));
        let changes: Vec<_> = of_last.collect();
        let [first, _, ..] = changes[..] else { return None };
        let mut now = view(current);
        match &first.before {
            Some(before) => now.insert(first.key.clone(), before.clone()),
            None => now.remove(&first.key),
        };
        return Some(found(range, current, now));
    }
    None
}
