//! The expiry of leases: known to the leader alone, by its own clock, and lost with its leadership.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use super::{LeaseCheckpoint, Lessor};
use crate::machine::Time;

/// The leader looks for expired leases every so often (`runLoop`).
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// It takes at most so many at once (`leaseRevokeRate / 2`).
const EXPIRED_MAX: usize = 500;

/// So many revokes may be on their way through the log (`maxPendingRevokes`).
const REVOKES_IN_FLIGHT_MAX: usize = 16;

/// So many leases fit into one entry of checkpoints (`maxLeaseCheckpointBatchSize`).
const CHECKPOINTS_MAX: usize = 1000;

/// The lease times of a leader, from its promotion on.
#[derive(Debug)]
pub(crate) struct Primary {
    /// The term in which it leads.
    pub term: u64,
    /// The last time that a majority is known to have followed it: the time it asked, not that of the answer.
    pub confirmed_at: Option<Time>,
    checkpoint_every: Duration,
    retry_after: Duration,
    next_look: Time,
    expiries: BTreeMap<i64, Time>,
    /// The leases that were not yet found expired.
    by_expiry: BTreeSet<(Time, i64)>,
    /// Expired, and not yet proposed to be revoked.
    expired: VecDeque<i64>,
    /// Proposed to be revoked, and when to do so again.
    revoking: BTreeMap<i64, Time>,
    /// The times of the next checkpoints of leases.
    by_checkpoint: BTreeSet<(Time, i64)>,
    checkpoint_due: BTreeMap<i64, Time>,
    /// Checkpoints on their way through the log.
    checkpointing: BTreeMap<i64, Checkpointing>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Checkpointing {
    entries: u32,
    /// The last of them says that the lease was kept alive.
    clears: bool,
}

/// The lease clock settings of a leader.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PrimaryConfig {
    /// A lease is given so much longer by a new leader, which knows nothing of its last keepalives.
    pub extend: Duration,
    /// A lease that lives longer than this has its remaining TTL told to all members as often.
    pub checkpoint_every: Duration,
    /// A revoke that was not applied after so long is proposed again.
    pub retry_after: Duration,
    /// Forget remaining TTLs.
    pub forget_remaining: bool,
}

impl Primary {
    /// A new leader that applied the first entry of its term.
    pub fn promote(term: u64, leases: &Lessor, now: Time, config: PrimaryConfig) -> Primary {
        let mut primary = Primary {
            term,
            confirmed_at: None,
            checkpoint_every: config.checkpoint_every,
            retry_after: config.retry_after,
            next_look: now,
            expiries: BTreeMap::new(),
            by_expiry: BTreeSet::new(),
            expired: VecDeque::new(),
            revoking: BTreeMap::new(),
            by_checkpoint: BTreeSet::new(),
            checkpoint_due: BTreeMap::new(),
            checkpointing: BTreeMap::new(),
        };
        for (id, lease) in leases.iter() {
            let remaining_ttl_s = match lease.remaining_ttl_s {
                remaining_ttl_s if remaining_ttl_s > 0 && !config.forget_remaining => remaining_ttl_s,
                _ => lease.granted_ttl_s,
            };
            primary.expire_at(id, now + seconds(remaining_ttl_s) + config.extend);
            primary.schedule_checkpoint(id, remaining_ttl_s, now);
        }
        primary
    }

    /// Sets the expiry and checkpoint of a granted lease.
    pub fn granted(&mut self, id: i64, ttl_s: i64, now: Time) {
        self.expire_at(id, now + seconds(ttl_s));
        self.schedule_checkpoint(id, ttl_s, now);
    }

    /// Extends a lease that was kept alive. It must not have expired.
    pub fn renewed(&mut self, id: i64, ttl_s: i64, now: Time) {
        debug_assert!(!self.is_expired(id, now), "an expired lease is going to be revoked");
        self.expire_at(id, now + seconds(ttl_s));
    }

    /// Forgets a lease that is gone.
    pub fn revoked(&mut self, id: i64) {
        if let Some(expiry) = self.expiries.remove(&id) {
            self.by_expiry.remove(&(expiry, id));
        }
        if let Some(due) = self.checkpoint_due.remove(&id) {
            self.by_checkpoint.remove(&(due, id));
        }
        self.revoking.remove(&id);
    }

    /// A checkpoint was applied, after which the lease lives for so long.
    pub fn checkpointed(&mut self, id: i64, remaining_ttl_s: i64, now: Time) {
        if let Some(checkpointing) = self.checkpointing.get_mut(&id) {
            checkpointing.entries -= 1;
            if checkpointing.entries == 0 {
                self.checkpointing.remove(&id);
            }
        }
        if self.expiries.contains_key(&id) && !self.checkpointing.contains_key(&id) {
            self.schedule_checkpoint(id, remaining_ttl_s, now);
        }
    }

    /// Returns true if nothing can keep the lease alive any more.
    pub fn is_expired(&self, id: i64, now: Time) -> bool {
        self.expiries.get(&id).is_some_and(|&expiry| now >= expiry)
    }

    /// The remaining time of the lease.
    pub fn remaining(&self, id: i64, now: Time) -> Duration {
        self.expiries.get(&id).map_or(Duration::ZERO, |&expiry| expiry - now)
    }

    /// Returns true if a checkpoint of this lease is on its way through the log.
    pub fn is_checkpointing(&self, id: i64) -> bool {
        self.checkpointing.contains_key(&id)
    }

    /// Returns true if the checkpoint that the lease was kept alive is on its way through the log.
    pub fn is_clearing(&self, id: i64) -> bool {
        self.checkpointing.get(&id).is_some_and(|checkpointing| checkpointing.clears)
    }

    /// Notes that these checkpoints were proposed.
    pub fn checkpoints_proposed(&mut self, checkpoints: &[LeaseCheckpoint]) {
        for checkpoint in checkpoints {
            let checkpointing = self.checkpointing.entry(checkpoint.id).or_default();
            checkpointing.entries += 1;
            checkpointing.clears = checkpoint.remaining_ttl_s == 0;
            if let Some(due) = self.checkpoint_due.remove(&checkpoint.id) {
                self.by_checkpoint.remove(&(due, checkpoint.id));
            }
        }
    }

    /// Looks for expired leases, if it is time to. True if it did.
    pub fn look(&mut self, now: Time) -> bool {
        if now < self.next_look {
            return false;
        }
        self.next_look = now + LOOK_EVERY;
        for (id, _) in self.revoking.extract_if(.., |_, retry_at| now >= *retry_at) {
            self.expired.push_back(id);
        }
        // Those found before come first.
        while self.expired.len() < EXPIRED_MAX
            && let Some(&(expiry, id)) = self.by_expiry.first()
            && expiry <= now
        {
            self.by_expiry.pop_first();
            self.expired.push_back(id);
        }
        true
    }

    /// The next expired lease to revoke, unless enough are being revoked.
    pub fn next_to_revoke(&mut self) -> Option<i64> {
        while self.revoking.len() < REVOKES_IN_FLIGHT_MAX {
            let &id = self.expired.front()?;
            if self.expiries.contains_key(&id) {
                return Some(id);
            }
            // A client was faster.
            self.expired.pop_front();
        }
        None
    }

    /// Notes that the leases of [`Primary::next_to_revoke`] were proposed to be revoked.
    pub fn revoke_proposed(&mut self, now: Time) {
        if let Some(id) = self.expired.pop_front() {
            self.revoking.insert(id, now + self.retry_after);
        }
    }

    /// The checkpoints that are due, as many as fit into one entry.
    pub fn due_checkpoints(&mut self, leases: &Lessor, now: Time) -> Vec<LeaseCheckpoint> {
        let mut checkpoints = Vec::new();
        while checkpoints.len() < CHECKPOINTS_MAX
            && let Some(&(due, id)) = self.by_checkpoint.first()
            && due <= now
        {
            self.by_checkpoint.pop_first();
            self.checkpoint_due.remove(&id);
            let granted_ttl_s = leases.get(id).map_or(0, |lease| lease.granted_ttl_s);
            let remaining_ttl_s = whole_seconds_up(self.remaining(id, now));
            if remaining_ttl_s >= granted_ttl_s {
                // It was just kept alive. (etcd then never looks at it again.)
                self.schedule_checkpoint(id, remaining_ttl_s, now);
            } else if remaining_ttl_s > 0 {
                checkpoints.push(LeaseCheckpoint { id, remaining_ttl_s });
            }
        }
        checkpoints
    }

    fn expire_at(&mut self, id: i64, expiry: Time) {
        if let Some(before) = self.expiries.insert(id, expiry) {
            self.by_expiry.remove(&(before, id));
        }
        self.by_expiry.insert((expiry, id));
    }

    /// A lease that expires before the next checkpoint needs none.
    fn schedule_checkpoint(&mut self, id: i64, remaining_ttl_s: i64, now: Time) {
        if seconds(remaining_ttl_s) > self.checkpoint_every && !self.checkpoint_due.contains_key(&id) {
            let due = now + self.checkpoint_every;
            self.checkpoint_due.insert(id, due);
            self.by_checkpoint.insert((due, id));
        }
    }
}

fn seconds(seconds: i64) -> Duration {
    Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
}

fn whole_seconds_up(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos().div_ceil(1_000_000_000)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: PrimaryConfig = PrimaryConfig {
        extend: Duration::from_secs(1),
        checkpoint_every: Duration::from_secs(5),
        retry_after: Duration::from_secs(7),
        forget_remaining: false,
    };

    fn at(ms: u64) -> Time {
        Time::from_millis(ms)
    }

    fn lessor(leases: &[(i64, i64, i64)]) -> Lessor {
        let mut lessor = Lessor::default();
        for &(id, granted_ttl_s, remaining_ttl_s) in leases {
            lessor.grant(id, granted_ttl_s).unwrap();
            lessor.checkpoint(id, remaining_ttl_s);
        }
        lessor
    }

    fn revoke_all(primary: &mut Primary, now: Time) -> Vec<i64> {
        let mut ids = Vec::new();
        while let Some(id) = primary.next_to_revoke() {
            primary.revoke_proposed(now);
            ids.push(id);
        }
        ids
    }

    #[test]
    fn a_new_leader_gives_what_remained_and_an_election_timeout() {
        let leases = lessor(&[(1, 10, 0), (2, 10, 4)]);
        let mut primary = Primary::promote(1, &leases, at(100), CONFIG);
        assert_eq!(primary.remaining(1, at(100)), Duration::from_secs(11));
        assert_eq!(primary.remaining(2, at(100)), Duration::from_secs(5));
        assert!(primary.look(at(5_099)));
        assert_eq!(primary.next_to_revoke(), None);
        assert!(primary.look(at(5_600)));
        assert_eq!(revoke_all(&mut primary, at(5_600)), [2]);

        let forgetful = PrimaryConfig { forget_remaining: true, ..CONFIG };
        let primary = Primary::promote(1, &leases, at(100), forgetful);
        assert_eq!(primary.remaining(2, at(100)), Duration::from_secs(11));
    }

    #[test]
    fn it_looks_twice_a_second_and_revokes_16_at_a_time_in_the_order_of_expiry() {
        let mut primary = Primary::promote(1, &lessor(&[]), at(0), CONFIG);
        for id in 1..=600 {
            primary.granted(id, 2, at(1_000 - id as u64));
        }
        assert!(primary.look(at(2_900)));
        assert!(!primary.look(at(3_399)), "half a second later at the earliest");
        assert_eq!(primary.expired.len(), EXPIRED_MAX);
        let first = revoke_all(&mut primary, at(2_900));
        assert_eq!(first, (585..=600).rev().collect::<Vec<i64>>());
        primary.revoked(600);
        primary.revoked(590);
        assert_eq!(revoke_all(&mut primary, at(2_900)), [584, 583]);
        assert!(primary.look(at(3_400)));
        assert_eq!(primary.expired.len(), EXPIRED_MAX, "no more at once");
        // Those that were not applied in time are proposed again, after the others.
        primary.expired.clear();
        primary.by_expiry.clear();
        assert!(primary.look(at(2_900 + 7_000)));
        assert_eq!(primary.expired.len(), 16);
    }

    #[test]
    fn a_lease_that_was_kept_alive_or_revoked_does_not_expire() {
        let mut primary = Primary::promote(1, &lessor(&[]), at(0), CONFIG);
        for id in 1..=3 {
            primary.granted(id, 2, at(0));
        }
        primary.renewed(1, 2, at(1_000));
        primary.revoked(2);
        primary.look(at(2_000));
        assert_eq!(revoke_all(&mut primary, at(2_000)), [3]);
        assert!(primary.is_expired(3, at(2_000)) && !primary.is_expired(1, at(2_999)));
        primary.look(at(3_000));
        primary.revoked(1);
        assert_eq!(primary.next_to_revoke(), None, "a client was faster");
    }

    #[test]
    fn long_leases_are_checkpointed_as_often_as_configured() {
        let leases = lessor(&[(1, 12, 0), (2, 5, 0)]);
        let mut primary = Primary::promote(1, &lessor(&[]), at(0), CONFIG);
        primary.granted(1, 12, at(0));
        primary.granted(2, 5, at(0));
        assert_eq!(primary.due_checkpoints(&leases, at(4_999)), []);
        let due = primary.due_checkpoints(&leases, at(5_000));
        assert_eq!(due, [LeaseCheckpoint { id: 1, remaining_ttl_s: 7 }], "one that is short needs none");
        primary.checkpoints_proposed(&due);
        assert!(primary.is_checkpointing(1) && !primary.is_clearing(1));
        // Kept alive meanwhile: its checkpoint is applied after the one before.
        primary.checkpoints_proposed(&[LeaseCheckpoint { id: 1, remaining_ttl_s: 0 }]);
        assert!(primary.is_clearing(1));
        primary.checkpointed(1, 7, at(5_100));
        assert!(primary.is_clearing(1));
        primary.checkpointed(1, 12, at(5_200));
        assert!(!primary.is_checkpointing(1));
        primary.renewed(1, 12, at(5_200));
        assert_eq!(primary.due_checkpoints(&leases, at(10_199)), []);
        // Just kept alive: nothing to say, but to look again.
        primary.renewed(1, 12, at(10_200));
        assert_eq!(primary.due_checkpoints(&leases, at(10_200)), []);
        let due = primary.due_checkpoints(&leases, at(15_200));
        assert_eq!(due, [LeaseCheckpoint { id: 1, remaining_ttl_s: 7 }]);
    }
}
