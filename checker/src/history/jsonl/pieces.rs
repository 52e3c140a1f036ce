//! The lines of a watch that is written in pieces, after its `watch` line.

use super::Record;
use crate::history::{Event, Revision, WatchEnd, WatchFrame};
use serde::{Deserialize, Serialize};

/// A frame, as it is read: the fields of [`WatchFrame`], and whose it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FrameLine {
    watch: u64,
    received_ns: u64,
    #[serde(default)]
    revision: Revision,
    #[serde(default)]
    created: bool,
    #[serde(default)]
    canceled: Option<String>,
    #[serde(default)]
    compact_revision: Revision,
    #[serde(default)]
    fragment: bool,
    #[serde(default)]
    events: Vec<Event>,
}

impl From<FrameLine> for Record {
    fn from(line: FrameLine) -> Record {
        let FrameLine { watch, received_ns, revision, created, canceled, compact_revision, fragment, events } =
            line;
        let frame =
            WatchFrame { received_ns, revision, created, canceled, compact_revision, fragment, events };
        Record::Frame { watch, frame }
    }
}

/// A frame, as it is written.
#[derive(Serialize)]
pub(super) struct FrameRef<'a> {
    pub(super) watch: u64,
    #[serde(flatten)]
    pub(super) frame: &'a WatchFrame,
}

/// The end of a watch.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EndLine {
    pub(super) watch: u64,
    pub(super) end: WatchEnd,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) end_ns: Option<u64>,
}

impl From<EndLine> for Record {
    fn from(EndLine { watch, end, end_ns }: EndLine) -> Record {
        Record::WatchEnd { watch, end, end_ns }
    }
}
