//! Waiting for one's turn: the host of a [`Waiter`], which locks and elections have in common.

use super::ownership::Ownership;
use super::recipe_error::RecipeError;
use super::session::Session;
use super::{CallError, WatchItem};
use revline_checker::history::HoldKind;
use revline_store::api::{TxnRequest, WatchCreateRequest};
use revline_store::bytes::Bytes;
use revline_store::concurrency::{Waiter, WaiterStep};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

/// A key of a client that waits until no key of the name was created before it.
pub(super) struct Turn {
    pub owner: Ownership,
}

/// Ends the session if the caller goes away while it is unknown whether its key was created.
struct Unanswered<'a>(Option<&'a Session>);

impl Drop for Unanswered<'_> {
    fn drop(&mut self) {
        if let Some(session) = self.0.take().filter(|_| !std::thread::panicking()) {
            session.abandon();
        }
    }
}

impl Turn {
    /// Creates the key, or finds the one that is there.
    pub async fn enter(
        session: &Session,
        kind: HoldKind,
        name: Bytes,
        value: Bytes,
    ) -> Result<Turn, RecipeError> {
        if session.is_lost() {
            return Err(RecipeError::SessionLost);
        }
        let mut waiter = Waiter::new(name, session.lease(), value);
        if let WaiterStep::Ask(txn) = waiter.next() {
            let mut unanswered = Unanswered(Some(session));
            let answer = session.client().txn(txn).await;
            if !matches!(answer, Err(CallError::Unknown(_))) {
                unanswered.0 = None;
            }
            waiter.answered(&answer.map_err(RecipeError::of)?);
        }
        Ok(Turn { owner: Ownership::new(session.clone(), kind, waiter) })
    }

    /// True if its turn has come.
    pub fn has_come(&self) -> bool {
        matches!(self.owner.waiter.next(), WaiterStep::Owns(_))
    }

    /// Waits until its turn has come; then it is recorded as held.
    pub async fn wait(mut self) -> Result<Ownership, RecipeError> {
        let session = self.owner.session().clone();
        let revision = loop {
            match self.owner.waiter.next() {
                WaiterStep::Owns(revision) => break revision,
                step => match first(self.take(step), session.lost()).await {
                    Some(taken) => taken?,
                    None => return Err(RecipeError::SessionLost),
                },
            }
        };
        if session.is_lost() {
            return Err(RecipeError::SessionLost);
        }
        self.owner.acquired(revision);
        Ok(self.owner)
    }

    async fn take(&mut self, step: WaiterStep) -> Result<(), RecipeError> {
        match step {
            WaiterStep::Ask(txn) => self.ask(txn).await,
            WaiterStep::Watch(request) => self.watch(request).await,
            WaiterStep::Gone => Err(self.owner.gone()),
            WaiterStep::Owns(_) => Ok(()),
        }
    }

    async fn ask(&mut self, txn: TxnRequest) -> Result<(), RecipeError> {
        let response = self.owner.session().client().txn(txn).await.map_err(RecipeError::of)?;
        self.owner.waiter.answered(&response);
        Ok(())
    }

    /// Follows the other waiters, until the next step is another one.
    async fn watch(&mut self, request: WatchCreateRequest) -> Result<(), RecipeError> {
        let mut watcher = self.owner.session().client().watch_as(request);
        while let Some(item) = watcher.next().await {
            if self.owner.waiter.watched(&item) {
                continue;
            }
            return match item {
                WatchItem::Refused(why) => Err(RecipeError::WatchRefused(why)),
                _ => Ok(()),
            };
        }
        Ok(())
    }
}

/// The result of `wanted`, unless `end` comes first.
async fn first<T>(wanted: impl Future<Output = T>, end: impl Future<Output = ()>) -> Option<T> {
    let (mut wanted, mut end) = (pin!(wanted), pin!(end));
    poll_fn(|context| {
        if let Poll::Ready(value) = wanted.as_mut().poll(context) {
            return Poll::Ready(Some(value));
        }
        end.as_mut().poll(context).map(|()| None)
    })
    .await
}
