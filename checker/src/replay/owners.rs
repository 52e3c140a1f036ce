//! Conditions on the keys under a name at the revision of a lock or election answer, or at the start of a hold.
//!
//! It is judged by the guarantees; here it tells the walk which guesses to go back on.

use super::ceilings::Ceilings;
use super::positions::Floor;
use super::says::{Says, said};
use super::state::{Change, StoreState};
use crate::bytes::Bytes;
use crate::history::*;
use std::collections::BTreeMap;

/// One answer, and the revisions between which it was given.
#[derive(Debug)]
struct Claim<'h> {
    name: &'h Bytes,
    says: Says<'h>,
    first: Revision,
    last: Revision,
    /// The time of the answer.
    return_ns: u64,
}

/// Every answer about a lock or an election, by the last revision at which it can have been given.
#[derive(Debug, Default)]
pub(super) struct Owners<'h> {
    claims: BTreeMap<Revision, Vec<Claim<'h>>>,
}

/// The line up to a revision: the state there, and what the revisions up to it changed.
#[derive(Clone, Copy)]
pub(super) struct Past<'p> {
    pub(super) state: &'p StoreState,
    pub(super) changes: &'p [Change],
    /// By revision, where its changes begin.
    pub(super) starts: &'p [usize],
}

impl<'h> Owners<'h> {
    /// The answers and holds of a history. Those after which nothing was asked are left out.
    pub(super) fn of(
        history: &'h History,
        floors: &[Option<Floor>],
        ceilings: &Ceilings,
        end: Revision,
    ) -> Self {
        let mut owners = Owners::default();
        for (operation, floor) in history.operations.iter().zip(floors) {
            for kind in [HoldKind::Lock, HoldKind::Leader] {
                let Some((name, says)) = said(operation, kind) else { continue };
                let header = operation.response().map_or(0, |response| response.header().revision);
                let floor = floor.map_or(1, |floor| floor.place.revision());
                let (first, last) = match ceilings.after(operation) {
                    _ if kind == HoldKind::Lock && header > 0 => (header, header),
                    Some(last) => (floor.max(header), last),
                    None => continue,
                };
                let return_ns = operation.return_ns.unwrap_or(u64::MAX);
                owners.add(Claim { name, says, first, last, return_ns }, end);
            }
        }
        for Hold { name, key, create_revision, acquired_revision: at, .. } in &history.holds {
            let says = Says::Owner { key, created: (*create_revision > 0).then_some(*create_revision) };
            owners.add(Claim { name, says, first: *at, last: *at, return_ns: u64::MAX }, end);
        }
        owners
    }

    fn add(&mut self, claim: Claim<'h>, end: Revision) {
        if claim.first <= claim.last && claim.last <= end {
            self.claims.entry(claim.last).or_default().push(claim);
        }
    }

    /// The names of which answers tell that were given at a revision at the latest.
    pub(super) fn names(&self, revision: Revision) -> impl Iterator<Item = &'h Bytes> + '_ {
        self.claims.get(&revision).into_iter().flatten().map(|claim| claim.name)
    }

    /// True if the line up to a revision contradicts an answer that was given by then. `asked_ns`: when the operation
    /// was asked that made the revision, if it was answered.
    pub(super) fn contradict(&self, revision: Revision, past: Past<'_>, asked_ns: Option<u64>) -> bool {
        self.claims
            .get(&revision)
            .is_some_and(|claims| claims.iter().any(|claim| !claim.holds(past, asked_ns)))
    }
}

impl Claim<'_> {
    /// True if it is true of one of the revisions at which it can have been made.
    fn holds(&self, past: Past<'_>, asked_ns: Option<u64>) -> bool {
        // What was asked after it made the last revision.
        let is_before = self.first < self.last && asked_ns.is_some_and(|asked_ns| asked_ns > self.return_ns);
        let prefix = [self.name.as_slice(), b"/"].concat();
        let mut under: BTreeMap<&Bytes, Revision> = past
            .state
            .kvs
            .range::<[u8], _>((std::ops::Bound::Included(&prefix[..]), std::ops::Bound::Unbounded))
            .take_while(|(key, _)| key.as_slice().starts_with(&prefix))
            .map(|(key, kv)| (key, kv.create_revision))
            .collect();
        let mut at = self.last;
        loop {
            let counts = at < self.last || !is_before;
            if counts && self.is_true(at, &under) {
                return true;
            }
            if at <= self.first {
                return false;
            }
            let index = usize::try_from(at).unwrap_or(0);
            for change in past.changes[past.starts[index]..past.starts[index + 1]].iter().rev() {
                if counts && change.after.is_none() && self.is_ended(&change.key) {
                    return true;
                }
                if change.key.as_slice().starts_with(&prefix) {
                    match &change.before {
                        Some(before) => under.insert(&change.key, before.create_revision),
                        None => under.remove(&change.key),
                    };
                }
            }
            at -= 1;
        }
    }

    /// True if it is true of these keys, each with the revision that created it.
    fn is_true(&self, at: Revision, under: &BTreeMap<&Bytes, Revision>) -> bool {
        match &self.says {
            Says::Owner { key, created } => under.get(*key).is_some_and(|own| {
                created.is_none_or(|created| created == *own) && under.values().all(|other| own <= other)
            }),
            Says::Nobody => under.is_empty(),
            Says::Lost { key, created: Some(created) } => under.get(key) != Some(created),
            // The call put it itself if it was not there.
            Says::Lost { key, created: None } => at == self.last && !under.contains_key(key),
        }
    }

    /// True if it is the loss of a key that was deleted.
    fn is_ended(&self, deleted: &Bytes) -> bool {
        matches!(&self.says, Says::Lost { key, created: None } if key == deleted)
    }
}
