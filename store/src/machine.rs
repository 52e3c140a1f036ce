//! The interface of every machine in this crate: inputs in, outputs out, no I/O.
//!
//! A machine reads no clock, draws no random number, spawns no task and touches no file. Its host
//! (a simulated world, or a real process) tells it the time with each input and carries out what it
//! asks for.

use crate::api::{
    AuthRequest, AuthResponse, ClusterRequest, ClusterResponse, ElectionRequest, ElectionResponse,
    LeaderRequest, LeaderResponse, LeaseRequest, LeaseResponse, LockRequest, LockResponse,
    MaintenanceRequest, MaintenanceResponse, Request, Response, ResponseHeader, Token, WatchRequest,
    WatchResponse,
};
use crate::error::{Code, Error};
use crate::member::MemberEvent;
use crate::peer::PeerMessage;
use serde::{Deserialize, Serialize};
use std::ops::{Add, Sub};
use std::time::Duration;

/// A moment on the host's own monotonic clock, in nanoseconds since the clock's epoch.
///
/// Clocks of different machines differ in offset and rate: a `Time` means nothing to another machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Time(pub u64);

impl Time {
    /// The moment `ms` milliseconds after the epoch.
    pub const fn from_millis(ms: u64) -> Time {
        Time(ms * 1_000_000)
    }

    /// Whole milliseconds since the epoch.
    pub const fn as_millis(self) -> u64 {
        self.0 / 1_000_000
    }
}

impl Add<Duration> for Time {
    type Output = Time;

    fn add(self, duration: Duration) -> Time {
        Time(self.0.saturating_add(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)))
    }
}

impl Sub<Time> for Time {
    type Output = Duration;

    fn sub(self, earlier: Time) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

/// The id of a member: unique in the cluster, never 0.
pub type MemberId = u64;

/// A client's connection to this member, named by the host. A connection that broke and was made
/// again is a new session.
pub type SessionId = u64;

/// Names a disk operation whose completion the machine waits for.
pub type DiskToken = u64;

/// Responses of one watch stream that a host holds for a client before it says that the stream stalled (etcd:
/// `mvcc/watcher.go`, `chanBufLen`).
pub const STREAM_QUEUE_RESPONSES: usize = 128;

/// What a member is told.
#[derive(Debug)]
pub enum Input {
    /// One tick of the local clock passed ([`crate::member::Config::tick_ms`]).
    Tick,
    /// A datagram from a peer. It may be late, repeated, or out of order.
    Peer(PeerMessage),
    /// A frame from a client, in the order in which it was sent on its session.
    Client {
        /// The connection it came on.
        session: SessionId,
        /// What it says.
        frame: ClientFrame,
    },
    /// A client's connection is gone: nobody waits for its answers.
    SessionClosed {
        /// The connection.
        session: SessionId,
    },
    /// A client does not take what it is sent: the queue of responses of this watch stream is full
    /// ([`STREAM_QUEUE_RESPONSES`]). Only the change is told. Until the stream flows, a member sends nothing on it but
    /// answers to requests.
    Stalled {
        /// The connection.
        session: SessionId,
        /// The stream.
        stream: u64,
    },
    /// That queue is less than half full again.
    Flowing {
        /// The connection.
        session: SessionId,
        /// The stream.
        stream: u64,
    },
    /// The disk operation with this token is done, and with it every one asked for before it.
    DiskDone {
        /// The token given in [`Output::Disk`].
        token: DiskToken,
    },
}

/// What a member asks of its host, in order.
#[derive(Debug)]
pub enum Output {
    /// Send a datagram to [`PeerMessage::to`].
    Peer(PeerMessage),
    /// Send a frame to a client.
    Client {
        /// The connection.
        session: SessionId,
        /// What to send.
        frame: ServerFrame,
    },
    /// Do this to the disk, after everything asked for before.
    Disk {
        /// What to do.
        operation: DiskOperation,
        /// Tell [`Input::DiskDone`] with this token when it is done.
        done: Option<DiskToken>,
    },
    /// Something happened that an observer wants to know. The host need not do anything.
    Event(MemberEvent),
}

/// The files of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum File {
    /// The write-ahead log.
    Wal,
    /// The newest snapshot of the applied state.
    Snapshot,
}

/// An operation on a member's files. What was not made durable may be lost in a crash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DiskOperation {
    /// Append bytes to a file. They are durable after a later [`DiskOperation::Sync`] of that file.
    Append {
        /// The file.
        file: File,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// Make everything appended to the file so far durable.
    Sync {
        /// The file.
        file: File,
    },
    /// Replace the file as a whole, durably and atomically: write a temporary file, sync it, rename
    /// it over the old one, sync the directory.
    Replace {
        /// The file.
        file: File,
        /// The new content.
        bytes: Vec<u8>,
    },
}

/// What a member finds on its disk when it starts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiskImage {
    /// The content of [`File::Wal`]; `None` if there is no such file.
    pub wal: Option<Vec<u8>>,
    /// The content of [`File::Snapshot`]; `None` if there is no such file.
    pub snapshot: Option<Vec<u8>>,
}

/// What a client sends on its session.
#[derive(Clone, Debug, PartialEq, Hash)]
pub enum ClientFrame {
    /// A request that gets one reply.
    Call {
        /// Names the call on its session.
        call: u64,
        /// What to do.
        request: Call,
        /// Who asks.
        token: Option<Token>,
    },
    /// The client no longer waits for this call.
    CancelCall {
        /// The call.
        call: u64,
    },
    /// A message on a watch stream. The first one opens the stream.
    Watch {
        /// Names the stream on its session.
        stream: u64,
        /// What it says.
        request: WatchRequest,
        /// Who asks. etcd knows who opened the stream; here every message says so.
        token: Option<Token>,
    },
    /// Opens a stream that shows the leaders of an election, one after the other (`Election.Observe`).
    Observe {
        /// Names the stream on its session, among watch streams too.
        stream: u64,
        /// Which election.
        request: LeaderRequest,
        /// Who asks.
        token: Option<Token>,
    },
    /// The client is done with a stream.
    CloseStream {
        /// The stream.
        stream: u64,
    },
}

/// A request with one reply.
#[derive(Clone, Debug, PartialEq, Hash)]
pub enum Call {
    /// The KV service.
    Kv(Request),
    /// `Maintenance.MoveLeader`: hand leadership to another member. Only the leader can.
    MoveLeader {
        /// The member to lead.
        target: MemberId,
    },
    /// `Maintenance.Status`: where this member stands.
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
    /// The gRPC status code with which an error answers such a call.
    pub fn error_code(&self) -> fn(Error) -> Code {
        match self {
            Call::Lock(_) | Call::Election(_) => Error::code_by_service,
            _ => Error::code,
        }
    }
}

/// What a member sends to a client.
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
        /// What it says.
        response: WatchResponse,
    },
    /// A leader, on a stream that observes an election.
    Observe {
        /// The stream.
        stream: u64,
        /// Who leads, each leader and each of its values once, in the order of revisions. Where a snapshot was
        /// installed and what lies between was compacted, the newest follows. An error ends the stream.
        response: Result<LeaderResponse, Error>,
    },
}

/// The answer to a [`Call`].
#[derive(Clone, Debug, PartialEq, Hash)]
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

/// Where a member stands (`Maintenance.Status`).
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
    /// The size of its storage, in bytes: what the quota limits.
    pub db_size_bytes: u64,
    /// The bytes of it in use; the rest is free after a compaction, until a defragmentation.
    pub db_size_in_use_bytes: u64,
}
