//! How a record lies in the file: `length | crc32c(payload) | crc32c(length, crc) | payload`.
//!
//! The header has a checksum of its own, so that a damaged length is never mistaken for a record that
//! was cut off.

/// The bytes before a record's payload: three little-endian `u32`.
pub const FRAME_HEADER_BYTES: usize = 12;

/// Appends `payload` to `out` as one frame.
pub fn append_frame(out: &mut Vec<u8>, payload: &[u8]) {
    let length = u32::try_from(payload.len()).expect("a record is smaller than 4 GiB");
    let start = out.len();
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&crc32c::crc32c(payload).to_le_bytes());
    let header_crc = crc32c::crc32c(&out[start..]);
    out.extend_from_slice(&header_crc.to_le_bytes());
    out.extend_from_slice(payload);
}

/// What lies at some offset of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frame<'a> {
    /// A whole record; the next one begins at `end`.
    Whole { payload: &'a [u8], end: usize },
    /// The file ends here.
    End,
    /// A write that did not finish: nothing but this record's own beginning and zeros follows.
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
/// before the data reached it, which leaves zeros behind the prefix. The last record of the file may
/// therefore be short, or end in what never was written. Anything else is corruption.
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
        return if only_zeros(&rest[FRAME_HEADER_BYTES..]) {
            Frame::Torn
        } else {
            Frame::Corrupt("the checksum of the record's header is wrong")
        };
    }
    let Some(payload) = rest.get(FRAME_HEADER_BYTES..FRAME_HEADER_BYTES + length) else {
        return Frame::Torn;
    };
    let end = FRAME_HEADER_BYTES + length;
    if crc32c::crc32c(payload) != payload_crc {
        return if only_zeros(&rest[end..]) {
            Frame::Torn
        } else {
            Frame::Corrupt("the checksum of the record is wrong")
        };
    }
    Frame::Whole { payload, end: at + end }
}

/// The payload of a file that is one whole frame and nothing else.
pub fn whole_frame(file: &[u8]) -> Option<&[u8]> {
    match read_frame(file, 0) {
        Frame::Whole { payload, end } if end == file.len() => Some(payload),
        _ => None,
    }
}
