//! Requests of the services that are one request of the KV service in other words.

use crate::api::{
    DeleteRangeRequest, ElectionResponse, LeaderRequest, LeaderResponse, LockResponse, ProclaimRequest,
    ProclaimResponse, PutRequest, Request, ResignRequest, ResignResponse, Response, Token, UnlockRequest,
    UnlockResponse, validate,
};
use crate::concurrency::{delete_if, first_created, put_if};
use crate::error::Error;
use crate::frame::Reply;
use crate::member::caller::Caller;
use crate::member::cx::Cx;
use crate::member::services::{ServiceId, step_of};
use crate::member::state::command::Action;
use crate::member::v3_server::V3Server;
use crate::member::v3_server::query::Query;
use std::collections::BTreeMap;

/// The requests that wait for the member's answer.
#[derive(Debug, Default)]
pub(super) struct Asks(BTreeMap<ServiceId, (Caller, Kind)>);

/// A request of a client to a service, as one of the KV service.
#[derive(Debug)]
pub(super) struct Ask {
    client: Caller,
    kind: Kind,
    request: Request,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Unlock,
    Proclaim,
    Leader,
    Resign,
}

impl Ask {
    /// Deletes a key, of any lock; that it is gone is no error.
    pub fn unlock(client: Caller, unlock: UnlockRequest) -> Ask {
        let delete = DeleteRangeRequest { key: unlock.key, ..DeleteRangeRequest::default() };
        Ask { client, kind: Kind::Unlock, request: Request::DeleteRange(delete) }
    }

    pub fn proclaim(client: Caller, proclaim: ProclaimRequest) -> Ask {
        let ProclaimRequest { leader, value } = proclaim;
        // One that does not name the lease keeps it.
        let (lease, ignore_lease) = (leader.lease, leader.lease == 0);
        let put = PutRequest { key: leader.key, value, lease, ignore_lease, ..PutRequest::default() };
        Ask { client, kind: Kind::Proclaim, request: Request::Txn(put_if(leader.rev, put)) }
    }

    pub fn leader(client: Caller, leader: &LeaderRequest) -> Ask {
        Ask { client, kind: Kind::Leader, request: Request::Range(first_created(&leader.name)) }
    }

    pub fn resign(client: Caller, resign: &ResignRequest) -> Ask {
        let leader = &resign.leader;
        Ask { client, kind: Kind::Resign, request: Request::Txn(delete_if(leader.rev, &leader.key)) }
    }
}

impl Asks {
    pub fn ask(
        &mut self,
        cx: &mut Cx<'_>,
        server: &mut V3Server,
        id: ServiceId,
        Ask { client, kind, request }: Ask,
        token: Option<Token>,
    ) -> Result<(), Error> {
        validate(&request)?;
        if request.is_read_only() {
            server.reads.push(cx, step_of(id), Query::Kv(request), token);
        } else {
            server.write(cx, step_of(id), token.as_ref(), Action::Kv(request))?;
        }
        self.0.insert(id, (client, kind));
        Ok(())
    }

    pub fn answered(&mut self, cx: &mut Cx<'_>, id: ServiceId, result: Result<Reply, Error>) {
        if let Some((client, kind)) = self.0.remove(&id) {
            cx.reply(client, result.and_then(|reply| kind.answer(reply)));
        }
    }

    pub fn forget(&mut self, server: &mut V3Server, gone: &impl Fn(&Caller) -> bool) {
        for (id, _) in self.0.extract_if(.., |_, (client, _)| gone(client)) {
            server.forget(&|caller: &Caller| *caller == step_of(id));
        }
    }

    pub fn into_callers(self) -> impl Iterator<Item = Caller> {
        self.0.into_values().map(|(client, _)| client)
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
