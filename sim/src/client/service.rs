//! Locks and elections by the services of the members: one request, which is answered once it is one's turn.

use super::CallError;
use super::recipe_error::RecipeError;
use super::recorded::RecordedHold;
use super::session::Session;
use crate::client_host::Manner;
use crate::recorder::HoldIndex;
use madsim::time::Duration;
use revline_checker::history::HoldKind;
use revline_store::api::{
    AcquireRequest, CampaignRequest, Compare, CompareResult, CompareTarget, ElectionRequest,
    ElectionResponse, LeaderKey, LockRequest, LockResponse, ProclaimRequest, ResignRequest, UnlockRequest,
};
use revline_store::bytes::Bytes;
use revline_store::error::Error;
use revline_store::frame::{Call, Reply};

/// A lock or a leadership that the service gave. Dropping it leaves the key to its lease.
pub struct ServiceHold {
    session: Session,
    key: Bytes,
    /// `None` for a lock.
    leader: Option<LeaderKey>,
    hold: Option<HoldIndex>,
}

impl Session {
    async fn lock_call(&self, request: LockRequest, manner: Manner) -> Result<LockResponse, CallError> {
        match self.client().ask(Call::Lock(request), manner).await? {
            Reply::Lock(response) => Ok(response),
            other => unreachable!("the answer to another kind of call: {other:?}"),
        }
    }

    async fn election_call(
        &self,
        request: ElectionRequest,
        manner: Manner,
    ) -> Result<ElectionResponse, CallError> {
        match self.client().ask(Call::Election(request), manner).await? {
            Reply::Election(response) => Ok(response),
            other => unreachable!("the answer to another kind of call: {other:?}"),
        }
    }

    /// Asks the lock service for a lock, and waits for so long. If it remains unknown what came of it, the session
    /// ends: there may be a key.
    pub async fn lock_by_service(
        &self,
        name: impl Into<Bytes>,
        patience: Duration,
    ) -> Result<ServiceHold, RecipeError> {
        let name = name.into();
        let request = LockRequest::Lock(AcquireRequest { name: name.clone(), lease: self.lease() });
        match self.lock_call(request, waiting(patience)).await.map_err(|error| self.failed(error))? {
            LockResponse::Lock(lock) => {
                self.held(HoldKind::Lock, &name, lock.key, None, lock.header.revision)
            }
            other => unreachable!("the answer to another kind of request: {other:?}"),
        }
    }

    /// Campaigns by the election service, as [`Session::lock_by_service`] locks.
    pub async fn campaign_by_service(
        &self,
        name: impl Into<Bytes>,
        value: impl Into<Bytes>,
        patience: Duration,
    ) -> Result<ServiceHold, RecipeError> {
        let name = name.into();
        let campaign = CampaignRequest { name: name.clone(), lease: self.lease(), value: value.into() };
        let request = ElectionRequest::Campaign(campaign);
        let answer = self.election_call(request, waiting(patience)).await;
        match answer.map_err(|error| self.failed(error))? {
            ElectionResponse::Campaign(campaign) => {
                let (leader, revision) = (campaign.leader, campaign.header.revision);
                self.held(HoldKind::Leader, &name, leader.key.clone(), Some(leader), revision)
            }
            other => unreachable!("the answer to another kind of request: {other:?}"),
        }
    }

    fn failed(&self, error: CallError) -> RecipeError {
        if matches!(error, CallError::Unknown(_)) {
            self.abandon();
        }
        RecipeError::of(error)
    }

    fn held(
        &self,
        kind: HoldKind,
        name: &Bytes,
        key: Bytes,
        leader: Option<LeaderKey>,
        revision: i64,
    ) -> Result<ServiceHold, RecipeError> {
        // The answer may have waited for a client that stood still, and the key have gone with its lease.
        if self.is_lost() {
            return Err(RecipeError::SessionLost);
        }
        let created = leader.as_ref().map_or(0, |leader| leader.rev);
        let what = (kind, name, &key);
        let hold = RecordedHold::begin(self.client(), what, self.lease(), created, revision);
        let hold = Some(self.holds(hold));
        Ok(ServiceHold { session: self.clone(), key, leader, hold })
    }
}

fn waiting(patience: Duration) -> Manner {
    Manner::within(patience.max(Duration::from_millis(1)))
}

impl ServiceHold {
    /// The key of the owner.
    pub(crate) fn key(&self) -> &Bytes {
        &self.key
    }

    /// Holds in a txn for as long as the key is there, which no other client can make.
    pub fn is_owner(&self) -> Compare {
        Compare {
            key: self.key.clone(),
            range_end: Bytes::default(),
            result: CompareResult::NotEqual,
            target: CompareTarget::CreateRevision(0),
        }
    }

    /// Shows another value of a leader.
    ///
    /// # Panics
    ///
    /// If this is a lock.
    pub async fn proclaim(&mut self, value: impl Into<Bytes>) -> Result<(), RecipeError> {
        let leader = self.leader.clone().expect("a lock proclaims nothing");
        let request = ElectionRequest::Proclaim(ProclaimRequest { leader, value: value.into() });
        match self.session.election_call(request, Manner::default()).await {
            Ok(_) => Ok(()),
            Err(CallError::Failed(Error::ElectionNotLeader)) => {
                self.believe_no_more();
                Err(RecipeError::NotLeader)
            }
            Err(error) => Err(RecipeError::of(error)),
        }
    }

    /// Unlocks, or resigns. If that has no good answer, the session ends, and the key with it.
    pub async fn give_up(mut self) -> Result<(), RecipeError> {
        self.believe_no_more();
        let answer = match self.leader.clone() {
            None => {
                let request = LockRequest::Unlock(UnlockRequest { key: self.key.clone() });
                self.session.lock_call(request, Manner::default()).await.map(drop)
            }
            Some(leader) => {
                let request = ElectionRequest::Resign(ResignRequest { leader });
                self.session.election_call(request, Manner::default()).await.map(drop)
            }
        };
        answer.map_err(|error| {
            self.session.abandon();
            RecipeError::of(error)
        })
    }

    fn believe_no_more(&mut self) {
        if let Some(hold) = self.hold.take() {
            self.session.gives_up(hold);
        }
    }
}

impl Drop for ServiceHold {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.believe_no_more();
        }
    }
}
