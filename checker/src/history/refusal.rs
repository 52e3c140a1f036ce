//! The errors that say something about the store (etcd: `api/v3rpc/rpctypes/error.go`).

use super::Error;
use std::fmt;

/// An error that is an answer: a sequential etcd gives it to this request in this state, and nothing happens.
///
/// Errors of operation (no leader, request timed out, too many requests ...), of leases, quota and auth are
/// none: they depend on more than requests and keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// `ErrEmptyKey`
    EmptyKey,
    /// `ErrKeyNotFound`
    KeyNotFound,
    /// `ErrValueProvided`
    ValueProvided,
    /// `ErrLeaseProvided`
    LeaseProvided,
    /// `ErrTooManyOps`
    TooManyOps,
    /// `ErrDuplicateKey`
    DuplicateKey,
    /// `ErrCompacted`
    Compacted,
    /// `ErrFutureRev`
    FutureRev,
}

/// The prefix of etcd's error texts.
const PREFIX: &str = "etcdserver: ";

impl Refusal {
    /// All of them.
    pub const ALL: [Refusal; 8] = [
        Refusal::EmptyKey,
        Refusal::KeyNotFound,
        Refusal::ValueProvided,
        Refusal::LeaseProvided,
        Refusal::TooManyOps,
        Refusal::DuplicateKey,
        Refusal::Compacted,
        Refusal::FutureRev,
    ];

    /// The refusal an error words, with or without etcd's prefix.
    pub fn of(error: &Error) -> Option<Self> {
        let text = error.message.strip_prefix(PREFIX).unwrap_or(&error.message);
        Refusal::ALL.into_iter().find(|refusal| refusal.text() == text)
    }

    /// The name of its gRPC status code.
    pub fn code(self) -> &'static str {
        match self {
            Refusal::Compacted | Refusal::FutureRev => "OutOfRange",
            _ => "InvalidArgument",
        }
    }

    fn text(self) -> &'static str {
        match self {
            Refusal::EmptyKey => "key is not provided",
            Refusal::KeyNotFound => "key not found",
            Refusal::ValueProvided => "value is provided",
            Refusal::LeaseProvided => "lease is provided",
            Refusal::TooManyOps => "too many operations in txn request",
            Refusal::DuplicateKey => "duplicate key given in txn request",
            Refusal::Compacted => "mvcc: required revision has been compacted",
            Refusal::FutureRev => "mvcc: required revision is a future revision",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}", self.text())
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Error { code: refusal.code().into(), message: refusal.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_known_by_its_text() {
        for refusal in Refusal::ALL {
            assert_eq!(Refusal::of(&refusal.into()), Some(refusal));
        }
        let operational = Error { code: "Unavailable".into(), message: "etcdserver: no leader".into() };
        assert_eq!(Refusal::of(&operational), None);
    }
}
