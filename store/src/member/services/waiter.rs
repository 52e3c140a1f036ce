//! One lock waiter or candidate: its client, its key, and how far it has come.

use crate::api::{
    AcquireRequest, AcquireResponse, CampaignRequest, CampaignResponse, ElectionResponse, LeaderKey,
    LockResponse, Request, ResponseHeader, Token, TxnRequest,
};
use crate::bytes::Bytes;
use crate::concurrency::ownership_key;
use crate::error::Error;
use crate::frame::Reply;
use crate::machine::Time;
use crate::member::caller::Caller;
use crate::member::cx::Cx;
use crate::member::services::give_up::Leftover;
use crate::member::services::sessions::Session;
use crate::member::services::{ServiceId, step_of};
use crate::member::state::command::Action;
use crate::member::v3_server::V3Server;
use std::sync::LazyLock;

/// A lock waiter, or a candidate of an election.
#[derive(Debug)]
pub(super) struct Waiter {
    /// `None` once it was given up.
    pub client: Option<Caller>,
    pub prize: Prize,
    pub name: Bytes,
    /// The token of the client: every step is taken as its user.
    pub token: Option<Token>,
    /// 0 until it is granted.
    pub lease: i64,
    /// The lease was granted for this waiter.
    pub session: Option<Session>,
    /// The own key, once the lease is known.
    pub key: Bytes,
    pub stage: Stage,
}

/// The name that a waiter is to own.
#[derive(Debug)]
pub(super) enum Prize {
    Lock,
    Leadership {
        /// The value that the leader proclaims.
        value: Bytes,
    },
}

/// The progress of a waiter.
#[derive(Debug)]
pub(super) enum Stage {
    /// A lease is being granted.
    Granting,
    /// The own key is being created.
    Entering {
        /// The time at which the client is told that it takes too long.
        until: Time,
    },
    /// The own key is there already, and is being given another value.
    Proclaiming {
        create_revision: i64,
        /// The revision of the txn that found it.
        entered: i64,
    },
    /// The own key is there.
    Waiting {
        create_revision: i64,
        /// It was not there before.
        created: bool,
        /// The revision of the txn that created or found it.
        entered: i64,
        /// The newest key that was created before it.
        behind: Option<Bytes>,
    },
    /// The waiting is over, and the leftovers are to be removed.
    Leaving { leftover: Leftover, again_at: Option<Time> },
}

impl Stage {
    /// The stage of waiting, before the first look.
    pub fn waiting(create_revision: i64, created: bool, entered: i64) -> Stage {
        Stage::Waiting { create_revision, created, entered, behind: None }
    }
}

impl Waiter {
    /// A client that waits for a lock.
    pub fn lock(client: Caller, lock: AcquireRequest, token: Option<Token>) -> Waiter {
        Waiter::new(client, Prize::Lock, (lock.name, lock.lease), token)
    }

    /// A client that campaigns.
    pub fn campaign(client: Caller, campaign: CampaignRequest, token: Option<Token>) -> Waiter {
        let prize = Prize::Leadership { value: campaign.value };
        Waiter::new(client, prize, (campaign.name, campaign.lease), token)
    }

    fn new(client: Caller, prize: Prize, (name, lease): (Bytes, i64), token: Option<Token>) -> Waiter {
        let (client, key) = (Some(client), ownership_key(&name, lease));
        Waiter { client, prize, name, token, lease, session: None, key, stage: Stage::Granting }
    }

    /// Proposes a step, as the user of the client.
    pub(super) fn propose(
        &self,
        cx: &mut Cx<'_>,
        server: &mut V3Server,
        id: ServiceId,
        txn: TxnRequest,
        deadline: Time,
    ) -> Result<(), Error> {
        let action = Action::Kv(Request::Txn(txn));
        server.write_until(cx, step_of(id), self.token.as_ref(), action, deadline)
    }

    /// Checks that the client may still read its own key.
    pub fn permit(&self, cx: &Cx<'_>, server: &mut V3Server) -> Result<(), Error> {
        match self.stage {
            Stage::Waiting { .. } if cx.state.auth.is_enabled() => {
                server.gate.permit_owner(cx, self.token.as_ref(), &self.key)
            }
            _ => Ok(()),
        }
    }

    pub(super) fn now_behind(&mut self, key: Bytes) {
        if let Stage::Waiting { behind, .. } = &mut self.stage {
            *behind = Some(key);
        }
    }

    pub fn won(&self, create_revision: i64, header: ResponseHeader) -> Reply {
        let key = self.key.clone();
        match self.prize {
            Prize::Lock => Reply::Lock(LockResponse::Lock(AcquireResponse { header, key })),
            Prize::Leadership { .. } => {
                let leader =
                    LeaderKey { name: self.name.clone(), key, rev: create_revision, lease: self.lease };
                Reply::Election(ElectionResponse::Campaign(CampaignResponse { header, leader }))
            }
        }
    }
}

impl Prize {
    /// The value of the own key.
    pub fn value(&self) -> &Bytes {
        static NOTHING: LazyLock<Bytes> = LazyLock::new(Bytes::default);
        match self {
            Prize::Lock => &NOTHING,
            Prize::Leadership { value } => value,
        }
    }

    /// Returns true if an own key that is there has the value already. A lock leaves it as it is.
    pub fn is_shown_by(&self, shown: &Bytes) -> bool {
        match self {
            Prize::Lock => true,
            Prize::Leadership { value } => value == shown,
        }
    }

    /// The error when the own key is gone. (etcd's `Campaign` does not look.)
    pub fn lost(&self) -> Error {
        match self {
            Prize::Lock => Error::SessionExpired,
            Prize::Leadership { .. } => Error::ElectionNotLeader,
        }
    }
}
