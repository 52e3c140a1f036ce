//! A client that holds locks and leaderships as planned.

use super::Tenure;
use crate::keys::FIRST_KEY;
use revline_sim::World;
use revline_sim::client::{Client, Election, LeaderHeld, LockHeld, Mutex, RecipeError, ServiceHold, Session};
use revline_store::api::{Compare, PutRequest, RangeRequest, RequestOp, TxnRequest};
use std::time::Duration;

/// The kind of a tenure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Office {
    /// A lock.
    Lock,
    /// The leadership of an election.
    Leadership,
}

/// A hold, by the recipe or by the service.
enum Held {
    Lock(LockHeld),
    Leadership(LeaderHeld),
    ByService(ServiceHold),
}

impl Held {
    fn is_owner(&self) -> Compare {
        match self {
            Held::Lock(held) => held.is_owner(),
            Held::Leadership(held) => held.is_leader(),
            Held::ByService(held) => held.is_owner(),
        }
    }

    async fn give_up(self) -> Result<(), RecipeError> {
        match self {
            Held::Lock(held) => held.unlock().await,
            Held::Leadership(held) => held.resign().await,
            Held::ByService(held) => held.give_up().await,
        }
    }
}

/// A client that takes offices, and its session.
pub(super) struct Tenant {
    world: World,
    client: Client,
    session: Option<Session>,
}

impl Tenant {
    pub fn new(world: World, client: Client) -> Tenant {
        Tenant { world, client, session: None }
    }

    /// Waits for the office, holds it for a while, and gives it up. What failed is in the history.
    pub async fn serve(&mut self, office: Office, tenure: &Tenure) {
        let Some(session) = self.session(tenure.ttl_s).await else { return };
        let Ok(mut held) = acquire(&self.world, &session, office, tenure).await else { return };
        if tenure.stall_ms > 0 {
            let stall = Duration::from_millis(tenure.stall_ms);
            session.suspend(stall);
            self.world.sleep(stall).await;
        }
        let pauses = tenure.values.len() as u64 + 1;
        let pause = Duration::from_millis(tenure.hold_ms) / u32::try_from(pauses).unwrap_or(u32::MAX);
        for value in &tenure.values {
            self.world.sleep(pause).await;
            self.use_office(office, &mut held, tenure, value).await;
        }
        self.world.sleep(pause).await;
        let _ = held.give_up().await;
    }

    /// The session, or a new one if it was lost.
    async fn session(&mut self, ttl_s: i64) -> Option<Session> {
        if self.session.as_ref().is_none_or(Session::is_lost) {
            self.session = self.client.session(ttl_s).await.ok();
        }
        self.session.clone()
    }

    /// Writes what only one at a time may write, or proclaims.
    async fn use_office(&self, office: Office, held: &mut Held, tenure: &Tenure, value: &str) {
        match (office, held) {
            (Office::Leadership, Held::Leadership(held)) => {
                let _ = held.proclaim(value).await;
            }
            (Office::Leadership, Held::ByService(held)) => {
                let _ = held.proclaim(value).await;
            }
            (_, held) => {
                let name = tenure.name.trim_start_matches(FIRST_KEY);
                let key = format!("{FIRST_KEY}guarded-{name}");
                let put =
                    PutRequest { key: key.as_str().into(), value: value.into(), ..PutRequest::default() };
                let get = RangeRequest { key: key.as_str().into(), ..RangeRequest::default() };
                let txn = TxnRequest {
                    compare: vec![held.is_owner()],
                    success: vec![RequestOp::Put(put)],
                    failure: vec![RequestOp::Range(get)],
                };
                let _ = self.client.txn(txn).await;
            }
        }
    }
}

async fn acquire(world: &World, session: &Session, office: Office, tenure: &Tenure) -> Result<Held, ()> {
    let patience = Duration::from_millis(tenure.patience_ms);
    let (name, value) = (tenure.name.as_str(), "campaigning");
    let acquired = match (office, tenure.by_service) {
        (Office::Lock, true) => session.lock_by_service(name, patience).await.map(Held::ByService),
        (Office::Leadership, true) => {
            session.campaign_by_service(name, value, patience).await.map(Held::ByService)
        }
        (Office::Lock, false) => {
            world.timeout(patience, Mutex::new(session, name).lock()).await.map_err(drop)?.map(Held::Lock)
        }
        (Office::Leadership, false) => {
            let election = Election::new(session, name);
            world.timeout(patience, election.campaign(value)).await.map_err(drop)?.map(Held::Leadership)
        }
    };
    acquired.map_err(drop)
}
