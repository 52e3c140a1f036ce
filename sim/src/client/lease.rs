//! The lease API in the words of a caller. TTLs are in seconds, as in etcd.

use super::manner::Manner;
use super::{CallError, Client};
use revline_store::api::{
    LeaseGrantRequest, LeaseGrantResponse, LeaseKeepAliveRequest, LeaseKeepAliveResponse, LeaseLeasesRequest,
    LeaseLeasesResponse, LeaseRequest, LeaseResponse, LeaseRevokeRequest, LeaseRevokeResponse,
    LeaseTimeToLiveRequest, LeaseTimeToLiveResponse, PutRequest, PutResponse, Request, Response,
};
use revline_store::bytes::Bytes;
use revline_store::machine::{Call, Reply};

macro_rules! expect {
    ($result:expr, $kind:ident) => {
        match $result? {
            LeaseResponse::$kind(response) => Ok(response),
            other => unreachable!("the answer to another kind of request: {other:?}"),
        }
    };
}

impl Client {
    /// A new lease, with an id the cluster chooses. What is below the shortest TTL is raised to it.
    pub async fn grant(&self, ttl_s: i64) -> Result<LeaseGrantResponse, CallError> {
        self.grant_with_id(0, ttl_s).await
    }

    /// A new lease with this id; 0 lets the cluster choose.
    pub async fn grant_with_id(&self, id: i64, ttl_s: i64) -> Result<LeaseGrantResponse, CallError> {
        let request = LeaseRequest::Grant(LeaseGrantRequest { ttl_s, id });
        expect!(self.lease_call(request, Manner::default()).await, Grant)
    }

    /// Ends a lease, and with it every key attached to it.
    pub async fn revoke(&self, lease: i64) -> Result<LeaseRevokeResponse, CallError> {
        let request = LeaseRequest::Revoke(LeaseRevokeRequest { id: lease });
        expect!(self.lease_call(request, Manner::default()).await, Revoke)
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
        expect!(self.lease_call(request, manner).await, KeepAlive)
    }

    /// How long a lease still lives, and which keys are attached to it if `keys` asks for them. The answer has
    /// TTL -1 if there is no such lease.
    pub async fn time_to_live(&self, lease: i64, keys: bool) -> Result<LeaseTimeToLiveResponse, CallError> {
        let request = LeaseRequest::TimeToLive(LeaseTimeToLiveRequest { id: lease, keys });
        expect!(self.lease_call(request, Manner::default()).await, TimeToLive)
    }

    /// The leases there are.
    pub async fn leases(&self) -> Result<LeaseLeasesResponse, CallError> {
        let request = LeaseRequest::Leases(LeaseLeasesRequest {});
        expect!(self.lease_call(request, Manner::default()).await, Leases)
    }

    /// Writes a key that goes when `lease` does.
    pub async fn put_with_lease(
        &self,
        key: impl Into<Bytes>,
        value: impl Into<Bytes>,
        lease: i64,
    ) -> Result<PutResponse, CallError> {
        let request = PutRequest { key: key.into(), value: value.into(), lease, ..PutRequest::default() };
        match self.call(Request::Put(request)).await? {
            Response::Put(response) => Ok(response),
            other => unreachable!("the answer to another kind of request: {other:?}"),
        }
    }

    pub(super) async fn lease_call(
        &self,
        request: LeaseRequest,
        manner: Manner,
    ) -> Result<LeaseResponse, CallError> {
        match self.ask(Call::Lease(request), manner).await? {
            Reply::Lease(response) => Ok(response),
            other => unreachable!("the answer to another kind of call: {other:?}"),
        }
    }
}
