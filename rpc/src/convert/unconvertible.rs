//! Messages that the store has no value for.

use std::convert::Infallible;

use tonic::{Code, Status};

/// A message that the store has no value for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unconvertible {
    /// A number that names no value of an enum. etcd's server lets it pass and does something of its own with each; no
    /// client of etcd sends one.
    #[error("{number} is no value of {name}")]
    UnknownNumber {
        /// The enum.
        name: &'static str,
        /// The number.
        number: i32,
    },
    /// A field that has to be there.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A grant without a permission, with etcd's text (`ErrGRPCPermissionNotGiven`).
    #[error("etcdserver: permission not given")]
    PermissionNotGiven,
    /// A request of a leader without its key, with etcd's text (`server/etcdserver/api/v3election/election.go`,
    /// `ErrMissingLeaderKey`).
    #[error("\"leader\" field must be provided")]
    MissingLeaderKey,
    /// A request or a response of another kind than the message.
    #[error("not a {0}")]
    OtherKind(&'static str),
    /// A snapshot of which a piece is missing.
    #[error("{0} bytes of the snapshot are missing")]
    IncompleteSnapshot(u64),
}

/// The status with which a server refuses the message.
impl From<Unconvertible> for Status {
    fn from(error: Unconvertible) -> Self {
        let code = match error {
            Unconvertible::UnknownNumber { .. }
            | Unconvertible::Missing(_)
            | Unconvertible::PermissionNotGiven => Code::InvalidArgument,
            // A plain error in etcd, which gRPC knows nothing of.
            Unconvertible::MissingLeaderKey => Code::Unknown,
            Unconvertible::OtherKind(_) => Code::Internal,
            Unconvertible::IncompleteSnapshot(_) => Code::DataLoss,
        };
        Status::new(code, error.to_string())
    }
}

/// So that `?` serves conversions that cannot fail as well.
impl From<Infallible> for Unconvertible {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}
