//! The keepalive of a lease (`client/v3/lease.go`), and when its client has to take the lease to be lost.

use crate::machine::Time;
use std::time::Duration;

/// A lease that is kept alive every third of its TTL.
///
/// It is lost when the TTL is over, by the client's own clock, since the last keepalive that was acknowledged was
/// *sent*: the leader cannot have begun to count earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeepAlive {
    ttl: Duration,
    /// The time at which the last acknowledged grant or keepalive was sent.
    sent_at: Time,
    /// Until then the client does nothing, and notices nothing.
    suspended_until: Time,
}

/// The next keepalive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextKeepAlive {
    /// The time until it is sent.
    pub wait: Duration,
    /// The time it may take.
    pub deadline: Duration,
}

impl KeepAlive {
    /// A lease whose grant or keepalive was sent then.
    pub fn new(sent_at: Time, ttl_s: i64) -> KeepAlive {
        KeepAlive { ttl: ttl(ttl_s), sent_at, suspended_until: Time::default() }
    }

    /// A keepalive that was sent then was acknowledged.
    pub fn kept(&mut self, sent_at: Time, ttl_s: i64) {
        (self.sent_at, self.ttl) = (sent_at, ttl(ttl_s));
    }

    /// The client's process stands still until then.
    pub fn suspend_until(&mut self, until: Time) {
        self.suspended_until = self.suspended_until.max(until);
    }

    /// Returns true if the lease must be taken to be lost.
    pub fn is_lost(&self, now: Time) -> bool {
        now >= self.sent_at + self.ttl && now >= self.suspended_until
    }

    /// The next keepalive.
    pub fn next(&self, now: Time) -> NextKeepAlive {
        let begin = (self.sent_at + self.ttl / 3).max(self.suspended_until).max(now);
        let lost = (self.sent_at + self.ttl).max(self.suspended_until);
        NextKeepAlive { wait: begin - now, deadline: (self.ttl / 3).min(lost - begin) }
    }
}

fn ttl(ttl_s: i64) -> Duration {
    Duration::from_secs(u64::try_from(ttl_s).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keepalive_is_sent_every_third_of_the_ttl_and_never_later_than_the_lease_lives() {
        let s = |s: u64| Time::from_millis(s * 1_000);
        let mut lease = KeepAlive::new(s(10), 9);
        let seconds = |next: NextKeepAlive| (next.wait.as_secs(), next.deadline.as_secs());
        assert_eq!(seconds(lease.next(s(11))), (2, 3));
        assert_eq!(seconds(lease.next(s(17))), (0, 2));
        assert!(!lease.is_lost(s(18)) && lease.is_lost(s(19)));
        lease.suspend_until(s(25));
        assert!(!lease.is_lost(s(24)), "it notices nothing while it stands still");
        assert_eq!(seconds(lease.next(s(17))), (8, 0));
        lease.kept(s(26), 6);
        assert_eq!(seconds(lease.next(s(26))), (2, 2));
    }
}
