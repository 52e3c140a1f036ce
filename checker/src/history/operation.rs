//! One request of one client, from invocation to outcome.

use super::kv::{Request, Response};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A client: one sequential caller. A client that gave up on an operation goes on with the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClientId(pub u32);

/// A member of the cluster (or a proxy), by the id its responses carry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MemberId(pub u64);

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "client {}", self.0)
    }
}

impl fmt::Display for MemberId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "member {}", self.0)
    }
}

/// A request and what became of it, in the one true time of the recorder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// The client.
    pub client: ClientId,
    /// The endpoint the request was sent to, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<MemberId>,
    /// The user whose token came with it, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The time of the invocation, in nanoseconds.
    pub invoke_ns: u64,
    /// The time at which the client had its answer or gave up, in nanoseconds. An operation whose outcome is
    /// [`Outcome::Unknown`] may take effect after that, too. `None` if the recording ended first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_ns: Option<u64>,
    /// The request.
    pub request: Request,
    /// The outcome that the client learned.
    pub outcome: Outcome,
}

impl Operation {
    /// The response, if the operation was answered.
    pub fn response(&self) -> Option<&Response> {
        match &self.outcome {
            Outcome::Ok(response) => Some(response),
            Outcome::Failed(_) | Outcome::Unknown(_) => None,
        }
    }

    /// The member that answered, or else the one that was asked, where that is known.
    pub(crate) fn answered_by(&self) -> Option<MemberId> {
        let answered = self.response().map(|response| response.header().member);
        answered.filter(|member| *member != MemberId(0)).or(self.member)
    }
}

/// The outcome of an operation, as its client learned it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome<R = Response> {
    /// It was answered.
    Ok(R),
    /// It was refused: nothing happened, and nothing will.
    Failed(Error),
    /// It may have happened, may still happen, or never will (timeout, broken stream, an error that
    /// leaves it open). The text is the reason.
    Unknown(String),
}

/// An error as the server worded it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Error {
    /// The gRPC status code by name, such as `OutOfRange`.
    pub code: String,
    /// The text, such as `etcdserver: mvcc: required revision has been compacted`.
    pub message: String,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.code)
    }
}
