//! Bounds on the changes of keys and leases, from the answers of locks, campaigns and leases.
//!
//! An answered campaign tells when its key was created, and that it was there all the time until it was answered. A lock
//! tells that its key was there at the revision of its answer, and every key of the name that was created before it
//! gone. A lease that was renewed had not run out. So most guesses that such answers contradict need not be made.

use super::ceilings::Ceilings;
use super::facts::{Facts, Shown, shown_by};
use super::positions::Floor;
use super::says::{Says, said};
use super::state::{Change, StoreState};
use crate::bytes::Bytes;
use crate::history::*;
use crate::lease_times::{LeaseTimes, attached_to, denied_leases};
use std::collections::BTreeMap;

/// The known lives of one key.
#[derive(Debug, Default)]
struct OfKey {
    /// Its create revision and a revision until which it was there, in the order of the latter.
    lives: Vec<(Revision, Revision)>,
    /// Revisions at which it was there, in order.
    present: Vec<Revision>,
    /// Its create revision and a revision at which that life was over.
    ended: Vec<(Revision, Revision)>,
}

/// The known life of one lease that was granted once at most.
#[derive(Debug, Default)]
struct OfLease {
    /// The last revision at which it was there.
    alive: Revision,
    /// The first from which on it was not.
    gone: Option<Revision>,
}

/// The known lives of the keys of locks and elections, and of leases.
#[derive(Debug, Default)]
pub(super) struct Tenure<'h> {
    keys: BTreeMap<&'h Bytes, OfKey>,
    /// The keys that revisions created.
    born: BTreeMap<Revision, &'h Bytes>,
    /// By name, the keys that were the first, each with the last revision at which it can have been.
    first: BTreeMap<&'h Bytes, Vec<(Revision, &'h Bytes)>>,
    leases: BTreeMap<i64, OfLease>,
}

impl<'h> Tenure<'h> {
    /// Reads the bounds from the answers of a history.
    pub(super) fn of(
        history: &'h History,
        floors: &[Option<Floor>],
        ceilings: &Ceilings,
        times: &LeaseTimes,
        end: Revision,
    ) -> Self {
        let mut tenure = Tenure::default();
        for (operation, floor) in history.operations.iter().zip(floors) {
            let floor = floor.map_or(1, |floor| floor.place.revision());
            tenure.note_owner(operation, floor, ceilings.after(operation).unwrap_or(end));
            tenure.note_leader(operation);
            let ceiling = ceilings.after(operation);
            tenure.note_leases(operation, floor, ceiling, times);
        }
        for hold in &history.holds {
            match hold.create_revision {
                0 => tenure.key(&hold.key).present.push(hold.acquired_revision),
                created => tenure.live(&hold.key, created, hold.acquired_revision),
            }
            tenure.first.entry(&hold.name).or_default().push((hold.acquired_revision, &hold.key));
        }
        for kv in history.observers.iter().flat_map(|observer| &observer.frames).map(|frame| &frame.kv) {
            tenure.live(&kv.key, kv.create_revision, kv.mod_revision);
        }
        tenure.finish()
    }

    fn finish(mut self) -> Self {
        for of_key in self.keys.values_mut() {
            of_key.lives.sort_unstable_by_key(|(created, until)| (*until, *created));
            of_key.present.sort_unstable();
            of_key.ended.sort_unstable();
        }
        self.first.values_mut().for_each(|first| first.sort_unstable());
        self
    }

    fn key(&mut self, key: &'h Bytes) -> &mut OfKey {
        self.keys.entry(key).or_default()
    }

    /// A key was created at a revision, and there until another.
    fn live(&mut self, key: &'h Bytes, created: Revision, until: Revision) {
        if created > 0 {
            let until = until.max(created);
            let lives = &mut self.key(key).lives;
            match lives.iter_mut().find(|(other, _)| *other == created) {
                Some((_, last)) => *last = until.max(*last),
                None => lives.push((created, until)),
            }
            self.born.insert(created, key);
        }
    }

    fn note_owner(&mut self, operation: &'h Operation, floor: Revision, last: Revision) {
        for kind in [HoldKind::Lock, HoldKind::Leader] {
            let Some((name, Says::Owner { key, created })) = said(operation, kind) else { continue };
            let header = operation.response().map_or(0, |response| response.header().revision);
            match created {
                Some(created) => {
                    self.live(key, created, floor.max(header));
                    self.first.entry(name).or_default().push((last.max(created), key));
                }
                None => {
                    self.key(key).present.push(header);
                    self.first.entry(name).or_default().push((header, key));
                }
            }
        }
    }

    fn note_leader(&mut self, operation: &'h Operation) {
        match (&operation.request, operation.response()) {
            (
                Request::Election(ElectionRequest::Leader { name }),
                Some(Response::Election(ElectionResponse::Leader { header, kv: Some(kv) })),
            ) => {
                self.live(&kv.key, kv.create_revision, header.revision);
                self.first.entry(name).or_default().push((header.revision, &kv.key));
            }
            (Request::Election(ElectionRequest::Proclaim { leader, .. }), Some(response)) => {
                self.live(&leader.key, leader.rev, response.header().revision);
            }
            (Request::Election(ElectionRequest::Resign { leader }), Some(response)) if leader.rev > 0 => {
                let ended = (leader.rev, response.header().revision);
                self.key(&leader.key).ended.push(ended);
            }
            _ => {}
        }
    }

    fn note_leases(
        &mut self,
        operation: &'h Operation,
        floor: Revision,
        ceiling: Option<Revision>,
        times: &LeaseTimes,
    ) {
        let granted = |id: i64| times.leases.get(&id).map_or(0, |lease| lease.grants.len());
        let mut alive = |id: i64, revision: Revision| {
            if id != 0 && granted(id) <= 1 {
                let of_lease = self.leases.entry(id).or_default();
                of_lease.alive = of_lease.alive.max(revision);
            }
        };
        let header = operation.response().map_or(0, |response| response.header().revision);
        attached_to(operation).into_iter().for_each(|id| alive(id, header));
        shown_by(operation, &mut |revision, shown| {
            let kvs = match &shown {
                Shown::Key(kv, _) => std::slice::from_ref(*kv),
                Shown::Whole(_, kvs) => kvs,
                Shown::Present(_) | Shown::Absent(_) => &[],
            };
            kvs.iter().for_each(|kv| alive(kv.lease.max(0), revision));
        });
        match (&operation.request, operation.response()) {
            (
                Request::Lease(_),
                Some(Response::Lease(
                    LeaseResponse::KeepAlive { id, ttl_s: 1.., .. }
                    | LeaseResponse::TimeToLive { id, ttl_s: 0.., .. },
                )),
            ) => alive(*id, floor),
            (Request::Election(ElectionRequest::Proclaim { leader, .. }), Some(_)) => {
                alive(leader.lease, header);
            }
            _ => {}
        }
        let mut gone = |id: i64, revision: Revision| {
            if granted(id) == 1 {
                let of_lease = self.leases.entry(id).or_default();
                of_lease.gone = Some(of_lease.gone.map_or(revision, |gone| gone.min(revision)));
            }
        };
        if let (Request::Lease(LeaseRequest::Revoke { id }), Some(_)) =
            (&operation.request, operation.response())
        {
            gone(*id, header);
        }
        // Of several it is not said which.
        if let [id] = denied_leases(operation)[..] {
            let grant = times.leases.get(&id).and_then(|lease| lease.granted_once());
            let was_there = grant.is_some_and(|grant| grant.return_ns < operation.invoke_ns);
            if let Some(revision) = ceiling.filter(|_| was_there) {
                gone(id, revision);
            }
        }
    }

    /// The key that a revision created, where that is told.
    pub(super) fn born(&self, revision: Revision) -> Option<&'h Bytes> {
        self.born.get(&revision).copied()
    }

    /// True if what was answered speaks against an unanswered revision that did this. `ended`: the lease
    /// that would have ended with it.
    pub(super) fn denies(
        &self,
        facts: &Facts<'_>,
        revision: Revision,
        changes: &[Change],
        ended: Option<i64>,
    ) -> bool {
        if let Some(key) = self.born.get(&revision) {
            let is_created = |change: &Change| {
                change.key == **key && change.after.as_ref().is_some_and(|kv| kv.create_revision == revision)
            };
            if !changes.iter().any(is_created) {
                return true;
            }
        }
        let is_alive =
            ended.and_then(|lease| self.leases.get(&lease)).is_some_and(|lease| lease.alive >= revision);
        is_alive || changes.iter().any(|change| self.denies_change(facts, revision, change))
    }

    fn denies_change(&self, facts: &Facts<'_>, revision: Revision, change: &Change) -> bool {
        let attached = change.after.as_ref().and_then(|kv| self.leases.get(&kv.lease));
        if attached.and_then(|lease| lease.gone).is_some_and(|gone| gone < revision) {
            return true;
        }
        let Some(of_key) = self.keys.get(&change.key) else { return false };
        let created = change.after.as_ref().map(|kv| kv.create_revision);
        // Whether the key can have been put, or deleted, in `revision + 1 ..= last`.
        let is_open = |last: Revision| facts.open(revision, last) > 0;
        let is_wrong_life = of_key.life(revision).is_some_and(|(of_life, _)| match created {
            _ if of_life <= revision => created != Some(of_life),
            Some(_) => !is_open(of_life - 1) && !facts.may_delete(&change.key, revision, of_life - 1),
            None => false,
        });
        let next = of_key.present[of_key.present.partition_point(|at| *at < revision)..].first();
        let is_missed = created.is_none()
            && next.is_some_and(|at| !is_open(*at) && facts.puts(&change.key, revision, *at) == 0);
        is_wrong_life || is_missed
    }

    /// The revision by which a request must have done what a change does, to a key of a lock or an election.
    pub(super) fn due(&self, state: &StoreState, revision: Revision, change: &Change) -> Option<Revision> {
        let of_key = self.keys.get(&change.key);
        let life = of_key.and_then(|of_key| of_key.life(revision)).map(|(created, _)| created);
        match (&change.before, &change.after) {
            (None, Some(_)) => {
                let of_key = of_key?;
                let next = of_key.present[of_key.present.partition_point(|at| *at < revision)..].first();
                life.filter(|created| *created >= revision).into_iter().chain(next.copied()).min()
            }
            (Some(before), None) => {
                let created = before.create_revision;
                let replaced = life.filter(|life| *life >= revision);
                let ended = of_key.and_then(|of_key| {
                    let ended = of_key.ended.iter().filter(|(life, at)| *life == created && *at >= revision);
                    ended.map(|(_, at)| *at).min()
                });
                let passed = self.passed(state, revision, &change.key, created);
                replaced.into_iter().chain(ended).chain(passed).min()
            }
            _ => None,
        }
    }

    /// The next revision at which another key of the same name is the first, that is created after this one.
    fn passed(
        &self,
        state: &StoreState,
        revision: Revision,
        key: &Bytes,
        created: Revision,
    ) -> Option<Revision> {
        let slashes = (0..key.as_slice().len()).filter(|at| key.as_slice()[*at] == b'/');
        let firsts = slashes.filter_map(|at| self.first.get(&Bytes::from(&key.as_slice()[..at]))).filter_map(
            |first| {
                let later = &first[first.partition_point(|(at, _)| *at < revision)..];
                let (at, owner) = later.first()?;
                let is_later = state.kvs.get(*owner).is_none_or(|kv| kv.create_revision > created);
                (*owner != key && is_later).then_some(*at)
            },
        );
        firsts.min()
    }
}

impl OfKey {
    /// The life that is known to last to `revision`, or the next.
    fn life(&self, revision: Revision) -> Option<(Revision, Revision)> {
        self.lives[self.lives.partition_point(|(_, until)| *until < revision)..].first().copied()
    }
}
