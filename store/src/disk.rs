//! The files of a member, and the operations on them that its host carries out.

use serde::{Deserialize, Serialize};

/// A disk operation whose completion the machine waits for.
pub type DiskToken = u64;

/// The files of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum File {
    /// The write-ahead log.
    Wal,
    /// The newest snapshot of the applied state.
    Snapshot,
}

/// An operation on a member's files. A crash may lose bytes that were not made durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DiskOperation {
    /// Append bytes to a file. They are durable after a later [`DiskOperation::Sync`] of that file.
    Append {
        /// The file.
        file: File,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// Make everything appended to the file so far durable.
    Sync {
        /// The file.
        file: File,
    },
    /// Replace the file as a whole, durably and atomically: write a temporary file, sync it, rename
    /// it over the old one, sync the directory.
    Replace {
        /// The file.
        file: File,
        /// The new content.
        bytes: Vec<u8>,
    },
}

/// The content of a member's disk when it starts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiskImage {
    /// The content of [`File::Wal`]; `None` if there is no such file.
    pub wal: Option<Vec<u8>>,
    /// The content of [`File::Snapshot`]; `None` if there is no such file.
    pub snapshot: Option<Vec<u8>>,
}
