//! The manner of a call.

use std::time::Duration;

/// The manner of a call.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Manner {
    /// The time it may take, in milliseconds. Default [`ClientConfig::deadline_ms`](crate::config::ClientConfig::deadline_ms).
    pub deadline_ms: Option<u64>,
    /// The client makes it beside its application's calls: another process, in the history.
    pub background: bool,
    /// It is to be refused by a member that knows no leader. Default no.
    pub requires_leader: bool,
}

impl Manner {
    /// That of a call that may take so long.
    pub fn within(patience: Duration) -> Manner {
        let deadline_ms = u64::try_from(patience.as_millis()).unwrap_or(u64::MAX);
        Manner { deadline_ms: Some(deadline_ms), ..Manner::default() }
    }
}
