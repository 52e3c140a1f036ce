//! Gaps that can have led to a contradiction: those whose makers touch the keys that it is about.
//!
//! To go back to the last gap alone, whatever it is about, takes as many steps as the gaps in between have fillings. So
//! the walk first goes back to the last one that matters. That may skip a way that would fit, for who made what elsewhere
//! matters, too: where nothing is found like this, every way is tried in turn.

use super::super::flaw::Flaw;
use super::super::maker::Maker;
use super::super::state::Change;
use super::{Known, Walk, at};
use crate::bytes::Bytes;
use crate::history::{ElectionRequest, LeaseRequest, LockRequest, Request, Response, Revision};
use std::hash::{Hash, Hasher};

/// Some keys, each as one bit of many. The keys under one name have one bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Keys(u64);

impl Keys {
    /// Any key at all.
    pub(super) const ALL: Keys = Keys(u64::MAX);

    /// One key.
    pub(super) fn of(key: &Bytes) -> Self {
        let key = key.as_slice();
        let name = key.iter().rposition(|byte| *byte == b'/').map_or(key, |slash| &key[..slash]);
        Keys::under(name)
    }

    /// Those under a name.
    fn under(name: &[u8]) -> Self {
        let mut hasher = rustc_hash::FxHasher::default();
        name.hash(&mut hasher);
        Keys(1 << (hasher.finish() >> 58))
    }

    /// Those that changes are about.
    pub(super) fn changed(changes: &[Change]) -> Self {
        changes.iter().fold(Keys::default(), |keys, change| keys.and(Keys::of(&change.key)))
    }

    /// These and others.
    pub(super) fn and(self, other: Keys) -> Self {
        Keys(self.0 | other.0)
    }

    /// True if some of them may be among others.
    pub(super) fn meet(self, other: Keys) -> bool {
        self.0 & other.0 != 0
    }
}

impl Walk<'_, '_> {
    /// The keys that the contradictions at a revision are about.
    pub(super) fn culprits(&self, revision: Revision) -> Keys {
        let Known { sightings, owners, tenure, .. } = self.known;
        let mut keys = Keys::default();
        let changes = &self.out.changes[self.out.starts[at(revision)]..self.out.starts[at(revision) + 1]];
        if self.disputes[at(revision)] {
            keys = keys.and(Keys::changed(changes));
            keys = owners.names(revision).fold(keys, |keys, name| keys.and(Keys::under(name.as_slice())));
            keys = tenure.born(revision).map_or(keys, |key| keys.and(Keys::of(key)));
        }
        if self.conflicts[at(revision)] {
            keys = keys.and(Keys::changed(changes));
            if matches!(self.out.makers[at(revision)], Some(Maker::Operation(_) | Maker::Deed(_)))
                && keys == Keys::default()
            {
                return Keys::ALL;
            }
        }
        for flaw in &self.out.flaws[self.flaws_before[at(revision)]..] {
            let of_flaw = match flaw {
                Flaw::WrongResponse { operation, .. } => self.told_by(*operation),
                Flaw::NoWriter { .. } | Flaw::SeenOtherwise { .. } => {
                    let seen = sightings.at(revision).iter();
                    seen.fold(Keys::default(), |keys, seen| keys.and(Keys::of(seen.key)))
                }
                Flaw::WrongPast { .. } | Flaw::TwoWriters { .. } => Keys::ALL,
            };
            keys = keys.and(if of_flaw == Keys::default() { Keys::ALL } else { of_flaw });
        }
        if keys == Keys::default() { Keys::ALL } else { keys }
    }

    /// The keys of which an operation's answer is wrong here, as far as that is easily told.
    fn told_by(&self, operation: usize) -> Keys {
        let operation = &self.known.history.operations[operation];
        match (&operation.request, operation.response()) {
            (Request::Range(range), Some(Response::Range(told))) if !told.more && !range.count_only => {
                let found = self.state.of(range).filter(|kv| !told.kvs.contains(kv)).map(|kv| &kv.key);
                let shown = told.kvs.iter().filter(|kv| self.state.kvs.get(&kv.key) != Some(*kv));
                found
                    .chain(shown.map(|kv| &kv.key))
                    .fold(Keys::default(), |keys, key| keys.and(Keys::of(key)))
            }
            (Request::Put(put), _) => Keys::of(&put.key),
            (Request::Delete(delete), _) if delete.range_end.is_empty() => Keys::of(&delete.key),
            (Request::Lock(LockRequest::Unlock { key }), _) => Keys::of(key),
            (Request::Election(ElectionRequest::Leader { name }), _) => Keys::under(name.as_slice()),
            (
                Request::Election(
                    ElectionRequest::Proclaim { leader, .. } | ElectionRequest::Resign { leader },
                ),
                _,
            ) => Keys::of(&leader.key),
            (Request::Lease(LeaseRequest::Revoke { id }), _) => {
                let attached = self.state.kvs.values().filter(|kv| kv.lease == *id);
                attached.fold(Keys::default(), |keys, kv| keys.and(Keys::of(&kv.key)))
            }
            _ => Keys::ALL,
        }
    }
}
