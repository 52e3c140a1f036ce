//! How a call is made.

/// The manner of a call.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Manner {
    /// How long it may take, in milliseconds; as the client is configured if not said.
    pub deadline_ms: Option<u64>,
    /// The client makes it beside its application's calls: another process, in the history.
    pub background: bool,
}
