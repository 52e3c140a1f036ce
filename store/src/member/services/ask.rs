//! Requests of the services that are one request of the KV service in other words.

use super::super::Member;
use super::super::caller::Caller;
use super::super::command::Action;
use super::super::read_index::Query;
use super::{ServiceId, step_of};
use crate::api::{
    DeleteRangeRequest, ElectionResponse, LeaderRequest, LeaderResponse, LockResponse, ProclaimRequest,
    ProclaimResponse, PutRequest, Request, ResignRequest, ResignResponse, Response, Token, UnlockRequest,
    UnlockResponse, validate,
};
use crate::concurrency::{delete_if, first_created, put_if};
use crate::error::Error;
use crate::machine::{Output, Reply};

/// A request that waits for the member's answer.
#[derive(Debug)]
pub(in crate::member) struct Ask {
    pub client: Caller,
    kind: Kind,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Unlock,
    Proclaim,
    Leader,
    Resign,
}

impl Member {
    /// Deletes the key, whoever created it; that it is gone is no error.
    pub(super) fn unlock(
        &mut self,
        client: Caller,
        unlock: UnlockRequest,
        token: Option<Token>,
    ) -> Result<(), Error> {
        let delete = DeleteRangeRequest { key: unlock.key, ..DeleteRangeRequest::default() };
        self.ask(Ask { client, kind: Kind::Unlock }, Request::DeleteRange(delete), token)
    }

    pub(super) fn proclaim(
        &mut self,
        client: Caller,
        proclaim: ProclaimRequest,
        token: Option<Token>,
    ) -> Result<(), Error> {
        let ProclaimRequest { leader, value } = proclaim;
        // One that does not name the lease keeps it.
        let (lease, ignore_lease) = (leader.lease, leader.lease == 0);
        let put = PutRequest { key: leader.key, value, lease, ignore_lease, ..PutRequest::default() };
        self.ask(Ask { client, kind: Kind::Proclaim }, Request::Txn(put_if(leader.rev, put)), token)
    }

    pub(super) fn leader(
        &mut self,
        client: Caller,
        leader: LeaderRequest,
        token: Option<Token>,
    ) -> Result<(), Error> {
        self.ask(Ask { client, kind: Kind::Leader }, Request::Range(first_created(&leader.name)), token)
    }

    pub(super) fn resign(
        &mut self,
        client: Caller,
        resign: ResignRequest,
        token: Option<Token>,
    ) -> Result<(), Error> {
        let leader = resign.leader;
        self.ask(Ask { client, kind: Kind::Resign }, Request::Txn(delete_if(leader.rev, &leader.key)), token)
    }

    fn ask(&mut self, ask: Ask, request: Request, token: Option<Token>) -> Result<(), Error> {
        validate(&request)?;
        let service = self.services.next_id();
        if request.is_read_only() {
            self.read_linearizably(step_of(service), Query::Kv(request), token);
        } else {
            let actor = self.actor_of(token.as_ref())?;
            self.write(step_of(service), actor, Action::Kv(request))?;
        }
        self.services.asks.insert(service, ask);
        Ok(())
    }

    pub(super) fn ask_answered(
        &mut self,
        id: ServiceId,
        result: Result<Reply, Error>,
        out: &mut Vec<Output>,
    ) {
        if let Some(ask) = self.services.asks.remove(&id) {
            self.reply(ask.client, result.and_then(|reply| ask.kind.answer(reply)), out);
        }
    }
}

impl Kind {
    fn answer(self, reply: Reply) -> Result<Reply, Error> {
        let Reply::Kv(response) = reply else { unreachable!("the KV service was asked: {reply:?}") };
        Ok(match (self, response) {
            (Kind::Unlock, Response::DeleteRange(deleted)) => {
                Reply::Lock(LockResponse::Unlock(UnlockResponse { header: deleted.header }))
            }
            (Kind::Proclaim, Response::Txn(txn)) if !txn.succeeded => return Err(Error::ElectionNotLeader),
            (Kind::Proclaim, Response::Txn(txn)) => {
                Reply::Election(ElectionResponse::Proclaim(ProclaimResponse { header: txn.header }))
            }
            (Kind::Leader, Response::Range(range)) => {
                let kv = range.kvs.into_iter().next().ok_or(Error::ElectionNoLeader)?;
                let header = range.header;
                Reply::Election(ElectionResponse::Leader(LeaderResponse { header, kv: Some(kv) }))
            }
            (Kind::Resign, Response::Txn(txn)) => {
                Reply::Election(ElectionResponse::Resign(ResignResponse { header: txn.header }))
            }
            (kind, response) => unreachable!("{kind:?} was answered with {response:?}"),
        })
    }
}
