//! How a record lies in the file: `length | crc32c(payload) | crc32c(length, crc) | payload | END`.
//!
//! The header has a checksum of its own, so that a damaged length is never mistaken for a record that
//! was cut off. The last byte is never zero, so that a record that was written to its end is never
//! mistaken for one that was not: damage to it is damage, even if it is the last one of the file.

/// The bytes before a record's payload: three little-endian `u32`.
pub const FRAME_HEADER_BYTES: usize = 12;

/// The byte after a record's payload. Turning over one bit of it does not make it zero.
const END: u8 = 0xa5;

/// Appends `payload` to `out` as one frame.
pub fn append_frame(out: &mut Vec<u8>, payload: &[u8]) {
    let length = u32::try_from(payload.len()).expect("a record is smaller than 4 GiB");
    let start = out.len();
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&crc32c::crc32c(payload).to_le_bytes());
    let header_crc = crc32c::crc32c(&out[start..]);
    out.extend_from_slice(&header_crc.to_le_bytes());
    out.extend_from_slice(payload);
    out.push(END);
}

/// What lies at some offset of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frame<'a> {
    /// A whole record; the next one begins at `end`.
    Whole { payload: &'a [u8], end: usize },
    /// The file ends here.
    End,
    /// A write that did not finish: nothing but a record's own beginning and zeros follows.
    Torn,
    /// Damage that an unfinished write does not explain.
    Corrupt(&'static str),
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

fn only_zeros(bytes: &[u8]) -> bool {
    bytes.iter().all(|&byte| byte == 0)
}

/// Reads the frame at `at`.
///
/// A crash leaves a prefix of what was being written, and a file system may have grown the file
/// before the data reached it, which leaves zeros behind the prefix, up to where the last of several
/// records would have ended. So everything from the last byte of the first unfinished record on is zero
/// or missing. Anything else is corruption.
pub(super) fn read_frame(file: &[u8], at: usize) -> Frame<'_> {
    let rest = &file[at..];
    if rest.is_empty() {
        return Frame::End;
    }
    if rest.len() < FRAME_HEADER_BYTES {
        return Frame::Torn;
    }
    let (length, payload_crc, header_crc) = (u32_at(rest, 0) as usize, u32_at(rest, 4), u32_at(rest, 8));
    if crc32c::crc32c(&rest[..8]) != header_crc {
        return if only_zeros(&rest[FRAME_HEADER_BYTES - 1..]) {
            Frame::Torn
        } else {
            Frame::Corrupt("the checksum of the record's header is wrong")
        };
    }
    let payload_end = FRAME_HEADER_BYTES + length;
    let Some(&last) = rest.get(payload_end) else {
        return Frame::Torn;
    };
    if only_zeros(&rest[payload_end..]) {
        return Frame::Torn;
    }
    let payload = &rest[FRAME_HEADER_BYTES..payload_end];
    if crc32c::crc32c(payload) != payload_crc {
        return Frame::Corrupt("the checksum of the record is wrong");
    }
    if last != END {
        return Frame::Corrupt("the last byte of the record is wrong");
    }
    Frame::Whole { payload, end: at + payload_end + 1 }
}

/// The payload of a record at `at` that was not written to its end, with zeros in place of what is missing;
/// `None` if not even its header is whole.
pub(super) fn torn_payload(file: &[u8], at: usize) -> Option<Vec<u8>> {
    let rest = file.get(at..).filter(|rest| rest.len() > FRAME_HEADER_BYTES)?;
    let length = u32_at(rest, 0) as usize;
    if crc32c::crc32c(&rest[..8]) != u32_at(rest, 8) {
        return None;
    }
    let mut payload = rest[FRAME_HEADER_BYTES..].to_vec();
    payload.resize(length, 0);
    Some(payload)
}

/// The payload of a file that is one whole frame and nothing else.
pub fn whole_frame(file: &[u8]) -> Option<&[u8]> {
    match read_frame(file, 0) {
        Frame::Whole { payload, end } if end == file.len() => Some(payload),
        _ => None,
    }
}
