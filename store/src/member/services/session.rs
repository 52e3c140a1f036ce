//! The lease of a contest whose client brought none. It is kept alive until the contest ends: whoever holds the
//! lock then has it for as long as the lease lives. (etcd's services keep it alive once, when they begin.)

use super::super::Member;
use super::{ServiceId, keep_alive_of};
use crate::lease::LeaseQuestion;
use crate::machine::Time;
use std::time::Duration;

/// A lease that was granted for a contest.
#[derive(Debug)]
pub(in crate::member) struct Session {
    ttl_s: i64,
    /// When to keep it alive next.
    due: Time,
}

impl Session {
    pub fn granted(ttl_s: i64, now: Time) -> Session {
        Session { ttl_s, due: now + every(ttl_s) }
    }
}

/// A third of the TTL, as etcd's client.
fn every(ttl_s: i64) -> Duration {
    Duration::from_secs(u64::try_from(ttl_s).unwrap_or(0)) / 3
}

impl Member {
    pub(super) fn keep_sessions_alive(&mut self) {
        let now = self.core.now;
        let mut due = Vec::new();
        for (&id, contest) in &mut self.services.contests {
            if let Some(session) = contest.session.as_mut().filter(|session| now >= session.due)
                && contest.client.is_some()
            {
                session.due = now + every(session.ttl_s);
                due.push((id, contest.lease));
            }
        }
        for (id, lease) in due {
            let question = LeaseQuestion::Renew { id: lease };
            self.push_lease_call(keep_alive_of(id), question, None);
        }
    }

    /// The answer to a keepalive. That the lease is gone shows in its key.
    pub(super) fn session_kept_alive(&mut self, id: ServiceId, answered: bool) {
        let contest = self.services.contests.get_mut(&id);
        if let Some(session) = contest.and_then(|contest| contest.session.as_mut())
            && !answered
        {
            session.due = self.core.now;
        }
    }
}
