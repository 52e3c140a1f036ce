//! The JSONL form of a history: one JSON object a line. `docs/history-format.md` documents it.

mod across;
mod assembly;
mod checked;
mod error;
mod pieces;
mod read;
mod validate;
mod write;

pub(crate) use assembly::Assembly;
pub use checked::Checked;
pub use error::{Problem, ReadError};
pub use read::{Reader, read};
pub use write::{Writer, write};

use super::{AdminCall, ClientId, Hold, Observation, Observer, Operation, Watch, WatchEnd, WatchFrame};
use crate::bytes::Bytes;
use pieces::{EndLine, FrameLine, FrameRef};
use serde::{Deserialize, Serialize};

/// The name in the header line.
pub const FORMAT: &str = "revline-history";
/// The version in the header line.
pub const VERSION: u32 = 1;
/// The longest line that is read, in bytes.
const LINE_BYTES_MAX: usize = 64 << 20;

/// The content of a line after the header.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// An operation.
    Operation(Operation),
    /// A watch, with all its frames; or, where it has no end, what there is of it so far.
    Watch(Watch),
    /// A frame of a watch that came before and has no end yet.
    Frame {
        /// The id of the watch.
        watch: u64,
        /// The frame that arrived.
        frame: WatchFrame,
    },
    /// The end of a watch that came before and had none.
    WatchEnd {
        /// The id of the watch.
        watch: u64,
        /// The end of the watch; never [`WatchEnd::Open`].
        end: WatchEnd,
        /// The time of the end, in nanoseconds, if that is known.
        end_ns: Option<u64>,
    },
    /// A lock or leadership that a client believed to hold.
    Hold(Hold),
    /// One call of observe with all it was shown.
    Observer(Observer),
    /// A call of the cluster or the maintenance API.
    Admin(AdminCall),
    /// A client sees the keys below a prefix and no others. What it asks and sees is without the prefix.
    Namespace {
        /// The client.
        client: ClientId,
        /// Its prefix.
        prefix: Bytes,
    },
    /// Something the host of the cluster saw.
    Observation(Observation),
}

/// A line as it is read.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Line {
    Header(Header),
    Op(Operation),
    Watch(Watch),
    Frame(FrameLine),
    WatchEnd(EndLine),
    Hold(Hold),
    Observer(Observer),
    Admin(AdminCall),
    Namespace(NamespaceLine),
    Observation(Observation),
}

/// A line as it is written.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum LineRef<'a> {
    Header(&'a Header),
    Op(&'a Operation),
    Watch(&'a Watch),
    Frame(FrameRef<'a>),
    WatchEnd(EndLine),
    Hold(&'a Hold),
    Observer(&'a Observer),
    Admin(&'a AdminCall),
    Namespace(NamespaceLine),
    Observation(&'a Observation),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    format: String,
    version: u32,
    /// See [`History::is_of_new_store`](super::History::is_of_new_store).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    new_store: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct NamespaceLine {
    client: ClientId,
    prefix: Bytes,
}
