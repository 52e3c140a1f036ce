//! A lease that is kept alive for as long as its client goes on
//! (etcd: `client/v3/concurrency/session.go`).

use super::recorded::RecordedHold;
use super::{CallError, Client};
use crate::client_host::Manner;
use crate::recorder::HoldIndex;
use madsim::time::Duration;
use revline_store::concurrency::{KeepAlive, NextKeepAlive};
use revline_store::error::Error;
use revline_store::machine::Time;
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::task::{Poll, Waker};

/// The pause before a session tries to keep its lease alive again, after that failed.
const RETRY: Duration = Duration::from_millis(50);

/// A lease with a task that keeps it alive every third of its TTL. Clones are the same session; when the last
/// of them is dropped, nothing keeps the lease alive any more.
///
/// It is lost when its [`KeepAlive`] is, and when a keepalive is answered that the lease is gone.
#[derive(Clone)]
pub struct Session(Arc<Inner>);

struct Inner {
    client: Client,
    lease: i64,
    state: Mutex<State>,
}

struct State {
    lease: KeepAlive,
    /// The lease is lost, or the session was closed.
    over: bool,
    holds: BTreeMap<HoldIndex, RecordedHold>,
    wakers: Vec<Waker>,
}

impl Session {
    /// A session on a new lease of this TTL, in seconds.
    pub(super) async fn grant(client: &Client, ttl_s: i64) -> Result<Session, CallError> {
        let asked_ns = client.now_ns();
        let granted = client.grant(ttl_s).await?;
        Ok(Session::keep(client.clone(), granted.id, granted.ttl_s, asked_ns))
    }

    /// A session on a lease that exists.
    pub(super) async fn on_lease(client: &Client, lease: i64) -> Result<Session, CallError> {
        let asked_ns = client.now_ns();
        let kept = client.keep_alive_once(lease).await?;
        if kept.ttl_s <= 0 {
            return Err(CallError::Failed(Error::LeaseNotFound));
        }
        Ok(Session::keep(client.clone(), lease, kept.ttl_s, asked_ns))
    }

    fn keep(client: Client, lease: i64, ttl_s: i64, asked_ns: u64) -> Session {
        let state = State {
            lease: KeepAlive::new(Time(asked_ns), ttl_s),
            over: false,
            holds: BTreeMap::new(),
            wakers: Vec::new(),
        };
        let session = Session(Arc::new(Inner { client, lease, state: Mutex::new(state) }));
        session.0.client.world.spawn_here(keep_alive(Arc::downgrade(&session.0)));
        session
    }

    /// The lease.
    pub fn lease(&self) -> i64 {
        self.0.lease
    }

    /// The client.
    pub fn client(&self) -> &Client {
        &self.0.client
    }

    /// True if the lease must be taken to be gone, or the session was closed.
    pub fn is_lost(&self) -> bool {
        self.0.is_over()
    }

    /// Waits until the session is lost.
    pub async fn lost(&self) {
        poll_fn(|context| {
            let mut state = self.0.state();
            if state.over {
                return Poll::Ready(());
            }
            if !state.wakers.iter().any(|waker| waker.will_wake(context.waker())) {
                state.wakers.push(context.waker().clone());
            }
            Poll::Pending
        })
        .await;
    }

    /// Revokes the lease, and with it goes everything attached to it. Nothing keeps it alive any more, even if
    /// that fails.
    pub async fn close(&self) -> Result<(), CallError> {
        self.0.end();
        match self.0.client.revoke(self.0.lease).await {
            Ok(_) | Err(CallError::Failed(Error::LeaseNotFound)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Leaves the lease to itself: it lives for its TTL, and nothing keeps it alive.
    pub fn orphan(&self) {
        self.0.end();
    }

    /// The client's process stands still for so long: meanwhile the lease is not kept alive, and that it was
    /// lost goes unnoticed. What the caller does besides is left to it.
    pub fn suspend(&self, duration: Duration) {
        let until_ns = self.0.client.now_ns() + duration.as_nanos() as u64;
        self.0.state().lease.suspend_until(Time(until_ns));
    }

    /// Ends the session, as far as possible at once, because it is unknown what was left behind under its lease.
    pub(super) fn abandon(&self) {
        self.0.end();
        let session = self.clone();
        self.0.client.world.spawn_here(async move {
            for _ in 0..10 {
                if session.close().await.is_ok() {
                    return;
                }
                session.0.client.world.sleep(RETRY).await;
            }
        });
    }

    /// Ties a hold to the session: it ends with it.
    pub(super) fn holds(&self, hold: RecordedHold) -> HoldIndex {
        let index = hold.index();
        self.0.state().holds.insert(index, hold);
        index
    }

    /// Ends a hold.
    pub(super) fn gives_up(&self, hold: HoldIndex) {
        let hold = self.0.state().holds.remove(&hold);
        if let Some(hold) = hold {
            hold.end();
        }
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("the world runs on one thread")
    }

    fn is_over(&self) -> bool {
        let now = Time(self.client.now_ns());
        let state = self.state();
        state.over || state.lease.is_lost(now)
    }

    /// The lease is lost, or left.
    fn end(&self) {
        let (holds, wakers) = {
            let mut state = self.state();
            state.over = true;
            (std::mem::take(&mut state.holds), std::mem::take(&mut state.wakers))
        };
        holds.into_values().for_each(RecordedHold::end);
        wakers.into_iter().for_each(Waker::wake);
    }

    fn next(&self) -> NextKeepAlive {
        let now = Time(self.client.now_ns());
        self.state().lease.next(now)
    }
}

/// Keeps the lease of a session alive, until that is lost or no longer in use.
async fn keep_alive(session: Weak<Inner>) {
    let Some(world) = session.upgrade().map(|inner| inner.client.world.clone()) else { return };
    loop {
        let Some(NextKeepAlive { wait, .. }) = session.upgrade().map(|inner| inner.next()) else { return };
        world.sleep(wait).await;
        let Some(inner) = session.upgrade() else { return };
        if inner.state().over {
            return;
        }
        let NextKeepAlive { wait, deadline } = inner.next();
        if !wait.is_zero() {
            continue;
        }
        if inner.is_over() {
            inner.end();
            return;
        }
        let asked_ns = inner.client.now_ns();
        let patience = deadline.max(Duration::from_millis(1));
        let manner = Manner { background: true, ..Manner::within(patience) };
        match inner.client.keep_alive_in(inner.lease, manner).await {
            Ok(kept) if kept.ttl_s > 0 => inner.state().lease.kept(Time(asked_ns), kept.ttl_s),
            Ok(_) | Err(CallError::Failed(Error::LeaseNotFound)) => inner.end(),
            Err(_) => world.sleep(RETRY).await,
        }
    }
}
