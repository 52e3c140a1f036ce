//! A lock among clients, over the plain API (etcd: `client/v3/concurrency/mutex.go`). It uses the keys of the
//! lock service, so that the two exclude one another.

use super::ownership::Ownership;
use super::recipe_error::RecipeError;
use super::session::Session;
use super::turn::Turn;
use revline_checker::history::HoldKind;
use revline_store::api::Compare;
use revline_store::bytes::Bytes;

/// A lock of some name, for one session. A session holds it once: locking it again gives the same key.
#[derive(Clone)]
pub struct Mutex {
    session: Session,
    name: Bytes,
}

/// A lock that is held, for as long as its key is there. Dropping it unlocks in the background.
///
/// A client may believe this longer than it is true: what must not be done by two belongs into a txn with
/// [`LockHeld::is_owner`].
pub struct LockHeld(Ownership);

impl Mutex {
    /// The lock with this name.
    pub fn new(session: &Session, name: impl Into<Bytes>) -> Mutex {
        Mutex { session: session.clone(), name: name.into() }
    }

    /// Waits for the lock and takes it. A caller that goes away while waiting, or gets an error, leaves no key
    /// behind that outlives its lease; if it is unknown whether there is one, the session ends.
    pub async fn lock(&self) -> Result<LockHeld, RecipeError> {
        self.enter().await?.wait().await.map(LockHeld)
    }

    /// Takes the lock if no other client holds it or waits for it.
    pub async fn try_lock(&self) -> Result<Option<LockHeld>, RecipeError> {
        let turn = self.enter().await?;
        if turn.has_come() {
            return turn.wait().await.map(LockHeld).map(Some);
        }
        turn.owner.give_up().await?;
        Ok(None)
    }

    async fn enter(&self) -> Result<Turn, RecipeError> {
        Turn::enter(&self.session, HoldKind::Lock, self.name.clone(), Bytes::default()).await
    }
}

impl LockHeld {
    /// The key that stands for the lock.
    pub fn key(&self) -> &Bytes {
        self.0.key()
    }

    /// The revision that created the key.
    pub fn create_revision(&self) -> i64 {
        self.0.create_revision()
    }

    /// A revision at which the lock was held.
    pub fn acquired_revision(&self) -> i64 {
        self.0.acquired_revision()
    }

    /// Holds in a txn for as long as the lock is held.
    pub fn is_owner(&self) -> Compare {
        self.0.is_owner()
    }

    /// Gives the lock back. If that has no good answer, it is tried again in the background.
    pub async fn unlock(self) -> Result<(), RecipeError> {
        self.0.give_up().await
    }
}
