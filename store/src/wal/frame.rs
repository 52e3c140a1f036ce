//! The layout of a record in the file:
//! `length | crc32c(payload) | position | link | crc32c(everything before) | payload | END`.
//!
//! The header has a checksum of its own, so that a damaged length is never mistaken for a record that was cut off.
//! The last byte is never zero, so that a record that was written to its end is never mistaken for one that was
//! not: damage to it is damage, even if it is the last one of the file. Position and link are those of the
//! [chain](ChainEnd) with this record as its last. A header that was written tells them, so that the remains of an
//! unfinished record also have to be where they belong.

use super::chain::ChainEnd;
use super::damage::Damage;

/// The bytes before a record's payload: length, checksum, position, link, checksum of the header.
pub(super) const FRAME_HEADER_BYTES: usize = 24;

/// The byte after a record's payload. Turning over one bit of it does not make it zero.
const END: u8 = 0xa5;

/// Appends the payload that `write` appends as one frame that continues the chain.
pub(super) fn append_frame(
    out: &mut Vec<u8>,
    before: ChainEnd,
    write: impl FnOnce(&mut Vec<u8>),
) -> ChainEnd {
    let frame = out.len();
    out.extend_from_slice(&[0; FRAME_HEADER_BYTES]);
    write(out);
    let payload = &out[frame + FRAME_HEADER_BYTES..];
    let length = u32::try_from(payload.len()).expect("a record is smaller than 4 GiB");
    let payload_crc = crc32c::crc32c(payload);
    let end = before.after(length, payload_crc);
    out[frame..frame + FRAME_HEADER_BYTES].copy_from_slice(&header(length, payload_crc, end));
    out.push(END);
    end
}

fn header(length: u32, payload_crc: u32, end: ChainEnd) -> [u8; FRAME_HEADER_BYTES] {
    let mut header = [0; FRAME_HEADER_BYTES];
    header[..4].copy_from_slice(&length.to_le_bytes());
    header[4..8].copy_from_slice(&payload_crc.to_le_bytes());
    header[8..16].copy_from_slice(&end.position.to_le_bytes());
    header[16..20].copy_from_slice(&end.link.to_le_bytes());
    let crc = crc32c::crc32c(&header[..20]);
    header[20..].copy_from_slice(&crc.to_le_bytes());
    header
}

/// The frame at some offset of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Frame<'a> {
    /// A whole record; the next one begins at `end`, and continues the chain from `chain` on.
    Whole { payload: &'a [u8], end: usize, chain: ChainEnd },
    /// The file ends here.
    End,
    /// A write that did not finish: nothing but a record's own beginning and zeros follows.
    Torn,
    /// Damage that an unfinished write does not explain.
    Corrupt(Damage),
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

fn position_of(header: &[u8]) -> u64 {
    u64::from_le_bytes(header[8..16].try_into().expect("eight bytes"))
}

fn only_zeros(bytes: &[u8]) -> bool {
    bytes.iter().all(|&byte| byte == 0)
}

/// Returns true if `rest` can be the beginning of the header of the record after `before`, with zeros behind it.
fn is_torn_header(rest: &[u8], before: ChainEnd) -> bool {
    let written =
        rest.iter().take(FRAME_HEADER_BYTES).rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    let mut begun = [0; 8];
    let known = written.min(8);
    begun[..known].copy_from_slice(&rest[..known]);
    let (length, payload_crc) = (u32_at(&begun, 0), u32_at(&begun, 4));
    // Up to byte 16 nothing depends on bytes that may not have been written.
    rest[..written] == header(length, payload_crc, before.after(length, payload_crc))[..written]
}

/// Reads the frame at `at`. It has to continue the chain from `before` on; the first one of a file, where `before` is
/// `None`, begins at a position of its own.
///
/// A crash leaves a prefix of the unfinished write, and a file system may have grown the file before the data
/// reached it, which leaves zeros behind the prefix, up to where the last of several records would have ended. So
/// everything from the last byte of the first unfinished record on is zero or missing. Anything else is corruption.
pub(super) fn read_frame(file: &[u8], at: usize, before: Option<ChainEnd>) -> Frame<'_> {
    let rest = &file[at..];
    if rest.is_empty() {
        return Frame::End;
    }
    let is_header_whole = rest.len() >= FRAME_HEADER_BYTES && crc32c::crc32c(&rest[..20]) == u32_at(rest, 20);
    if !is_header_whole {
        let is_cut = rest.len() < FRAME_HEADER_BYTES || only_zeros(&rest[FRAME_HEADER_BYTES - 1..]);
        let is_torn = is_cut && before.is_none_or(|before| is_torn_header(rest, before));
        return if is_torn { Frame::Torn } else { Frame::Corrupt(Damage::Header) };
    }
    let (length, payload_crc, position) = (u32_at(rest, 0), u32_at(rest, 4), position_of(rest));
    let before = before.unwrap_or(ChainEnd::before_file(position));
    let chain = before.after(length, payload_crc);
    if position != chain.position {
        return Frame::Corrupt(Damage::Position { found: position, expected: chain.position });
    }
    if u32_at(rest, 16) != chain.link {
        return Frame::Corrupt(Damage::Link { position });
    }
    let payload_end = FRAME_HEADER_BYTES + length as usize;
    let Some(&last) = rest.get(payload_end) else {
        return Frame::Torn;
    };
    if only_zeros(&rest[payload_end..]) {
        return Frame::Torn;
    }
    let payload = &rest[FRAME_HEADER_BYTES..payload_end];
    if crc32c::crc32c(payload) != payload_crc {
        return Frame::Corrupt(Damage::Payload);
    }
    if last != END {
        return Frame::Corrupt(Damage::End { found: last });
    }
    Frame::Whole { payload, end: at + payload_end + 1, chain }
}

/// The payload of a record at `at` that was not written to its end, with zeros in place of the missing bytes;
/// `None` if not even its header is whole.
#[cfg(feature = "defects")]
pub(crate) fn torn_payload(file: &[u8], at: usize) -> Option<Vec<u8>> {
    let rest = file.get(at..).filter(|rest| rest.len() > FRAME_HEADER_BYTES)?;
    if crc32c::crc32c(&rest[..20]) != u32_at(rest, 20) {
        return None;
    }
    let mut payload = rest[FRAME_HEADER_BYTES..].to_vec();
    payload.resize(u32_at(rest, 0) as usize, 0);
    Some(payload)
}

/// `payload` as a file that is one frame and nothing else.
pub(crate) fn file_of_one_frame(payload: &[u8]) -> Vec<u8> {
    let mut file = Vec::with_capacity(FRAME_HEADER_BYTES + payload.len() + 1);
    append_frame(&mut file, ChainEnd::default(), |out| out.extend_from_slice(payload));
    file
}

/// The payload of a file that is one whole frame and nothing else.
pub(crate) fn whole_frame(file: &[u8]) -> Option<&[u8]> {
    match read_frame(file, 0, Some(ChainEnd::default())) {
        Frame::Whole { payload, end, .. } if end == file.len() => Some(payload),
        _ => None,
    }
}
