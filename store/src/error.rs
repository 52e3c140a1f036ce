//! The errors of the API: etcd's texts and gRPC codes (`api/v3rpc/rpctypes/error.go`; those of locks and
//! elections: `client/v3/concurrency/mutex.go` and `election.go`).

use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// Declares the errors, a row each: `Variant: Code, "etcd's text";`.
macro_rules! errors {
    ($($error:ident: $code:ident, $text:literal;)*) => {
        /// An error of the API. `Display` gives etcd's exact text, which `FromStr` reads.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, thiserror::Error,
        )]
        pub enum Error {
            $(
                #[doc = $text]
                #[error($text)]
                $error,
            )*
        }

        impl Error {
            /// Every error, in the order of the declaration.
            pub const ALL: &[Error] = &[$(Error::$error,)*];

            /// The gRPC status code the error travels with, except from the lock and election services.
            pub fn code(self) -> Code {
                match self {
                    $(Error::$error => Code::$code,)*
                }
            }
        }

        impl FromStr for Error {
            type Err = UnknownText;

            fn from_str(text: &str) -> Result<Error, UnknownText> {
                match text {
                    $($text => Ok(Error::$error),)*
                    _ => Err(UnknownText(text.to_owned())),
                }
            }
        }
    };
}

errors! {
    EmptyKey: InvalidArgument, "etcdserver: key is not provided";
    KeyNotFound: InvalidArgument, "etcdserver: key not found";
    ValueProvided: InvalidArgument, "etcdserver: value is provided";
    LeaseProvided: InvalidArgument, "etcdserver: lease is provided";
    TooManyOps: InvalidArgument, "etcdserver: too many operations in txn request";
    DuplicateKey: InvalidArgument, "etcdserver: duplicate key given in txn request";
    InvalidSortOption: InvalidArgument, "etcdserver: invalid sort option";
    RequestTooLarge: InvalidArgument, "etcdserver: request is too large";
    AuthFailed: InvalidArgument, "etcdserver: authentication failed, invalid user ID or password";
    AuthOldRevision: InvalidArgument, "etcdserver: revision of auth store is old";
    UserEmpty: InvalidArgument, "etcdserver: user name is empty";
    RoleEmpty: InvalidArgument, "etcdserver: role name is empty";
    InvalidAuthMgmt: InvalidArgument, "etcdserver: invalid auth management";
    Compacted: OutOfRange, "etcdserver: mvcc: required revision has been compacted";
    FutureRev: OutOfRange, "etcdserver: mvcc: required revision is a future revision";
    LeaseTtlTooLarge: OutOfRange, "etcdserver: too large lease TTL";
    NoSpace: ResourceExhausted, "etcdserver: mvcc: database space exceeded";
    TooManyRequests: ResourceExhausted, "etcdserver: too many requests";
    LeaseNotFound: NotFound, "etcdserver: requested lease not found";
    MemberNotFound: NotFound, "etcdserver: member not found";
    LeaseExist: FailedPrecondition, "etcdserver: lease already exists";
    NotLeader: FailedPrecondition, "etcdserver: not leader";
    NotSupportedForLearner: FailedPrecondition, "etcdserver: rpc not supported for learner";
    BadLeaderTransferee: FailedPrecondition, "etcdserver: bad leader transferee";
    LearnerNotReady: FailedPrecondition, "etcdserver: can only promote a learner member which is in sync with leader";
    MemberNotLearner: FailedPrecondition, "etcdserver: can only promote a learner member";
    MemberExist: FailedPrecondition, "etcdserver: member ID already exist";
    TooManyLearners: FailedPrecondition, "etcdserver: too many learner members in cluster";
    MemberNotEnoughStarted: FailedPrecondition, "etcdserver: re-configuration failed due to not enough started members";
    RootUserNotExist: FailedPrecondition, "etcdserver: root user does not exist";
    AuthNotEnabled: FailedPrecondition, "etcdserver: authentication is not enabled";
    RootRoleNotExist: FailedPrecondition, "etcdserver: root user does not have root role";
    UserAlreadyExist: FailedPrecondition, "etcdserver: user name already exists";
    UserNotFound: FailedPrecondition, "etcdserver: user name not found";
    RoleAlreadyExist: FailedPrecondition, "etcdserver: role name already exists";
    RoleNotFound: FailedPrecondition, "etcdserver: role name not found";
    RoleNotGranted: FailedPrecondition, "etcdserver: role is not granted to the user";
    PermissionNotGranted: FailedPrecondition, "etcdserver: permission is not granted to the role";
    PermissionDenied: PermissionDenied, "etcdserver: permission denied";
    InvalidAuthToken: Unauthenticated, "etcdserver: invalid auth token";
    Corrupt: DataLoss, "etcdserver: corrupt cluster";
    NoLeader: Unavailable, "etcdserver: no leader";
    LeaderChanged: Unavailable, "etcdserver: leader changed";
    Timeout: Unavailable, "etcdserver: request timed out";
    Stopped: Unavailable, "etcdserver: server stopped";
    Unhealthy: Unavailable, "etcdserver: unhealthy cluster";
    // Plain errors in etcd, which gRPC knows nothing of.
    NoPasswordUser: Unknown, "auth: authentication failed, password was given for no password user";
    SessionExpired: Unknown, "mutex: session is expired";
    ElectionNoLeader: Unknown, "election: no leader";
    ElectionNotLeader: Unknown, "election: not leader";
}

impl Error {
    /// The gRPC status code with which the lock and election services pass the error on: they ask through a client
    /// of their own, and its errors are plain ones to gRPC (`client/v3/client.go`, `toErr`). Only an error from
    /// before they are asked has its own code (`api/v3rpc/interceptor.go`).
    pub fn code_by_service(self) -> Code {
        match self {
            Error::NotSupportedForLearner => self.code(),
            _ => Code::Unknown,
        }
    }
}

/// A text that is no error's.
///
/// ```
/// use revline_store::error::{Error, UnknownText};
///
/// assert_eq!("etcdserver: no leader".parse(), Ok(Error::NoLeader));
/// let unknown = "connection refused";
/// assert_eq!(unknown.parse::<Error>(), Err(UnknownText(unknown.to_owned())));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is the text of no error of etcd")]
pub struct UnknownText(pub String);

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_leads_back_to_its_error() {
        for &error in Error::ALL {
            assert_eq!(error.to_string().parse(), Ok(error));
        }
        let unknown = "etcdserver: no such text";
        assert_eq!(unknown.parse::<Error>(), Err(UnknownText(unknown.to_owned())));
    }
}
