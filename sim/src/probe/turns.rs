//! Probes of what clients do with one another: one waits until another gives up, one sees who leads.
//!
//! They are dear, and a member or a proxy that fails here fails whoever is asked: one server of each kind is, which the
//! seed chooses.

use super::{ATTEMPT, Probe, Unserved};
use crate::client::{Election, Mutex, RecipeError};
use madsim::time::Duration;

/// The time after which the second client certainly waits.
const IN_LINE: Duration = Duration::from_millis(100);

impl Probe<'_> {
    /// The lock service hands a lock on to a client that waits for it.
    pub(super) async fn lock_turn(&self) -> Result<(), Unserved> {
        let (name, session, next) = (self.key(), self.session().await?, self.session().await?);
        let held = session.lock_by_service(name.as_str(), ATTEMPT).await?;
        let (waits, reader) = (next.clone(), self.client.clone());
        let waiting = self.world.spawn(async move {
            let held = waits.lock_by_service(name, ATTEMPT).await?;
            // Since when it waits is not in the answer.
            let key = held.key().clone();
            reader.get(key).await.map_err(RecipeError::Call)?;
            held.give_up().await
        });
        self.world.sleep(IN_LINE).await;
        held.give_up().await?;
        waiting.await.map_err(|_| Unserved::Failed)??;
        session.close().await?;
        next.close().await?;
        Ok(())
    }

    /// The election service shows an observer one leader after the other.
    pub(super) async fn observe_turn(&self) -> Result<(), Unserved> {
        let name = self.key();
        let mut observer = self.client.observe_by_service(name.as_str());
        for value in ["first", "second"] {
            let session = self.session().await?;
            let held = session.campaign_by_service(name.as_str(), value, ATTEMPT).await?;
            // A stream that broke shows the leader before this one once more.
            while observer.next().await?.kv.value.as_slice() != value.as_bytes() {}
            held.give_up().await?;
            session.close().await?;
        }
        Ok(())
    }

    /// A client's own lock is handed on, and its own election has one leader after the other.
    pub(super) async fn recipe_turn(&self) -> Result<(), Unserved> {
        let (name, session, next) = (self.key(), self.session().await?, self.session().await?);
        let held = Mutex::new(&session, name.as_str()).lock().await?;
        let mutex = Mutex::new(&next, name.as_str());
        let waiting = self.world.spawn(async move { mutex.lock().await?.unlock().await });
        self.world.sleep(IN_LINE).await;
        held.unlock().await?;
        waiting.await.map_err(|_| Unserved::Failed)??;
        let name = self.key();
        let mut observer = self.client.observe(name.as_str());
        for (session, value) in [(&session, "first"), (&next, "second")] {
            let held = Election::new(session, name.as_str()).campaign(value).await?;
            while observer.next().await.ok_or(Unserved::Failed)?.kv.value.as_slice() != value.as_bytes() {}
            held.resign().await?;
        }
        session.close().await?;
        next.close().await?;
        Ok(())
    }
}
