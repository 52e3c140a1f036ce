//! A key of one's own in a lock or an election, until it is given up.

use super::CallError;
use super::recipe_error::RecipeError;
use super::session::Session;
use super::turn::created_at;
use crate::recorder::HoldIndex;
use madsim::time::Duration;
use revline_checker::history::HoldKind;
use revline_store::api::{Compare, DeleteRangeRequest, RequestOp, TxnRequest};
use revline_store::bytes::Bytes;

/// How long to wait before the key is deleted again, after that failed.
const RETRY: Duration = Duration::from_millis(50);

/// The key of a client that holds a lock or leads, or waits for it. Dropping it gives it up, in the
/// background.
pub(super) struct Ownership {
    session: Session,
    kind: HoldKind,
    name: Bytes,
    key: Bytes,
    create_revision: i64,
    acquired_revision: i64,
    /// What the key shows, as far as this client knows.
    pub value: Bytes,
    hold: Option<HoldIndex>,
    given_up: bool,
}

impl Ownership {
    pub fn new(
        session: Session,
        kind: HoldKind,
        (name, key): (Bytes, Bytes),
        create_revision: i64,
        value: Bytes,
    ) -> Ownership {
        Ownership {
            session,
            kind,
            name,
            key,
            create_revision,
            acquired_revision: 0,
            value,
            hold: None,
            given_up: false,
        }
    }

    pub fn session(&self) -> &Session {
        &self.session
    }

    pub fn name(&self) -> &Bytes {
        &self.name
    }

    pub fn key(&self) -> &Bytes {
        &self.key
    }

    pub fn create_revision(&self) -> i64 {
        self.create_revision
    }

    pub fn acquired_revision(&self) -> i64 {
        self.acquired_revision
    }

    /// Holds in a txn for as long as the key is there.
    pub fn is_owner(&self) -> Compare {
        created_at(&self.key, self.create_revision)
    }

    /// From now on the client believes that it holds what it waited for.
    pub fn acquired(&mut self, revision: i64) {
        self.acquired_revision = revision;
        let lease = self.session.lease();
        let what = (self.kind, &self.name, &self.key);
        let hold = self.session.client().hold_began(what, lease, self.create_revision, revision);
        self.session.holds(hold);
        self.hold = Some(hold);
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
        delete(&self.session, &self.key, self.create_revision).await.map_err(RecipeError::of)?;
        self.given_up = true;
        Ok(())
    }
}

/// Deletes the key, if it is the one that was created then: so that it may be tried again.
async fn delete(session: &Session, key: &Bytes, create_revision: i64) -> Result<(), CallError> {
    let delete = DeleteRangeRequest { key: key.clone(), ..DeleteRangeRequest::default() };
    let txn = TxnRequest {
        compare: vec![created_at(key, create_revision)],
        success: vec![RequestOp::DeleteRange(delete)],
        failure: Vec::new(),
    };
    session.client().txn(txn).await.map(drop)
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
        let (session, key, create_revision) = (self.session.clone(), self.key.clone(), self.create_revision);
        let world = session.client().world.clone();
        world.spawn_here(async move {
            while !session.is_lost() && delete(&session, &key, create_revision).await.is_err() {
                session.client().world.sleep(RETRY).await;
            }
        });
    }
}
