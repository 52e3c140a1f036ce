//! The key of a client in a lock or an election, until it is given up.

use super::CallError;
use super::recipe_error::RecipeError;
use super::recorded::RecordedHold;
use super::session::Session;
use crate::recorder::HoldIndex;
use madsim::time::Duration;
use revline_checker::history::HoldKind;
use revline_store::api::Compare;
use revline_store::bytes::Bytes;
use revline_store::concurrency::{Waiter, delete_if, is_owner};

/// The pause before the key is deleted again, after that failed.
const RETRY: Duration = Duration::from_millis(50);

/// The key of a client that holds a lock or leads, or waits for it. Dropping it gives it up, in the
/// background.
pub(super) struct Ownership {
    session: Session,
    kind: HoldKind,
    pub waiter: Waiter,
    acquired_revision: i64,
    /// The value of the key, as far as this client knows.
    pub value: Bytes,
    hold: Option<HoldIndex>,
    given_up: bool,
}

impl Ownership {
    pub fn new(session: Session, kind: HoldKind, waiter: Waiter) -> Ownership {
        let value = waiter.value().clone();
        Ownership { session, kind, waiter, acquired_revision: 0, value, hold: None, given_up: false }
    }

    pub fn session(&self) -> &Session {
        &self.session
    }

    pub fn key(&self) -> &Bytes {
        self.waiter.key()
    }

    pub fn create_revision(&self) -> i64 {
        self.waiter.create_revision()
    }

    pub fn acquired_revision(&self) -> i64 {
        self.acquired_revision
    }

    /// Holds in a txn for as long as the key is there.
    pub fn is_owner(&self) -> Compare {
        is_owner(self.key(), self.create_revision())
    }

    /// From now on the client believes that it holds what it waited for.
    pub fn acquired(&mut self, revision: i64) {
        self.acquired_revision = revision;
        let lease = self.session.lease();
        let what = (self.kind, self.waiter.name(), self.key());
        let hold = RecordedHold::begin(self.session.client(), what, lease, self.create_revision(), revision);
        self.hold = Some(self.session.holds(hold));
    }

    /// The key is gone: there is nothing to give up.
    pub fn gone(&mut self) -> RecipeError {
        self.believe_no_more();
        self.given_up = true;
        RecipeError::KeyGone
    }

    fn believe_no_more(&mut self) {
        if let Some(hold) = self.hold.take() {
            self.session.gives_up(hold);
        }
    }

    /// Deletes the key. If that has no good answer, it is tried again in the background until it has one or
    /// the session is over.
    pub async fn give_up(mut self) -> Result<(), RecipeError> {
        self.believe_no_more();
        delete(&self.session, self.key(), self.create_revision()).await.map_err(RecipeError::of)?;
        self.given_up = true;
        Ok(())
    }
}

/// Deletes the key, if it is the one that was created then: so that it may be tried again.
async fn delete(session: &Session, key: &Bytes, create_revision: i64) -> Result<(), CallError> {
    session.client().txn(delete_if(create_revision, key)).await.map(drop)
}

impl Drop for Ownership {
    fn drop(&mut self) {
        if self.given_up || std::thread::panicking() {
            return;
        }
        self.believe_no_more();
        if self.session.is_lost() {
            return;
        }
        let (session, key, create_revision) =
            (self.session.clone(), self.key().clone(), self.create_revision());
        let world = session.client().world.clone();
        world.spawn_here(async move {
            while !session.is_lost() && delete(&session, &key, create_revision).await.is_err() {
                session.client().world.sleep(RETRY).await;
            }
        });
    }
}
