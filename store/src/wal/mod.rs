//! The write-ahead log: a file of framed, checksummed and chained records.
//!
//! etcd's is `server/storage/wal`. Here the log is one file, appended to and synced, and replaced as a
//! whole when a snapshot makes its beginning obsolete.

mod appended;
mod chain;
mod damage;
mod frame;
#[cfg(feature = "defects")]
pub(crate) mod mended;
mod record;
mod recovery;

pub use appended::records_of;
pub use chain::ChainEnd;
pub use damage::{Damage, WalError};
#[cfg(feature = "defects")]
pub(crate) use frame::torn_payload;
pub(crate) use frame::{file_of_one_frame, whole_frame};
#[cfg(feature = "defects")]
pub(crate) use mended::Found;
pub use record::{EntryKind, Metadata, Owner, WalEntry, WalRecord};
pub use recovery::{Recovered, recover};
