//! The options of requests, and what answers to them hold.

use revline_store::api::{KeyValue, RangeResponse};
use revline_store::bytes::Bytes;
use std::ops::Deref;

/// The end of the range of everything from a key on.
pub(super) const FROM_KEY: &str = "\0";

/// Options of a read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GetOptions {
    /// Read every key that begins with the one given.
    pub prefix: bool,
    /// Read every key from the one given on.
    pub from_key: bool,
    /// Let the member answer from its own state, which may be old.
    pub serializable: bool,
    /// Read at this revision; 0 means the current one.
    pub revision: i64,
    /// The most keys to return; 0 means all.
    pub limit: i64,
}

/// Options of a deletion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeleteOptions {
    /// Delete every key that begins with the one given.
    pub prefix: bool,
    /// Delete every key from the one given on.
    pub from_key: bool,
}

/// The keys that a read found.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyValues(pub(super) RangeResponse);

impl KeyValues {
    /// The value of the first key found, if it is text.
    pub fn value_str(&self) -> Option<&str> {
        self.first().and_then(|kv| std::str::from_utf8(kv.value.as_slice()).ok())
    }

    /// The first key found.
    pub fn first(&self) -> Option<&KeyValue> {
        self.0.kvs.first().map(|kv| &**kv)
    }
}

impl Deref for KeyValues {
    type Target = RangeResponse;

    fn deref(&self) -> &RangeResponse {
        &self.0
    }
}

/// A hash of keys, with what it covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeysHash {
    /// CRC-32C of the keys.
    pub hash: u32,
    /// The revision up to which they were hashed.
    pub revision: i64,
    /// The compacted revision then; -1 for none.
    pub compact_revision: i64,
}

/// A member's state as it was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedSnapshot {
    /// The revision of everything in it.
    pub revision: i64,
    /// The state.
    pub bytes: Bytes,
}

/// The end of the range: of one key, or of all that begin with it.
pub(super) fn range_end(key: &Bytes, prefix: bool) -> Bytes {
    if !prefix {
        return Bytes::default();
    }
    let mut end = key.as_slice().to_vec();
    while let Some(last) = end.pop() {
        if last < 0xff {
            end.push(last + 1);
            return Bytes::from(end);
        }
    }
    Bytes::from(vec![0])
}
