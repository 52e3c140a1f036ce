//! Requests and responses of the API, in etcd's own vocabulary (`api/etcdserverpb/rpc.proto`,
//! `api/mvccpb/kv.proto`, `server/etcdserver/api/v3lock` and `v3election`).

mod auth;
mod cluster;
mod compaction;
mod delete_range;
mod election;
mod header;
mod key_value;
mod lease;
mod limits;
mod lock;
mod maintenance;
mod put;
mod range;
mod request;
mod txn;
mod validate;
mod watch;

pub use auth::{
    AuthRequest, AuthResponse, AuthenticateRequest, Permission, PermissionType, Token, UserAddRequest,
};
pub use cluster::{
    ClusterRequest, ClusterResponse, MemberAddRequest, MemberInfo, MemberListRequest, MemberPromoteRequest,
    MemberRemoveRequest, MemberUpdateRequest,
};
pub use compaction::{CompactionRequest, CompactionResponse};
pub use delete_range::{DeleteRangeRequest, DeleteRangeResponse};
pub use election::{
    CampaignRequest, CampaignResponse, ElectionRequest, ElectionResponse, LeaderKey, LeaderRequest,
    LeaderResponse, ProclaimRequest, ProclaimResponse, ResignRequest, ResignResponse,
};
pub use header::ResponseHeader;
pub use key_value::{Event, EventType, KeyValue};
pub use lease::{
    LeaseGrantRequest, LeaseGrantResponse, LeaseKeepAliveRequest, LeaseKeepAliveResponse, LeaseLeasesRequest,
    LeaseLeasesResponse, LeaseRequest, LeaseResponse, LeaseRevokeRequest, LeaseRevokeResponse,
    LeaseTimeToLiveRequest, LeaseTimeToLiveResponse,
};
pub use limits::{MAX_APPLY_GAP, MAX_REQUEST_BYTES, MAX_TXN_OPS, admit};
pub use lock::{AcquireRequest, AcquireResponse, LockRequest, LockResponse, UnlockRequest, UnlockResponse};
pub use maintenance::{Alarm, AlarmAction, AlarmKind, AlarmRequest, MaintenanceRequest, MaintenanceResponse};
pub use put::{PutRequest, PutResponse};
pub use range::{RangeRequest, RangeResponse, SortOrder, SortTarget};
pub use request::{Request, Response};
pub use txn::{Compare, CompareResult, CompareTarget, RequestOp, ResponseOp, TxnRequest, TxnResponse};
pub use validate::validate;
pub use watch::{
    FilterType, INVALID_WATCH_ID, WatchCancelRequest, WatchCreateRequest, WatchRequest, WatchResponse,
};
