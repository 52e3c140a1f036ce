//! Work of clients with several watches on one stream.

use super::Span;
use crate::rules::{Impossible, limits, percent};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Clients with several watches on one stream, which begin at any revision, past or future, ask for all kinds of
/// things, and end one by one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct StreamWorkload {
    /// The number of clients. Default 0.
    pub clients: u32,
    /// The number of watches on a stream, created one after the other. Default 2 to 5.
    pub watches: Span,
    /// The first revision of a watch, if it is not what comes next or the beginning: it may be compacted, or in the
    /// future. Default 2 to 400.
    pub start_revision: Span,
    /// The share of watches from a revision below 0, which no member may accept, in percent. Default 2.
    pub negative_percent: u32,
    /// The share of watches that the client cancels, in percent. Default 30.
    pub canceled_percent: u32,
    /// The share of watches that repeat the one before, of the same keys from the same revision at the same time, in percent.
    /// Default 0.
    pub twice_percent: u32,
    /// The share of watches of the keys from one on, up to another, in percent. Default 0.
    pub range_percent: u32,
    /// The share of watches that ask to be told how far they have come, in percent. Default 0.
    pub progress_percent: u32,
    /// From when a client took one response until it takes the next, in milliseconds. Default 0.
    pub slow_ms: Span,
    /// Ask for ids that are taken, for ranges without an end, for progress and for a leader, too. Default false.
    pub everything: bool,
    /// Ask without a key, which stands for the first there can be, and for ids below 0, too. Default false.
    pub edges: bool,
}

impl Default for StreamWorkload {
    fn default() -> Self {
        StreamWorkload {
            clients: 0,
            watches: (2, 5),
            start_revision: (2, 400),
            negative_percent: 2,
            canceled_percent: 30,
            twice_percent: 0,
            range_percent: 0,
            progress_percent: 0,
            slow_ms: (0, 0),
            everything: false,
            edges: false,
        }
    }
}

impl StreamWorkload {
    pub(super) fn check(&self) -> Result<(), Impossible> {
        limits::CLIENTS.check(self.clients.into(), "workload.streams.clients")?;
        limits::STREAM_WATCHES.check_span(self.watches, "workload.streams.watches")?;
        limits::START_REVISION.check_span(self.start_revision, "workload.streams.start_revision")?;
        limits::PAUSE_MS.check_span(self.slow_ms, "workload.streams.slow_ms")?;
        percent(self.negative_percent, "workload.streams.negative_percent")?;
        percent(self.canceled_percent, "workload.streams.canceled_percent")?;
        percent(self.twice_percent, "workload.streams.twice_percent")?;
        percent(self.range_percent, "workload.streams.range_percent")?;
        percent(self.progress_percent, "workload.streams.progress_percent")
    }
}
