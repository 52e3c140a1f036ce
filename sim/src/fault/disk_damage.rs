//! Damage to what a disk had made durable.

use revline_store::disk::File;
use std::fmt;

/// Damage to the durable bytes of a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiskDamage {
    /// One bit of a file is turned over.
    Rot(File),
    /// A write to the log appears once more behind the last one.
    Repeat,
    /// Two writes to the log that follow one another have changed places.
    Swap,
}

impl fmt::Display for DiskDamage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DiskDamage::Rot(file) => write!(f, "a bit of {} is turned over", words_of(*file)),
            DiskDamage::Repeat => f.write_str("a write to the log appears once more"),
            DiskDamage::Swap => f.write_str("two writes to the log have changed places"),
        }
    }
}

/// The words for a file.
pub(super) fn words_of(file: File) -> &'static str {
    match file {
        File::Wal => "the log",
        File::Snapshot => "the snapshot",
    }
}
