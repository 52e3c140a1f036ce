//! Who made a revision that nobody answered for.

use super::super::coverage::wants;
use super::super::deeds::Act;
use super::super::maker::{Bound, Maker};
use super::super::sighting::Sighting;
use super::super::state::Change;
use super::{Gap, Walk, first_of_each_key};
use crate::history::{EventKind, Revision};

impl Walk<'_, '_> {
    /// Does what a suspect would.
    pub(super) fn carry_out(
        &mut self,
        suspect: Maker,
        revision: Revision,
        seen: &[Sighting<'_>],
        changes: &mut Vec<Change>,
    ) {
        let (known, state) = (self.known, &mut self.state);
        match suspect {
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
    /// too, whether nobody else is possible.
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
            let known: Vec<Maker> = able.iter().map(|(.., suspect)| *suspect).collect();
            able.extend(others.into_iter().filter(|(.., suspect)| !known.contains(suspect)));
        }
        // Who saw it contradict each other: the first is believed that someone can have done.
        let is_agreed = !able.is_empty();
        for one in seen {
            if !able.is_empty() {
                break;
            }
            able = self.able(revision, std::slice::from_ref(one));
        }
        if able.len() > 1 && revision > self.settled {
            let suspects = able.iter().map(|(.., suspect)| *suspect).collect();
            self.gaps.push(Gap { revision, suspects, tried: 0 });
        }
        self.out.contradicted[usize::try_from(revision).unwrap_or(0)] =
            is_agreed && able.iter().all(|(is_contradicted, ..)| *is_contradicted);
        // One that something speaks against is no alternative to one that nothing does.
        let is_sole = match able[..] {
            [] => false,
            [_] => is_agreed,
            [(first, ..), ref others @ ..] => is_agreed && !first && others.iter().all(|(other, ..)| *other),
        };
        (able.first().map(|(.., suspect)| *suspect), is_sole)
    }

    /// Everyone who can have made a revision, each with whether something speaks against it, the likeliest first:
    /// those who were asked before it was seen and did nothing that a watch should have shown and did not, and of
    /// them those first who can have done it at no other revision. A lease that was alive comes last.
    fn able(&mut self, revision: Revision, seen: &[Sighting<'_>]) -> Vec<(bool, u8, Maker)> {
        let mut able: Vec<(bool, u8, Maker)> = self
            .named(revision, seen)
            .into_iter()
            .filter_map(|suspect| {
                let rank = match suspect {
                    Maker::Operation(_) => 2,
                    Maker::RunOut(lease) => 4 + u8::from(self.is_early(revision, lease)),
                    Maker::Deed(index) => match self.known.deeds.get(index).bound {
                        Bound::At(_) => 0,
                        Bound::UpTo(_) => 1,
                        Bound::Never => 3,
                    },
                };
                let is_hidden = self.would_make(revision, seen, suspect)?;
                Some((is_hidden || self.is_late(revision, suspect), rank, suspect))
            })
            .collect();
        able.sort_by_key(|(is_contradicted, rank, _)| (*is_contradicted, *rank));
        able
    }

    /// Everyone who may have made a revision of which `seen` was seen, and perhaps some who did not.
    fn named(&self, revision: Revision, seen: &[Sighting<'_>]) -> Vec<Maker> {
        let known = self.known;
        let operations = known.suspects.of_revision(known.floors, &self.used, revision, seen);
        let mut named: Vec<Maker> = operations.into_iter().map(Maker::Operation).collect();
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

    /// Whether a suspect would, here and now, make what was seen of a revision, and if so whether it
    /// would do something that a watch should have shown and did not.
    fn would_make(&mut self, revision: Revision, seen: &[Sighting<'_>], suspect: Maker) -> Option<bool> {
        let mut changes = std::mem::take(&mut self.scratch);
        self.carry_out(suspect, revision, seen, &mut changes);
        self.state.undo(&changes);
        let able = !changes.is_empty()
            && first_of_each_key(seen).all(|(_, seen)| {
                changes
                    .iter()
                    .any(|change| change.key == *seen.key && seen.shows_value(change.after.as_ref()))
            });
        let hidden = able && changes.iter().any(|change| self.should_have_been_seen(revision, seen, change));
        changes.clear();
        self.scratch = changes;
        able.then_some(hidden)
    }

    /// Whether a suspect was asked only after someone knew that the revision was there. A revocation, an unlock or
    /// a resignation that found nothing to delete is answered with a revision that somebody else made.
    fn is_late(&self, revision: Revision, suspect: Maker) -> bool {
        let operation = match suspect {
            Maker::Operation(index) => index,
            Maker::Deed(index) => self.known.deeds.get(index).operation,
            Maker::RunOut(_) => return false,
        };
        let first = usize::try_from(revision).ok().and_then(|at| *self.known.first_seen.get(at)?);
        first.is_some_and(|(seen_ns, _)| seen_ns < self.known.history.operations[operation].invoke_ns)
    }

    /// Whether a revision was seen while a lease was alive. If it ran out all the same, that is a violation: an
    /// explanation without one is looked for first.
    fn is_early(&self, revision: Revision, lease: i64) -> bool {
        let first = usize::try_from(revision).ok().and_then(|at| *self.known.first_seen.get(at)?);
        first.is_some_and(|(seen_ns, _)| self.known.leases.is_alive(lease, seen_ns))
    }

    fn should_have_been_seen(&self, revision: Revision, seen: &[Sighting<'_>], change: &Change) -> bool {
        let kind = if change.after.is_some() { EventKind::Put } else { EventKind::Delete };
        seen.iter().all(|seen| *seen.key != change.key)
            && self.known.coverages.iter().zip(&self.known.history.watches).any(|(coverage, watch)| {
                coverage.is_some_and(|coverage| coverage.contains(revision))
                    && wants(watch, &change.key, kind)
            })
    }
}
