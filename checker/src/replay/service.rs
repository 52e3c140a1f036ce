//! The effects of leases, locks and elections on the state (etcd: `server/lease/lessor.go`,
//! `client/v3/concurrency/{mutex,election}.go`).

use super::state::{Change, StoreState};
use crate::bytes::Bytes;
use crate::history::*;

impl StoreState {
    /// Answers a request of a service as [`StoreState::apply`] does. `None` where it is refused, and for what is
    /// not about keys.
    pub(super) fn serve(
        &mut self,
        request: &Request,
        next: Revision,
        changes: &mut Vec<Change>,
    ) -> Option<Response> {
        let before = changes.len();
        let header = |changes: &Vec<Change>| Header {
            member: MemberId(0),
            revision: next - Revision::from(changes.len() == before),
            term: 0,
        };
        match request {
            Request::Lease(LeaseRequest::Grant { id, ttl_s }) => {
                Some(Response::Lease(LeaseResponse::Grant {
                    header: header(changes),
                    id: *id,
                    ttl_s: *ttl_s,
                }))
            }
            Request::Lease(LeaseRequest::Revoke { id }) => {
                self.run_out(*id, changes);
                Some(Response::Lease(LeaseResponse::Revoke { header: header(changes) }))
            }
            Request::Lock(LockRequest::Unlock { key }) => {
                changes.extend(self.remove(key));
                Some(Response::Lock(LockResponse::Unlock { header: header(changes) }))
            }
            Request::Lock(LockRequest::Lock { name, lease }) => {
                let key = own_key(name, *lease);
                self.take(&key, &Bytes::default(), *lease, next, changes);
                Some(Response::Lock(LockResponse::Lock { header: header(changes), key }))
            }
            Request::Election(ElectionRequest::Resign { leader }) => {
                if self.is_of(leader) {
                    changes.extend(self.remove(&leader.key));
                }
                Some(Response::Election(ElectionResponse::Resign { header: header(changes) }))
            }
            Request::Election(ElectionRequest::Proclaim { leader, value }) => {
                if !self.is_of(leader) {
                    return None;
                }
                self.put_with(&leader.key, value, leader.lease, next, changes);
                Some(Response::Election(ElectionResponse::Proclaim { header: header(changes) }))
            }
            Request::Election(ElectionRequest::Leader { name }) => {
                let kv = Some(self.first_under(name)?.clone());
                Some(Response::Election(ElectionResponse::Leader { header: header(changes), kv }))
            }
            _ => None,
        }
    }

    /// Deletes every key that is attached to a lease.
    pub(super) fn run_out(&mut self, lease: i64, changes: &mut Vec<Change>) {
        let attached = self.kvs.values().filter(|kv| kv.lease == lease && lease != 0);
        let doomed: Vec<Bytes> = attached.map(|kv| kv.key.clone()).collect();
        changes.extend(doomed.iter().filter_map(|key| self.remove(key)));
    }

    /// The leases that keys are attached to.
    pub(super) fn leases(&self) -> Vec<i64> {
        let mut leases: Vec<i64> = self.kvs.values().map(|kv| kv.lease).filter(|lease| *lease != 0).collect();
        leases.sort_unstable();
        leases.dedup();
        leases
    }

    /// The lease that a key is attached to.
    pub(super) fn lease_of(&self, key: &Bytes) -> Option<i64> {
        self.kvs.get(key).map(|kv| kv.lease).filter(|lease| *lease != 0)
    }

    /// Puts a key that a client queues with, if it is absent.
    pub(super) fn take(
        &mut self,
        key: &Bytes,
        value: &Bytes,
        lease: i64,
        next: Revision,
        changes: &mut Vec<Change>,
    ) {
        if !self.kvs.contains_key(key) {
            self.put_with(key, value, lease, next, changes);
        }
    }

    /// Gives a key that a client queues with another value, if it is there.
    pub(super) fn restate(
        &mut self,
        key: &Bytes,
        value: &Bytes,
        lease: i64,
        next: Revision,
        changes: &mut Vec<Change>,
    ) {
        if self.kvs.get(key).is_some_and(|kv| kv.value != *value) {
            self.put_with(key, value, lease, next, changes);
        }
    }

    /// Deletes a key, if it is there.
    pub(super) fn remove(&mut self, key: &Bytes) -> Option<Change> {
        let before = self.kvs.remove(key)?;
        Some(Change { key: key.clone(), before: Some(before), after: None })
    }

    fn put_with(
        &mut self,
        key: &Bytes,
        value: &Bytes,
        lease: i64,
        next: Revision,
        changes: &mut Vec<Change>,
    ) {
        let put = PutRequest { key: key.clone(), value: value.clone(), lease, ..PutRequest::default() };
        self.apply(&Request::Put(put), next, changes);
    }

    /// True if a leader still is one.
    fn is_of(&self, leader: &LeaderKey) -> bool {
        self.kvs.get(&leader.key).map_or(0, |kv| kv.create_revision) == leader.rev
    }

    /// The key under a name that was created first.
    fn first_under(&self, name: &Bytes) -> Option<&KeyValue> {
        let mut prefix = name.as_slice().to_vec();
        prefix.push(b'/');
        let after =
            self.kvs.range::<[u8], _>((std::ops::Bound::Included(&prefix[..]), std::ops::Bound::Unbounded));
        let under = after.take_while(|(key, _)| key.as_slice().starts_with(&prefix)).map(|(_, kv)| kv);
        under.min_by_key(|kv| kv.create_revision)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::build::*;

    /// Keys `a` and `b` are attached to lease 7 at 2, and `c` to nothing at 3.
    fn attached() -> (StoreState, Vec<Change>) {
        let (mut state, mut changes) = (StoreState::default(), Vec::new());
        state.apply(&txn([], [put_with("b", "1", 7), put_with("a", "1", 7)], []), 2, &mut changes);
        state.apply(&put("c", "1"), 3, &mut changes);
        changes.clear();
        (state, changes)
    }

    fn keys(changes: &[Change]) -> Vec<&str> {
        changes.iter().map(|change| change.key.as_str().unwrap()).collect()
    }

    #[test]
    fn a_revocation_deletes_what_is_attached_just_then() {
        let (mut state, mut changes) = attached();
        assert_eq!(state.apply(&revoke(8), 4, &mut changes), Some(revoked(3)));
        assert_eq!(state.apply(&revoke(7), 4, &mut changes), Some(revoked(4)));
        assert_eq!(keys(&changes), ["a", "b"]);
        assert!(state.leases().is_empty());
    }

    #[test]
    fn a_put_attaches_to_its_lease_or_detaches() {
        let (mut state, mut changes) = attached();
        state.apply(&put("a", "2"), 4, &mut changes);
        state.apply(&put_with("c", "2", 9), 5, &mut changes);
        changes.clear();
        assert_eq!(state.leases(), [7, 9]);
        state.apply(&revoke(7), 6, &mut changes);
        assert_eq!(keys(&changes), ["b"]);
    }

    #[test]
    fn the_first_who_stands_leads_and_acts_with_its_key() {
        let (mut state, mut changes) = (StoreState::default(), Vec::new());
        assert_eq!(state.apply(&leader("e"), 2, &mut changes), None);
        state.take(&"e/9".into(), &"nine".into(), 9, 2, &mut changes);
        state.take(&"e/7".into(), &"seven".into(), 7, 3, &mut changes);
        state.take(&"e/9".into(), &"again".into(), 9, 4, &mut changes);
        assert_eq!(changes.len(), 2);
        let nine = with_lease(kv("e/9", "nine", 2, 2, 1), 9);
        assert_eq!(state.apply(&leader("e"), 4, &mut changes), Some(led(3, nine)));
        let mine = || leader_key("e", 9, 2);
        assert_eq!(state.apply(&proclaim(leader_key("e", 9, 3), "x"), 4, &mut changes), None);
        assert_eq!(state.apply(&proclaim(mine(), "x"), 4, &mut changes), Some(proclaimed(4)));
        assert_eq!(state.apply(&resign(leader_key("e", 9, 3)), 5, &mut changes), Some(resigned(4)));
        assert_eq!(state.apply(&resign(mine()), 5, &mut changes), Some(resigned(5)));
        assert_eq!(state.apply(&unlock("e/7"), 6, &mut changes), Some(unlocked(6)));
        assert_eq!(state.apply(&unlock("e/7"), 7, &mut changes), Some(unlocked(6)));
    }
}
