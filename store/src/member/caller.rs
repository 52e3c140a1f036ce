//! The receivers of answers.

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

impl Caller {
    /// Returns true if the call came on this connection.
    pub fn is_of(&self, its_session: SessionId) -> bool {
        matches!(self, Caller::Client { session, .. } if *session == its_session)
    }
}
