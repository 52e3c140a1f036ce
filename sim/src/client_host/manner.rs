//! The manner of a call.

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
