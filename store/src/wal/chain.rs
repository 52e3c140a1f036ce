//! The chain that runs through the records of a log, from its first record to its last.
//!
//! Each record is numbered, and checksummed together with the record before it. A record that was moved, repeated,
//! left out, put in, or taken from another log does not continue the chain, however whole it is. (etcd's log carries
//! a CRC over from record to record: `server/storage/wal/decoder.go`.)

use serde::{Deserialize, Serialize};

/// An end of the chain: the last record, and the checksum over it and everything before it.
///
/// Positions count the records that a member wrote in its life. A log that is replaced goes on counting where the one
/// before it ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainEnd {
    /// The position of the last record, counted from 1; 0 before the first.
    pub position: u64,
    /// The checksum.
    pub link: u32,
}

impl ChainEnd {
    /// The end after one more record, of so many bytes and with this checksum of its own.
    pub(super) fn after(self, length: u32, payload_crc: u32) -> ChainEnd {
        let position = self.position + 1;
        let link = [
            &self.link.to_le_bytes()[..],
            &position.to_le_bytes(),
            &length.to_le_bytes(),
            &payload_crc.to_le_bytes(),
        ]
        .into_iter()
        .fold(0, crc32c::crc32c_append);
        ChainEnd { position, link }
    }

    /// The end before the first record of a file, at this position. That record carries the link to earlier ones.
    pub(super) fn before_file(position: u64) -> ChainEnd {
        ChainEnd { position: position.saturating_sub(1), link: 0 }
    }
}
