//! The manner of a call.

/// The manner of a call.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Manner {
    /// The time it may take, in milliseconds. Default [`super::ClientConfig::deadline_ms`].
    pub deadline_ms: Option<u64>,
    /// The client makes it beside its application's calls: another process, in the history.
    pub background: bool,
}
