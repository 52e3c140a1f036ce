//! The choice of a maker for a revision without an answer.

use super::super::deeds::Act;
use super::super::maker::{Bound, Maker};
use super::super::sighting::Sighting;
use super::super::state::Change;
use super::culprits::Keys;
use super::{Gap, Known, Walk, first_of_each_key};
use crate::bytes::Bytes;
use crate::history::{LeaseRequest, LockRequest, Request, Revision};
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

/// One who can have made a revision.
struct Able {
    /// True if something that was seen, or was not, speaks against it.
    is_contradicted: bool,
    /// True if what locks, campaigns and leases were answered speaks against it.
    is_disputed: bool,
    /// The revision by which a request must have done to one of its keys what it does.
    due: Revision,
    rank: u8,
    maker: Maker,
    /// The keys that it changes.
    keys: Keys,
    /// The same for all who would change the same keys in the same way.
    effect: u64,
}

/// True if a key is put, the key, the value and the lease.
type PlainAct = (bool, Bytes, Bytes, i64);

impl Able {
    fn order(&self) -> (bool, bool, Revision, u8) {
        (!self.is_fine(), self.rank > 0, self.due, self.rank)
    }

    /// True if nothing speaks against it.
    fn is_fine(&self) -> bool {
        !self.is_contradicted && !self.is_disputed
    }
}

impl Walk<'_, '_> {
    /// Does what a candidate would.
    pub(super) fn carry_out(
        &mut self,
        candidate: Maker,
        revision: Revision,
        seen: &[Sighting<'_>],
        changes: &mut Vec<Change>,
    ) {
        let (known, state) = (self.known, &mut self.state);
        match candidate {
            Maker::Operation(index) => {
                state.apply(&known.history.operations[index].request, revision, changes);
            }
            Maker::RunOut(lease) => state.run_out(lease, changes),
            Maker::Deed(index) => match &known.deeds.get(index).act {
                Act::Whole(request) => drop(state.apply(request, revision, changes)),
                Act::Take { own, value } => {
                    let (key, lease) = own.key(seen);
                    state.take(&key, value, lease, revision, changes);
                }
                Act::Restate { own, value } => {
                    let (key, lease) = own.key(seen);
                    state.restate(&key, value, lease, revision, changes);
                }
                Act::Release { own } => changes.extend(state.remove(&own.key(seen).0)),
            },
        }
    }

    /// Notes whether what can be done once was done. A lease can be granted and run out again and again.
    pub(super) fn mark(&mut self, maker: Maker, done: bool) {
        match maker {
            Maker::Operation(index) => self.used[index] = done,
            Maker::Deed(index) => self.deeds_done[index] = done,
            Maker::RunOut(_) => {}
        }
    }

    /// Chooses the likeliest of those who can have made a revision, and notes a gap if there are others. Says,
    /// too, whether there is no other candidate.
    pub(super) fn choose(&mut self, revision: Revision) -> (Option<Maker>, bool) {
        let seen = self.known.sightings.at(revision);
        if let Some(forced) = self.forced.get(&revision) {
            return (Some(*forced), false);
        }
        let mut able = self.able(revision, seen);
        if seen.iter().any(|seen| !seen.firm) {
            // A serializable read that shows what nobody wrote is its own fault, and binds no order.
            let firm: Vec<_> = seen.iter().filter(|seen| seen.firm).copied().collect();
            let others = self.able(revision, &firm);
            let known: Vec<Maker> = able.iter().map(|one| one.maker).collect();
            able.extend(others.into_iter().filter(|one| !known.contains(&one.maker)));
        }
        // Who saw it contradict each other: the first is believed that someone can have done.
        let is_agreed = !able.is_empty();
        for one in seen {
            if !able.is_empty() {
                break;
            }
            able = self.able(revision, std::slice::from_ref(one));
        }
        // One that something speaks against is no alternative to one that nothing does.
        let is_sole = match &able[..] {
            [] => false,
            [_] => is_agreed,
            [first, others @ ..] => {
                is_agreed && !first.is_contradicted && others.iter().all(|other| other.is_contradicted)
            }
        };
        if revision > self.lenient {
            self.thin(&mut able);
        }
        if revision <= self.lenient.max(self.waived) {
            let hint =
                self.hint.get(&revision).and_then(|hint| able.iter().position(|one| one.maker == *hint));
            let hint = hint.filter(|at| revision <= self.lenient || able[*at].is_fine());
            hint.into_iter().for_each(|at| able[..=at].rotate_right(1));
        }
        if able.len() > 1 && revision > self.settled {
            let fine = able.iter().filter(|one| one.is_fine()).count();
            let is_open = able.iter().filter(|one| !one.is_contradicted).count() > 1;
            // One that something speaks against explains nothing as long as it is to be explained.
            let tried = if revision > self.lenient { fine.max(1) } else { able.len() };
            let candidates: Vec<Maker> = able[..tried].iter().map(|one| one.maker).collect();
            if is_open || candidates.len() > 1 {
                self.out.guessed_from = self.out.guessed_from.min(revision);
            }
            let keys = able[..tried].iter().map(|one| one.keys).collect();
            self.gaps.push(Gap { revision, candidates, keys, tried: 0, blamed: Keys::default() });
        }
        (able.first().map(|one| one.maker), is_sole)
    }

    /// Leaves out those whom another can stand in for, here and at every later revision.
    fn thin(&self, able: &mut Vec<Able>) {
        if !self.known.deeds.may_run_out() || able.len() < 2 {
            return;
        }
        // A lease may run out any number of times, and what can be done at one revision alone is of no use elsewhere.
        let is_free = |one: &Able| one.is_fine() && (one.rank == 0 || matches!(one.maker, Maker::RunOut(_)));
        let mut stand_ins: BTreeMap<u64, Maker> = BTreeMap::new();
        for one in able.iter().filter(|one| is_free(one)) {
            stand_ins.entry(one.effect).or_insert(one.maker);
        }
        able.retain(|one| {
            !one.is_fine() || stand_ins.get(&one.effect).is_none_or(|maker| *maker == one.maker)
        });
        // Of those who do one thing with one key and nothing else, whoever can do it for the shortest time.
        let mut first: BTreeMap<PlainAct, (Revision, u64, Maker)> = BTreeMap::new();
        for one in able.iter().filter(|one| one.is_fine()) {
            if let Some((act, until, asked_ns)) = self.plain_act(one.maker) {
                let new = (until, asked_ns, one.maker);
                first.entry(act).and_modify(|known| *known = new.min(*known)).or_insert(new);
            }
        }
        able.retain(|one| {
            let act = self.plain_act(one.maker).filter(|_| one.is_fine());
            act.and_then(|(act, ..)| first.get(&act)).is_none_or(|(.., maker)| *maker == one.maker)
        });
    }

    /// For one who puts or deletes a certain key and nothing else: that, until which revision, and when it was asked.
    fn plain_act(&self, maker: Maker) -> Option<(PlainAct, Revision, u64)> {
        let operations = &self.known.history.operations;
        let deletes = |key: &Bytes| (false, key.clone(), Bytes::default(), 0);
        let (act, until, operation) = match maker {
            Maker::Operation(index) => {
                let act = match &operations[index].request {
                    Request::Delete(delete) if delete.range_end.is_empty() => deletes(&delete.key),
                    Request::Lock(LockRequest::Unlock { key }) => deletes(key),
                    _ => return None,
                };
                (act, Revision::MAX, index)
            }
            Maker::Deed(index) => {
                let deed = self.known.deeds.get(index);
                let until = match deed.bound {
                    Bound::At(revision) | Bound::UpTo(revision) => revision,
                    Bound::Never => Revision::MAX,
                };
                let act = match &deed.act {
                    Act::Take { own, value } => {
                        let (key, lease) = own.known()?;
                        (true, key.clone(), (*value).clone(), *lease)
                    }
                    Act::Release { own } => deletes(&own.known()?.0),
                    Act::Restate { .. } | Act::Whole(_) => return None,
                };
                (act, until, deed.operation)
            }
            Maker::RunOut(_) => return None,
        };
        Some((act, until, operations[operation].invoke_ns))
    }

    /// Everyone who can have made a revision, each with whether something speaks against it, the likeliest first:
    /// those against whom nothing speaks, of them those who can have done it at no other revision, then those without whom
    /// what was seen later lacks a write, the one that is due first. A lease that was alive comes last.
    fn able(&mut self, revision: Revision, seen: &[Sighting<'_>]) -> Vec<Able> {
        let named = self.named(revision, seen);
        let mut able: Vec<Able> =
            named.into_iter().filter_map(|maker| self.would_make(revision, seen, maker)).collect();
        able.sort_by_key(|one| one.order());
        able
    }

    /// Everyone who may have made a revision of which `seen` was seen, and perhaps some who did not.
    fn named(&self, revision: Revision, seen: &[Sighting<'_>]) -> Vec<Maker> {
        let known = self.known;
        let operations = known.candidates.of_revision(known.floors, &self.used, revision, seen).into_iter();
        // Nobody else can have made another revision: as long as all is to be explained, that is theirs.
        let is_free =
            |index: &usize| revision <= self.lenient || [0, revision].contains(&known.reserved[*index]);
        let mut named: Vec<Maker> = operations.filter(is_free).map(Maker::Operation).collect();
        let deeds = known.deeds.of_revision(known.floors, &self.deeds_done, revision, seen);
        named.extend(deeds.into_iter().map(Maker::Deed));
        if known.deeds.may_run_out() {
            match seen.first() {
                None => named.extend(self.state.leases().into_iter().map(Maker::RunOut)),
                Some(seen) if seen.kv.is_none() => {
                    named.extend(self.state.lease_of(seen.key).map(Maker::RunOut));
                }
                Some(_) => {}
            }
        }
        named
    }

    /// Looks whether a candidate would, here and now, make what was seen of a revision, and what speaks against it.
    fn would_make(&mut self, revision: Revision, seen: &[Sighting<'_>], maker: Maker) -> Option<Able> {
        let mut changes = std::mem::take(&mut self.scratch);
        self.carry_out(maker, revision, seen, &mut changes);
        self.state.undo(&changes);
        let is_able = !changes.is_empty()
            && first_of_each_key(seen).all(|(_, seen)| {
                changes
                    .iter()
                    .any(|change| change.key == *seen.key && seen.shows_value(change.after.as_ref()))
            });
        let able = is_able.then(|| self.weigh(revision, seen, maker, &changes));
        changes.clear();
        self.scratch = changes;
        able
    }

    /// Weighs a possible maker of a revision by these changes.
    fn weigh(&self, revision: Revision, seen: &[Sighting<'_>], maker: Maker, changes: &[Change]) -> Able {
        let Known { facts, ahead, deeds, tenure, .. } = self.known;
        let is_unseen = |change: &Change| seen.iter().all(|seen| *seen.key != change.key);
        let is_contradicted = self.speaks_against(revision, maker)
            || changes.iter().any(|change| {
                is_unseen(change) && self.is_hidden(revision, change)
                    || ahead.refuses(facts, revision, &change.key, change.after.as_ref())
                    || ahead.is_otherwise(revision, change)
            });
        let is_disputed =
            revision > self.waived && tenure.denies(facts, revision, changes, self.ended_by(maker));
        let due = |change: &Change| {
            let seen = ahead.due(facts, revision, &change.key, change.before.as_ref());
            let told = tenure.due(&self.state, revision, change);
            seen.into_iter().chain(told).min()
        };
        let rank = match maker {
            Maker::Operation(_) => 2,
            Maker::RunOut(lease) => 4 + u8::from(self.is_early(revision, lease)),
            Maker::Deed(index) => match deeds.get(index).bound {
                Bound::At(_) => 0,
                Bound::UpTo(_) => 1,
                Bound::Never => 3,
            },
        };
        let due = changes.iter().filter_map(due).min().unwrap_or(Revision::MAX);
        let mut effect = rustc_hash::FxHasher::default();
        for change in changes {
            let left = change.after.as_ref().map(|kv| (&kv.value, kv.lease, kv.version, kv.create_revision));
            (&change.key, left).hash(&mut effect);
        }
        Able {
            is_contradicted,
            is_disputed,
            due,
            rank,
            maker,
            keys: Keys::changed(changes),
            effect: effect.finish(),
        }
    }

    /// True if something speaks against a maker whatever it did: it was asked only after a client knew that the
    /// revision was there (a revocation, an unlock or a resignation that found nothing to delete is answered with a
    /// revision that another made), no other can have made another revision, or it is a lease that was alive.
    pub(super) fn speaks_against(&self, revision: Revision, maker: Maker) -> bool {
        let operation = match maker {
            Maker::Operation(index) => {
                if ![0, revision].contains(&self.known.reserved[index]) {
                    return true;
                }
                index
            }
            Maker::Deed(index) => self.known.deeds.get(index).operation,
            Maker::RunOut(lease) => return self.is_early(revision, lease),
        };
        let first = usize::try_from(revision).ok().and_then(|at| *self.known.first_seen.get(at)?);
        first.is_some_and(|(seen_ns, _)| seen_ns < self.known.history.operations[operation].invoke_ns)
    }

    /// The lease that is there no longer after what a maker does.
    pub(super) fn ended_by(&self, maker: Maker) -> Option<i64> {
        let request = match maker {
            Maker::RunOut(lease) => return Some(lease),
            Maker::Operation(index) => &self.known.history.operations[index].request,
            Maker::Deed(index) => match &self.known.deeds.get(index).act {
                Act::Whole(request) => *request,
                Act::Take { .. } | Act::Restate { .. } | Act::Release { .. } => return None,
            },
        };
        match request {
            Request::Lease(LeaseRequest::Revoke { id }) => Some(*id),
            _ => None,
        }
    }

    /// True if a revision was seen while a lease was alive. If it ran out all the same, that is a violation: an
    /// explanation without one is looked for first.
    fn is_early(&self, revision: Revision, lease: i64) -> bool {
        let first = usize::try_from(revision).ok().and_then(|at| *self.known.first_seen.get(at)?);
        first.is_some_and(|(seen_ns, _)| self.known.leases.is_alive(lease, seen_ns))
    }

    /// True if a watch should have shown a change, and it was not seen.
    pub(super) fn is_hidden(&self, revision: Revision, change: &Change) -> bool {
        let seen = self.known.sightings.at(revision);
        seen.iter().all(|seen| *seen.key != change.key) && self.known.silence.hides(revision, change)
    }
}
