//! An election among clients, over the plain API (etcd: `client/v3/concurrency/election.go`). It uses the keys of
//! the election service.

use super::ownership::Ownership;
use super::recipe_error::RecipeError;
use super::session::Session;
use super::turn::Turn;
use revline_checker::history::HoldKind;
use revline_store::api::{Compare, PutRequest};
use revline_store::bytes::Bytes;
use revline_store::concurrency::put_if;

/// An election of some name, for one session.
#[derive(Clone)]
pub struct Election {
    session: Session,
    name: Bytes,
}

/// A leadership, for as long as its key is there. Dropping it resigns in the background.
pub struct LeaderHeld(Ownership);

impl Election {
    /// The election with this name.
    pub fn new(session: &Session, name: impl Into<Bytes>) -> Election {
        Election { session: session.clone(), name: name.into() }
    }

    /// Waits to be elected, and shows `value` then. As with [`super::Mutex::lock`], no key stays behind for
    /// longer than its lease.
    pub async fn campaign(&self, value: impl Into<Bytes>) -> Result<LeaderHeld, RecipeError> {
        let value = value.into();
        let turn = Turn::enter(&self.session, HoldKind::Leader, self.name.clone(), value.clone()).await?;
        let mut leadership = LeaderHeld(turn.wait().await?);
        if leadership.0.value != value {
            // The key was there, from an earlier campaign.
            leadership.proclaim(value).await?;
        }
        Ok(leadership)
    }
}

impl LeaderHeld {
    /// The key that stands for the leadership.
    pub fn key(&self) -> &Bytes {
        self.0.key()
    }

    /// The revision that created the key.
    pub fn create_revision(&self) -> i64 {
        self.0.create_revision()
    }

    /// A revision at which this client led.
    pub fn acquired_revision(&self) -> i64 {
        self.0.acquired_revision()
    }

    /// Holds in a txn for as long as this client leads.
    pub fn is_leader(&self) -> Compare {
        self.0.is_owner()
    }

    /// Shows another value, if this client still leads.
    pub async fn proclaim(&mut self, value: impl Into<Bytes>) -> Result<(), RecipeError> {
        let value = value.into();
        let put = PutRequest {
            key: self.0.key().clone(),
            value: value.clone(),
            lease: self.0.session().lease(),
            ..PutRequest::default()
        };
        let txn = put_if(self.0.create_revision(), put);
        let response = self.0.session().client().txn(txn).await.map_err(RecipeError::of)?;
        if !response.succeeded {
            self.0.gone();
            return Err(RecipeError::NotLeader);
        }
        self.0.value = value;
        Ok(())
    }

    /// Gives the leadership up. If that has no good answer, it is tried again in the background.
    pub async fn resign(self) -> Result<(), RecipeError> {
        self.0.give_up().await
    }
}
