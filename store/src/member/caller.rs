//! Callers and streams: where answers go.

use crate::frame::SessionId;
use crate::member::services::ServiceCall;

/// The receiver of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    Client {
        session: SessionId,
        call: u64,
    },
    /// A service of this member, which uses the member as a client does.
    Service(ServiceCall),
}

/// A stream of a client: watches, or the leaders of an election.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ClientStream {
    pub session: SessionId,
    /// The name of the stream on its session.
    pub stream: u64,
}

impl Caller {
    /// Returns true if the call came on this connection.
    pub fn is_of(&self, its_session: SessionId) -> bool {
        matches!(self, Caller::Client { session, .. } if *session == its_session)
    }
}
