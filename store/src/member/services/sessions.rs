//! The lease of a waiter whose client brought none. It is kept alive until the waiting ends: the owner of the
//! lock then has it for as long as the lease lives. (etcd's services keep it alive once, when they begin.)

use crate::lease::LeaseQuestion;
use crate::machine::Time;
use crate::member::cx::Cx;
use crate::member::services::waiters::Waiters;
use crate::member::services::{ServiceId, keep_alive_of};
use crate::member::v3_server::V3Server;
use std::time::Duration;

/// A lease that was granted for a waiter.
#[derive(Debug)]
pub(super) struct Session {
    ttl_s: i64,
    /// The time of the next keepalive.
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

impl Waiters {
    /// Keeps the leases alive that were granted for waiters whose clients still wait.
    pub(super) fn keep_alive(&mut self, cx: &mut Cx<'_>, server: &mut V3Server) {
        for (&id, waiter) in self.iter_mut() {
            if let Some(session) = waiter.session.as_mut().filter(|session| cx.now >= session.due)
                && waiter.client.is_some()
            {
                session.due = cx.now + every(session.ttl_s);
                let question = LeaseQuestion::Renew { id: waiter.lease };
                server.leases.calls.push(cx, keep_alive_of(id), question, None);
            }
        }
    }

    /// Takes the answer to a keepalive. That the lease is gone shows in its key.
    pub fn kept_alive(&mut self, cx: &Cx<'_>, id: ServiceId, answered: bool) {
        let waiter = self.get_mut(id);
        if let Some(session) = waiter.and_then(|waiter| waiter.session.as_mut())
            && !answered
        {
            session.due = cx.now;
        }
    }
}
