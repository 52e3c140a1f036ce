//! The requests with one reply, in the words of a caller: keys, leases, members, maintenance, users.
//!
//! Operations on keys and leases are in the history. What an operator asks for is only in the trace; a hash of keys is an
//! observation, whichever client asked for it.

use super::options::{DeleteOptions, FROM_KEY, GetOptions, range_end};
use super::{CallError, Client, KeyValues, KeysHash, SavedSnapshot};
use crate::client_host::Manner;
use revline_store::api::{
    Alarm, AlarmAction, AlarmKind, AlarmRequest, AuthRequest, AuthResponse, AuthenticateRequest,
    ClusterRequest, ClusterResponse, CompactionRequest, CompactionResponse, DeleteRangeRequest,
    DeleteRangeResponse, ElectionRequest, ElectionResponse, KeyValue, LeaderKey, LeaderRequest,
    LeaderResponse, LeaseGrantRequest, LeaseGrantResponse, LeaseKeepAliveRequest, LeaseKeepAliveResponse,
    LeaseLeasesRequest, LeaseLeasesResponse, LeaseRequest, LeaseResponse, LeaseRevokeRequest,
    LeaseRevokeResponse, LeaseTimeToLiveRequest, LeaseTimeToLiveResponse, LockRequest, MaintenanceRequest,
    MaintenanceResponse, MemberAddRequest, MemberListRequest, MemberPromoteRequest, MemberRemoveRequest,
    MemberUpdateRequest, ProclaimRequest, PutRequest, PutResponse, RangeRequest, Request, ResignRequest,
    Response, TxnRequest, TxnResponse, UnlockRequest,
};
use revline_store::bytes::Bytes;
use revline_store::concurrency::first_created;
use revline_store::frame::{Call, Reply, Status};
use revline_store::machine::MemberId;
use std::sync::Arc;

/// Makes a call, and takes what its reply holds.
macro_rules! ask {
    ($client:ident, $call:expr, $reply:pat => $value:expr) => {
        match $client.ask($call, Manner::default()).await? {
            $reply => Ok($value),
            other => unreachable!("the answer to another kind of request: {other:?}"),
        }
    };
}

/// The KV and lease services.
impl Client {
    /// Sends `request` to the endpoint this client is connected to, or connects to the next one.
    pub async fn call(&self, request: Request) -> Result<Response, CallError> {
        ask!(self, Call::Kv(request), Reply::Kv(response) => response)
    }

    /// Writes a key.
    pub async fn put(
        &self,
        key: impl Into<Bytes>,
        value: impl Into<Bytes>,
    ) -> Result<PutResponse, CallError> {
        self.put_with_lease(key, value, 0).await
    }

    /// Writes a key that goes when `lease` does.
    pub async fn put_with_lease(
        &self,
        key: impl Into<Bytes>,
        value: impl Into<Bytes>,
        lease: i64,
    ) -> Result<PutResponse, CallError> {
        let put = PutRequest { key: key.into(), value: value.into(), lease, ..PutRequest::default() };
        ask!(self, Call::Kv(Request::Put(put)), Reply::Kv(Response::Put(response)) => response)
    }

    /// Reads a key, linearizably.
    pub async fn get(&self, key: impl Into<Bytes>) -> Result<KeyValues, CallError> {
        self.get_with(key, GetOptions::default()).await
    }

    /// Reads a key or a range.
    pub async fn get_with(&self, key: impl Into<Bytes>, options: GetOptions) -> Result<KeyValues, CallError> {
        let key = key.into();
        let range = RangeRequest {
            range_end: if options.from_key { FROM_KEY.into() } else { range_end(&key, options.prefix) },
            key,
            serializable: options.serializable,
            revision: options.revision,
            limit: options.limit,
            ..RangeRequest::default()
        };
        ask!(self, Call::Kv(Request::Range(range)), Reply::Kv(Response::Range(response)) => KeyValues(response))
    }

    /// Deletes a key or a range.
    pub async fn delete(
        &self,
        key: impl Into<Bytes>,
        options: DeleteOptions,
    ) -> Result<DeleteRangeResponse, CallError> {
        let key = key.into();
        let range_end = if options.from_key { FROM_KEY.into() } else { range_end(&key, options.prefix) };
        let delete =
            Request::DeleteRange(DeleteRangeRequest { key, range_end, ..DeleteRangeRequest::default() });
        ask!(self, Call::Kv(delete), Reply::Kv(Response::DeleteRange(response)) => response)
    }

    /// Compares, then acts.
    pub async fn txn(&self, txn: TxnRequest) -> Result<TxnResponse, CallError> {
        ask!(self, Call::Kv(Request::Txn(txn)), Reply::Kv(Response::Txn(response)) => response)
    }

    /// Forgets what only revisions before `revision` can see.
    pub async fn compact(&self, revision: i64) -> Result<CompactionResponse, CallError> {
        self.compact_with(revision, false).await
    }

    /// As [`Client::compact`]; `physical`: the answer comes once the space is free.
    pub async fn compact_with(&self, revision: i64, physical: bool) -> Result<CompactionResponse, CallError> {
        let request = Request::Compaction(CompactionRequest { revision, physical });
        ask!(self, Call::Kv(request), Reply::Kv(Response::Compaction(response)) => response)
    }

    /// The leader of the election of this name, as its key; the value is what it proclaimed last.
    pub async fn leader(&self, name: impl Into<Bytes>) -> Result<Option<Arc<KeyValue>>, CallError> {
        let range = Request::Range(first_created(name.into().as_slice()));
        ask!(self, Call::Kv(range), Reply::Kv(Response::Range(response)) => response.kvs.first().cloned())
    }

    /// Sends a request of the lease service.
    pub async fn lease(&self, request: LeaseRequest) -> Result<LeaseResponse, CallError> {
        ask!(self, Call::Lease(request), Reply::Lease(response) => response)
    }

    /// A new lease, with an id the cluster chooses. A TTL, in seconds, below the shortest one is raised to it.
    pub async fn grant(&self, ttl_s: i64) -> Result<LeaseGrantResponse, CallError> {
        self.grant_with_id(0, ttl_s).await
    }

    /// A new lease with this id; 0 lets the cluster choose.
    pub async fn grant_with_id(&self, id: i64, ttl_s: i64) -> Result<LeaseGrantResponse, CallError> {
        let request = LeaseRequest::Grant(LeaseGrantRequest { ttl_s, id });
        ask!(self, Call::Lease(request), Reply::Lease(LeaseResponse::Grant(response)) => response)
    }

    /// Ends a lease, and with it every key attached to it.
    pub async fn revoke(&self, lease: i64) -> Result<LeaseRevokeResponse, CallError> {
        let request = LeaseRequest::Revoke(LeaseRevokeRequest { id: lease });
        ask!(self, Call::Lease(request), Reply::Lease(LeaseResponse::Revoke(response)) => response)
    }

    /// Lets a lease live for its TTL from now on. The answer has TTL 0 if there is no such lease.
    pub async fn keep_alive_once(&self, lease: i64) -> Result<LeaseKeepAliveResponse, CallError> {
        self.keep_alive_in(lease, Manner::default()).await
    }

    pub(super) async fn keep_alive_in(
        &self,
        lease: i64,
        manner: Manner,
    ) -> Result<LeaseKeepAliveResponse, CallError> {
        let request = LeaseRequest::KeepAlive(LeaseKeepAliveRequest { id: lease });
        match self.ask(Call::Lease(request), manner).await? {
            Reply::Lease(LeaseResponse::KeepAlive(response)) => Ok(response),
            other => unreachable!("the answer to another kind of request: {other:?}"),
        }
    }

    /// The rest of a lease's life, and the keys attached to it if `keys` asks for them. The answer has TTL -1 if there
    /// is no such lease.
    pub async fn time_to_live(&self, lease: i64, keys: bool) -> Result<LeaseTimeToLiveResponse, CallError> {
        let request = LeaseRequest::TimeToLive(LeaseTimeToLiveRequest { id: lease, keys });
        ask!(self, Call::Lease(request), Reply::Lease(LeaseResponse::TimeToLive(response)) => response)
    }

    /// The leases there are.
    pub async fn leases(&self) -> Result<LeaseLeasesResponse, CallError> {
        let request = LeaseRequest::Leases(LeaseLeasesRequest {});
        ask!(self, Call::Lease(request), Reply::Lease(LeaseResponse::Leases(response)) => response)
    }
}

/// The cluster, maintenance and auth services.
impl Client {
    async fn cluster(&self, request: ClusterRequest) -> Result<ClusterResponse, CallError> {
        ask!(self, Call::Cluster(request), Reply::Cluster(response) => response)
    }

    /// Adds a member with a vote, which has to be started then ([`crate::World::start_added`]). No id is used twice.
    pub async fn member_add(&self, id: MemberId, name: &str) -> Result<ClusterResponse, CallError> {
        let add = MemberAddRequest { id, name: name.to_owned(), is_learner: false };
        self.cluster(ClusterRequest::Add(add)).await
    }

    /// Adds a member without a vote, which has to be started then.
    pub async fn member_add_as_learner(
        &self,
        id: MemberId,
        name: &str,
    ) -> Result<ClusterResponse, CallError> {
        let add = MemberAddRequest { id, name: name.to_owned(), is_learner: true };
        self.cluster(ClusterRequest::Add(add)).await
    }

    /// Gives a learner a vote.
    pub async fn member_promote(&self, id: MemberId) -> Result<ClusterResponse, CallError> {
        self.cluster(ClusterRequest::Promote(MemberPromoteRequest { id })).await
    }

    /// Removes a member, for ever.
    pub async fn member_remove(&self, id: MemberId) -> Result<ClusterResponse, CallError> {
        self.cluster(ClusterRequest::Remove(MemberRemoveRequest { id })).await
    }

    /// Gives a member another name.
    pub async fn member_update(&self, id: MemberId, name: &str) -> Result<ClusterResponse, CallError> {
        self.cluster(ClusterRequest::Update(MemberUpdateRequest { id, name: name.to_owned() })).await
    }

    /// The members; if `linearizable`, with every change that was answered before.
    pub async fn member_list(&self, linearizable: bool) -> Result<ClusterResponse, CallError> {
        self.cluster(ClusterRequest::List(MemberListRequest { linearizable })).await
    }

    /// Hands the leadership to another member. Only the leader can.
    pub async fn move_leader(&self, to: MemberId) -> Result<(), CallError> {
        ask!(self, Call::MoveLeader { target: to }, Reply::MovedLeader => ())
    }

    /// The alarms that are raised.
    pub async fn alarms(&self) -> Result<Vec<Alarm>, CallError> {
        self.alarm(AlarmRequest::default()).await
    }

    /// Disarms an alarm; answers with it, or with none if it was not raised.
    pub async fn disarm(&self, alarm: Alarm) -> Result<Vec<Alarm>, CallError> {
        let Alarm { member, alarm } = alarm;
        self.alarm(AlarmRequest { action: AlarmAction::Deactivate, member, alarm }).await
    }

    /// Raises an alarm by hand.
    pub async fn raise_alarm(&self, member: u64, alarm: AlarmKind) -> Result<Vec<Alarm>, CallError> {
        self.world.lock().alarms.by_hand(Alarm { member, alarm });
        self.alarm(AlarmRequest { action: AlarmAction::Activate, member, alarm }).await
    }

    async fn alarm(&self, request: AlarmRequest) -> Result<Vec<Alarm>, CallError> {
        let request = MaintenanceRequest::Alarm(request);
        ask!(self, Call::Maintenance(request), Reply::Maintenance(MaintenanceResponse::Alarm { alarms, .. }) => alarms)
    }

    /// The state of the endpoint.
    pub async fn status(&self) -> Result<Status, CallError> {
        ask!(self, Call::Status, Reply::Status(status) => status)
    }

    /// A hash of everything the endpoint holds.
    pub async fn hash(&self) -> Result<u32, CallError> {
        let request = MaintenanceRequest::Hash;
        ask!(self, Call::Maintenance(request), Reply::Maintenance(MaintenanceResponse::Hash { hash, .. }) => hash)
    }

    /// A hash of the keys the endpoint holds up to `revision`; 0 for the current one.
    pub async fn hash_kv(&self, revision: i64) -> Result<KeysHash, CallError> {
        let request = MaintenanceRequest::HashKv { revision };
        match self.ask(Call::Maintenance(request), Manner::default()).await? {
            Reply::Maintenance(MaintenanceResponse::HashKv {
                hash, compact_revision, hash_revision, ..
            }) => Ok(KeysHash { hash, revision: hash_revision, compact_revision }),
            other => unreachable!("the answer to another kind of request: {other:?}"),
        }
    }

    /// Lets the endpoint write its state anew.
    pub async fn defragment(&self) -> Result<(), CallError> {
        let request = MaintenanceRequest::Defragment;
        ask!(self, Call::Maintenance(request), Reply::Maintenance(MaintenanceResponse::Defragment { .. }) => ())
    }

    /// Saves the endpoint's state.
    pub async fn snapshot(&self) -> Result<SavedSnapshot, CallError> {
        match self.ask(Call::Maintenance(MaintenanceRequest::Snapshot), Manner::default()).await? {
            Reply::Maintenance(MaintenanceResponse::Snapshot { header, bytes }) => {
                Ok(SavedSnapshot { revision: header.revision, bytes })
            }
            other => unreachable!("the answer to another kind of request: {other:?}"),
        }
    }

    /// A request of the auth service, other than to authenticate.
    pub async fn auth(&self, request: AuthRequest) -> Result<AuthResponse, CallError> {
        ask!(self, Call::Auth(request), Reply::Auth(response) => response)
    }

    /// Authenticates this client. All its later calls and watches carry the token.
    ///
    /// Once a call is refused because the token is not valid any more, or older than a change, the client authenticates
    /// again before the call returns, as etcd's does. The call itself is not repeated.
    pub async fn authenticate(&self, user: &str, password: &str) -> Result<(), CallError> {
        let request = AuthenticateRequest { name: user.to_owned(), password: password.to_owned() };
        self.auth(AuthRequest::Authenticate(request)).await.map(drop)
    }
}

/// The lock and election services about a key that the caller names itself.
impl Client {
    /// The leader of an election by the service, as its key.
    pub async fn leader_by_service(&self, name: impl Into<Bytes>) -> Result<LeaderResponse, CallError> {
        let request = ElectionRequest::Leader(LeaderRequest { name: name.into() });
        match self.ask(Call::Election(request), Manner::default()).await? {
            Reply::Election(ElectionResponse::Leader(response)) => Ok(response),
            other => unreachable!("the answer to another kind of request: {other:?}"),
        }
    }

    /// Shows another value of a leader: an error if it leads no more.
    pub async fn proclaim_as(&self, leader: LeaderKey, value: impl Into<Bytes>) -> Result<(), CallError> {
        let request = ElectionRequest::Proclaim(ProclaimRequest { leader, value: value.into() });
        self.ask(Call::Election(request), Manner::default()).await.map(drop)
    }

    /// Ends a leadership, if it has not ended.
    pub async fn resign_as(&self, leader: LeaderKey) -> Result<(), CallError> {
        let request = ElectionRequest::Resign(ResignRequest { leader });
        self.ask(Call::Election(request), Manner::default()).await.map(drop)
    }

    /// Deletes the key of a lock.
    pub async fn unlock(&self, key: impl Into<Bytes>) -> Result<(), CallError> {
        let request = LockRequest::Unlock(UnlockRequest { key: key.into() });
        self.ask(Call::Lock(request), Manner::default()).await.map(drop)
    }
}
