//! Logs with damage in them, mended so that [`recover`](super::recover) takes them: as defects read them.

use super::chain::ChainEnd;
use super::frame::{FRAME_HEADER_BYTES, Frame, read_frame, u32_at};
use super::record::{Metadata, WalRecord};

/// A record of a damaged log: `None` if its checksum is wrong.
pub(crate) type Found = Option<WalRecord>;

/// The records of a log, as far as their headers lead, wherever in the chain they belong; `None` if its first record is
/// not whole.
pub(crate) fn records(file: &[u8]) -> Option<(Metadata, Vec<Found>)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(payload) = payload_at(file, at) {
        let is_whole = crc32c::crc32c(payload) == u32_at(file, at + 4);
        found.push(postcard::from_bytes(payload).ok().filter(|_| is_whole));
        at += FRAME_HEADER_BYTES + payload.len() + 1;
    }
    match found.first()? {
        Some(WalRecord::Metadata(metadata)) => {
            let metadata = metadata.clone();
            found.remove(0);
            Some((metadata, found))
        }
        _ => None,
    }
}

/// The payload of the record at `at`, if its header is whole and all its bytes are there.
fn payload_at(file: &[u8], at: usize) -> Option<&[u8]> {
    let rest = file.get(at..).filter(|rest| rest.len() > FRAME_HEADER_BYTES)?;
    if crc32c::crc32c(&rest[..20]) != u32_at(rest, 20) {
        return None;
    }
    let end = FRAME_HEADER_BYTES + u32_at(rest, 0) as usize;
    rest.get(FRAME_HEADER_BYTES..end).filter(|_| rest.len() > end)
}

/// A log of these records, chained as if they had been written one after the other. Behind them is the rest of a write
/// that did not finish, so that the log is written anew.
pub(crate) fn file_of(metadata: Metadata, records: &[WalRecord]) -> Vec<u8> {
    let mut end = ChainEnd { position: metadata.after.position, link: 0 };
    let mut file = Vec::new();
    for record in [&WalRecord::Metadata(metadata)].into_iter().chain(records) {
        end.append(record, &mut file);
    }
    file.push(0);
    file
}

/// True if a log is whole up to its end, or to a write that did not finish.
pub(crate) fn is_sound(file: &[u8]) -> bool {
    let (mut at, mut before) = (0, None);
    loop {
        match read_frame(file, at, before) {
            Frame::Whole { end, chain, .. } => (at, before) = (end, Some(chain)),
            Frame::End | Frame::Torn => return true,
            Frame::Corrupt(_) => return false,
        }
    }
}
