//! The files of a member, and the operations on them that its host carries out.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A disk operation whose completion the machine waits for.
pub type DiskToken = u64;

/// The files of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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

/// The kind of a disk operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum DiskWork {
    /// [`DiskOperation::Append`].
    Append,
    /// [`DiskOperation::Sync`].
    Sync,
    /// [`DiskOperation::Replace`].
    Replace,
}

impl DiskOperation {
    /// The kind of this operation.
    pub fn work(&self) -> DiskWork {
        match self {
            DiskOperation::Append { .. } => DiskWork::Append,
            DiskOperation::Sync { .. } => DiskWork::Sync,
            DiskOperation::Replace { .. } => DiskWork::Replace,
        }
    }

    /// The file it is about.
    pub fn file(&self) -> File {
        match self {
            DiskOperation::Append { file, .. }
            | DiskOperation::Sync { file }
            | DiskOperation::Replace { file, .. } => *file,
        }
    }
}

/// The error of a disk operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum DiskError {
    /// `EIO`.
    Io,
    /// `ENOSPC`.
    NoSpace,
}

/// A disk operation that failed.
///
/// A failed append may have left any part of its bytes, a failed replacement leaves the old file. After either the host
/// carries out nothing more of what this process asks for. After a failed sync the bytes that it was to make durable may
/// never become so, even if they can be read and a later sync succeeds: the system may have marked them as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskFailure {
    /// The kind of operation.
    pub work: DiskWork,
    /// The file.
    pub file: File,
    /// The error.
    pub error: DiskError,
    /// The token of the operation, if it had one.
    pub token: Option<DiskToken>,
}

impl fmt::Display for DiskFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let work = match self.work {
            DiskWork::Append => "append to",
            DiskWork::Sync => "sync of",
            DiskWork::Replace => "replacement of",
        };
        let file = match self.file {
            File::Wal => "the write-ahead log",
            File::Snapshot => "the snapshot",
        };
        let error = match self.error {
            DiskError::Io => "input/output error (EIO)",
            DiskError::NoSpace => "no space left on device (ENOSPC)",
        };
        write!(f, "{work} {file}: {error}")
    }
}

/// The content of a member's disk when it starts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiskImage {
    /// The content of [`File::Wal`]; `None` if there is no such file.
    pub wal: Option<Vec<u8>>,
    /// The content of [`File::Snapshot`]; `None` if there is no such file.
    pub snapshot: Option<Vec<u8>>,
}
