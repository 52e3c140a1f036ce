//! The write-ahead log: a file of framed, checksummed records.
//!
//! etcd's is `server/storage/wal`. Here the log is one file, appended to and synced, and replaced as a
//! whole when a snapshot makes its beginning obsolete.

mod frame;
mod record;
mod recovery;

pub use frame::{FRAME_HEADER_BYTES, append_frame, whole_frame};
pub use record::{EntryKind, WalEntry, WalRecord, encode};
pub use recovery::{Recovered, WalError, recover};
