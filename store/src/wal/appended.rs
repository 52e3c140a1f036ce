//! The records of an append, read by themselves.

use super::frame::{FRAME_HEADER_BYTES, u32_at};
use super::record::WalRecord;

/// The records that bytes of a log consist of, wherever in its chain they belong, up to the first that is not whole. Nothing
/// is checked: this is for those who look at a write, not for those who rely on it.
pub fn records_of(bytes: &[u8]) -> Vec<WalRecord> {
    let (mut records, mut rest) = (Vec::new(), bytes);
    while rest.len() > FRAME_HEADER_BYTES {
        let end = FRAME_HEADER_BYTES.saturating_add(u32_at(rest, 0) as usize);
        // One byte more ends the record.
        let (Some(payload), Some(after)) = (rest.get(FRAME_HEADER_BYTES..end), rest.get(end + 1..)) else {
            break;
        };
        let Ok(record) = postcard::from_bytes(payload) else { break };
        records.push(record);
        rest = after;
    }
    records
}

#[cfg(test)]
mod tests {
    use super::super::ChainEnd;
    use super::*;

    #[test]
    fn records_are_read_from_the_middle_of_a_log() {
        let record = |term| WalRecord::HardState { term, vote: 1, commit: 0 };
        let (mut chain, mut before, mut bytes) = (ChainEnd::default(), Vec::new(), Vec::new());
        chain.append(&record(1), &mut before);
        [2, 3].into_iter().for_each(|term| chain.append(&record(term), &mut bytes));
        assert_eq!(records_of(&bytes), [record(2), record(3)]);
        bytes.pop();
        assert_eq!(records_of(&bytes), [record(2)]);
        assert!(records_of(b"no log").is_empty());
    }
}
