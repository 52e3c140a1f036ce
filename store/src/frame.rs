//! The frames of a session between a client and a server, member or proxy.

use crate::api::{
    AuthRequest, AuthResponse, ClusterRequest, ClusterResponse, ElectionRequest, ElectionResponse,
    LeaderRequest, LeaderResponse, LeaseRequest, LeaseResponse, LockRequest, LockResponse,
    MaintenanceRequest, MaintenanceResponse, Request, Response, ResponseHeader, Token, WatchRequest,
    WatchResponse,
};
use crate::error::{Code, Error};
use crate::machine::MemberId;
use serde::{Deserialize, Serialize};

/// A client's connection to a server, named by the server's host. A connection that broke and was made again is a new
/// session.
pub type SessionId = u64;

/// A stream of a client: watches, or the leaders of an election.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ClientStream {
    pub session: SessionId,
    /// The number of the stream on its session.
    pub stream: u64,
}

/// Responses of one watch stream that a host holds for a client before it says that the stream stalled (etcd:
/// `mvcc/watcher.go`, `chanBufLen`).
pub const STREAM_QUEUE_RESPONSES: usize = 128;

/// A frame from a client to its server.
#[derive(Clone, Debug, PartialEq, Hash, Serialize, Deserialize)]
pub enum ClientFrame {
    /// A request that gets one reply.
    Call {
        /// The number of the call on its session.
        call: u64,
        /// The request.
        request: Call,
        /// The caller's token.
        token: Option<Token>,
        /// The call fails with [`crate::error::Error::NoLeader`] if the member knows no leader when it arrives (etcd:
        /// metadata `hasleader`; `api/v3rpc/interceptor.go`, `newUnaryInterceptor`). A proxy does not pass it on, as etcd's
        /// does not.
        requires_leader: bool,
    },
    /// The client no longer waits for this call.
    CancelCall {
        /// The call.
        call: u64,
    },
    /// A message on a watch stream. The first one opens the stream.
    Watch {
        /// The number of the stream on its session.
        stream: u64,
        /// The message.
        request: WatchRequest,
        /// The caller's token. etcd takes it from the opening of the stream; here every message carries it.
        token: Option<Token>,
    },
    /// Opens a stream that shows the leaders of an election, one after the other (`Election.Observe`).
    Observe {
        /// The number of the stream on its session: streams of watches and of observers share one numbering.
        stream: u64,
        /// The election.
        request: LeaderRequest,
        /// The caller's token.
        token: Option<Token>,
    },
    /// The client is done with a stream.
    CloseStream {
        /// The stream.
        stream: u64,
    },
}

/// A request with one reply.
#[derive(Clone, Debug, PartialEq, Hash, Serialize, Deserialize)]
pub enum Call {
    /// The KV service.
    Kv(Request),
    /// `Maintenance.MoveLeader`: hand leadership to another member. Only the leader can.
    MoveLeader {
        /// The member to lead.
        target: MemberId,
    },
    /// `Maintenance.Status`: the state of this member.
    Status,
    /// The lease service.
    Lease(LeaseRequest),
    /// The lock service.
    Lock(LockRequest),
    /// The election service.
    Election(ElectionRequest),
    /// The cluster service.
    Cluster(ClusterRequest),
    /// The maintenance service.
    Maintenance(MaintenanceRequest),
    /// The auth service.
    Auth(AuthRequest),
}

impl Call {
    /// Returns true if the request changes nothing, so that it may be sent twice.
    pub fn is_read_only(&self) -> bool {
        match self {
            Call::Kv(request) => request.is_read_only(),
            Call::Lease(request) => matches!(request, LeaseRequest::TimeToLive(_) | LeaseRequest::Leases(_)),
            Call::Election(request) => matches!(request, ElectionRequest::Leader(_)),
            Call::Cluster(request) => matches!(request, ClusterRequest::List(_)),
            Call::Maintenance(request) => {
                matches!(request, MaintenanceRequest::Hash | MaintenanceRequest::HashKv { .. })
            }
            Call::Auth(request) => matches!(
                request,
                AuthRequest::Status
                    | AuthRequest::UserGet { .. }
                    | AuthRequest::UserList
                    | AuthRequest::RoleGet { .. }
                    | AuthRequest::RoleList
            ),
            Call::Status => true,
            Call::Lock(_) | Call::MoveLeader { .. } => false,
        }
    }

    /// The gRPC status code with which an error answers such a call.
    pub fn error_code(&self) -> fn(Error) -> Code {
        match self {
            Call::Lock(_) | Call::Election(_) => Error::code_by_service,
            _ => Error::code,
        }
    }
}

/// A frame from a server to a client.
#[derive(Clone, Debug, PartialEq, Hash)]
pub enum ServerFrame {
    /// The answer to a call.
    Reply {
        /// The call.
        call: u64,
        /// Its outcome.
        result: Result<Reply, Error>,
    },
    /// A response on a watch stream.
    Watch {
        /// The stream.
        stream: u64,
        /// The response.
        response: WatchResponse,
    },
    /// A leader, on a stream that observes an election.
    Observe {
        /// The stream.
        stream: u64,
        /// The leader: each leader and each of its values once, in the order of revisions. Where a snapshot was
        /// installed and the revisions between were compacted, the newest follows. An error ends the stream.
        response: Result<LeaderResponse, Error>,
    },
}

/// The answer to a [`Call`].
#[derive(Clone, Debug, PartialEq, Hash, Serialize, Deserialize)]
pub enum Reply {
    /// Of the KV service.
    Kv(Response),
    /// Leadership was handed over.
    MovedLeader,
    /// Of `Status`.
    Status(Status),
    /// Of the lease service.
    Lease(LeaseResponse),
    /// Of the lock service.
    Lock(LockResponse),
    /// Of the election service.
    Election(ElectionResponse),
    /// Of the cluster service.
    Cluster(ClusterResponse),
    /// Of the maintenance service.
    Maintenance(MaintenanceResponse),
    /// Of the auth service.
    Auth(AuthResponse),
}

impl Reply {
    /// The header, of a reply that has one with a revision.
    pub fn header(&self) -> Option<&ResponseHeader> {
        match self {
            Reply::Kv(response) => Some(response.header()),
            Reply::Lease(response) => Some(response.header()),
            Reply::Lock(response) => Some(response.header()),
            Reply::Election(response) => Some(response.header()),
            Reply::Maintenance(response) => Some(response.header()),
            Reply::Auth(_) | Reply::Cluster(_) | Reply::MovedLeader | Reply::Status(_) => None,
        }
    }
}

/// The state of a member (`Maintenance.Status`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Status {
    /// The member itself.
    pub member: MemberId,
    /// The leader it knows; 0 for none.
    pub leader: MemberId,
    /// Its Raft term.
    pub term: u64,
    /// The index of the last entry it applied.
    pub applied_index: u64,
    /// The index up to which it knows the log to be committed.
    pub commit_index: u64,
    /// The revision of its store.
    pub revision: i64,
    /// The compacted revision of its store.
    pub compact_revision: i64,
    /// The size of its storage, in bytes, which the quota limits.
    pub db_size_bytes: u64,
    /// The bytes of it in use; the rest is free after a compaction, until a defragmentation.
    pub db_size_in_use_bytes: u64,
}
