//! The errors of the API: etcd's texts and gRPC codes (`api/v3rpc/rpctypes/error.go`; those of locks and
//! elections: `client/v3/concurrency/mutex.go` and `election.go`).

use serde::{Deserialize, Serialize};

/// What a request can be refused with. `Display` gives etcd's exact text.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, thiserror::Error,
)]
#[allow(missing_docs, reason = "the texts say it")]
pub enum Error {
    #[error("etcdserver: key is not provided")]
    EmptyKey,
    #[error("etcdserver: key not found")]
    KeyNotFound,
    #[error("etcdserver: value is provided")]
    ValueProvided,
    #[error("etcdserver: lease is provided")]
    LeaseProvided,
    #[error("etcdserver: too many operations in txn request")]
    TooManyOps,
    #[error("etcdserver: duplicate key given in txn request")]
    DuplicateKey,
    #[error("etcdserver: invalid sort option")]
    InvalidSortOption,
    #[error("etcdserver: request is too large")]
    RequestTooLarge,
    #[error("etcdserver: authentication failed, invalid user ID or password")]
    AuthFailed,
    #[error("etcdserver: revision of auth store is old")]
    AuthOldRevision,
    #[error("etcdserver: user name is empty")]
    UserEmpty,
    #[error("etcdserver: role name is empty")]
    RoleEmpty,
    #[error("etcdserver: invalid auth management")]
    InvalidAuthMgmt,

    #[error("etcdserver: mvcc: required revision has been compacted")]
    Compacted,
    #[error("etcdserver: mvcc: required revision is a future revision")]
    FutureRev,
    #[error("etcdserver: too large lease TTL")]
    LeaseTtlTooLarge,

    #[error("etcdserver: mvcc: database space exceeded")]
    NoSpace,
    #[error("etcdserver: too many requests")]
    TooManyRequests,

    #[error("etcdserver: requested lease not found")]
    LeaseNotFound,
    #[error("etcdserver: member not found")]
    MemberNotFound,

    #[error("etcdserver: lease already exists")]
    LeaseExist,
    #[error("etcdserver: not leader")]
    NotLeader,
    #[error("etcdserver: rpc not supported for learner")]
    NotSupportedForLearner,
    #[error("etcdserver: bad leader transferee")]
    BadLeaderTransferee,
    #[error("etcdserver: can only promote a learner member which is in sync with leader")]
    LearnerNotReady,
    #[error("etcdserver: can only promote a learner member")]
    MemberNotLearner,
    #[error("etcdserver: member ID already exist")]
    MemberExist,
    #[error("etcdserver: too many learner members in cluster")]
    TooManyLearners,
    #[error("etcdserver: re-configuration failed due to not enough started members")]
    MemberNotEnoughStarted,
    #[error("etcdserver: root user does not exist")]
    RootUserNotExist,
    #[error("etcdserver: authentication is not enabled")]
    AuthNotEnabled,
    #[error("etcdserver: root user does not have root role")]
    RootRoleNotExist,
    #[error("etcdserver: user name already exists")]
    UserAlreadyExist,
    #[error("etcdserver: user name not found")]
    UserNotFound,
    #[error("etcdserver: role name already exists")]
    RoleAlreadyExist,
    #[error("etcdserver: role name not found")]
    RoleNotFound,
    #[error("etcdserver: role is not granted to the user")]
    RoleNotGranted,
    #[error("etcdserver: permission is not granted to the role")]
    PermissionNotGranted,

    #[error("etcdserver: permission denied")]
    PermissionDenied,
    #[error("etcdserver: invalid auth token")]
    InvalidAuthToken,
    #[error("etcdserver: corrupt cluster")]
    Corrupt,

    #[error("etcdserver: no leader")]
    NoLeader,
    #[error("etcdserver: leader changed")]
    LeaderChanged,
    #[error("etcdserver: request timed out")]
    Timeout,
    #[error("etcdserver: server stopped")]
    Stopped,
    #[error("etcdserver: unhealthy cluster")]
    Unhealthy,

    #[error("auth: authentication failed, password was given for no password user")]
    NoPasswordUser,

    #[error("mutex: session is expired")]
    SessionExpired,
    #[error("election: no leader")]
    ElectionNoLeader,
    #[error("election: not leader")]
    ElectionNotLeader,
}

impl Error {
    /// Every error, in the order of the declaration.
    pub const ALL: [Error; 50] = [
        Error::EmptyKey,
        Error::KeyNotFound,
        Error::ValueProvided,
        Error::LeaseProvided,
        Error::TooManyOps,
        Error::DuplicateKey,
        Error::InvalidSortOption,
        Error::RequestTooLarge,
        Error::AuthFailed,
        Error::AuthOldRevision,
        Error::UserEmpty,
        Error::RoleEmpty,
        Error::InvalidAuthMgmt,
        Error::Compacted,
        Error::FutureRev,
        Error::LeaseTtlTooLarge,
        Error::NoSpace,
        Error::TooManyRequests,
        Error::LeaseNotFound,
        Error::MemberNotFound,
        Error::LeaseExist,
        Error::NotLeader,
        Error::NotSupportedForLearner,
        Error::BadLeaderTransferee,
        Error::LearnerNotReady,
        Error::MemberNotLearner,
        Error::MemberExist,
        Error::TooManyLearners,
        Error::MemberNotEnoughStarted,
        Error::RootUserNotExist,
        Error::AuthNotEnabled,
        Error::RootRoleNotExist,
        Error::UserAlreadyExist,
        Error::UserNotFound,
        Error::RoleAlreadyExist,
        Error::RoleNotFound,
        Error::RoleNotGranted,
        Error::PermissionNotGranted,
        Error::PermissionDenied,
        Error::InvalidAuthToken,
        Error::Corrupt,
        Error::NoLeader,
        Error::LeaderChanged,
        Error::Timeout,
        Error::Stopped,
        Error::Unhealthy,
        Error::NoPasswordUser,
        Error::SessionExpired,
        Error::ElectionNoLeader,
        Error::ElectionNotLeader,
    ];

    /// The gRPC status code with which the lock and election services pass the error on: they ask through a client of
    /// their own, and what that says is to gRPC a plain error (`client/v3/client.go`, `toErr`). Only what is refused
    /// before they are asked has its own code (`api/v3rpc/interceptor.go`).
    pub fn code_by_service(self) -> Code {
        match self {
            Error::NotSupportedForLearner => self.code(),
            _ => Code::Unknown,
        }
    }

    /// The gRPC status code the error travels with, but from the lock and election services.
    pub fn code(self) -> Code {
        match self {
            Error::EmptyKey
            | Error::KeyNotFound
            | Error::ValueProvided
            | Error::LeaseProvided
            | Error::TooManyOps
            | Error::DuplicateKey
            | Error::InvalidSortOption
            | Error::RequestTooLarge
            | Error::AuthFailed
            | Error::AuthOldRevision
            | Error::UserEmpty
            | Error::RoleEmpty
            | Error::InvalidAuthMgmt => Code::InvalidArgument,
            Error::Compacted | Error::FutureRev | Error::LeaseTtlTooLarge => Code::OutOfRange,
            Error::NoSpace | Error::TooManyRequests => Code::ResourceExhausted,
            Error::LeaseNotFound | Error::MemberNotFound => Code::NotFound,
            Error::LeaseExist
            | Error::NotLeader
            | Error::NotSupportedForLearner
            | Error::BadLeaderTransferee
            | Error::LearnerNotReady
            | Error::MemberNotLearner
            | Error::MemberExist
            | Error::TooManyLearners
            | Error::MemberNotEnoughStarted
            | Error::RootUserNotExist
            | Error::AuthNotEnabled
            | Error::RootRoleNotExist
            | Error::UserAlreadyExist
            | Error::UserNotFound
            | Error::RoleAlreadyExist
            | Error::RoleNotFound
            | Error::RoleNotGranted
            | Error::PermissionNotGranted => Code::FailedPrecondition,
            Error::PermissionDenied => Code::PermissionDenied,
            Error::InvalidAuthToken => Code::Unauthenticated,
            Error::Corrupt => Code::DataLoss,
            Error::NoLeader | Error::LeaderChanged | Error::Timeout | Error::Stopped | Error::Unhealthy => {
                Code::Unavailable
            }
            // Plain errors in etcd, which gRPC knows nothing of.
            Error::NoPasswordUser
            | Error::SessionExpired
            | Error::ElectionNoLeader
            | Error::ElectionNotLeader => Code::Unknown,
        }
    }
}

/// The gRPC status codes in use, with their numbers on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs, reason = "gRPC's own names")]
pub enum Code {
    Unknown = 2,
    InvalidArgument = 3,
    NotFound = 5,
    PermissionDenied = 7,
    ResourceExhausted = 8,
    FailedPrecondition = 9,
    OutOfRange = 11,
    Unavailable = 14,
    DataLoss = 15,
    Unauthenticated = 16,
}
