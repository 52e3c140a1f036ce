//! Keys with their values and revisions, and the events that change them (`api/mvccpb/kv.proto`).

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::bytes::Bytes;

/// `mvccpb.KeyValue`: one version of a key.
///
/// A tombstone, as a DELETE event carries it, has nothing but `key` and `mod_revision`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct KeyValue {
    /// The key.
    pub key: Bytes,
    /// Revision of the first put since the key was last absent.
    pub create_revision: i64,
    /// Revision of the last put.
    pub mod_revision: i64,
    /// The number of puts since the key was last absent, this one included.
    pub version: i64,
    /// The value.
    pub value: Bytes,
    /// The lease the key is attached to, 0 for none.
    pub lease: i64,
}

impl KeyValue {
    /// The mark that `key` was deleted at a revision.
    pub fn tombstone(key: Bytes, mod_revision: i64) -> Self {
        KeyValue { key, mod_revision, ..KeyValue::default() }
    }

    /// Returns true if this marks a deletion. A version counts from 1, so 0 is never a put.
    pub(crate) fn is_tombstone(&self) -> bool {
        self.version == 0
    }
}

/// `mvccpb.Event.EventType`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum EventType {
    /// The key was written.
    Put,
    /// The key was deleted.
    Delete,
}

/// `mvccpb.Event`: one change of one key. Shared, so that fanning it out copies nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Event {
    /// The kind of change.
    pub event_type: EventType,
    /// The key after the change; a tombstone for a DELETE.
    pub kv: Arc<KeyValue>,
    /// The key before the change, if asked for, existent and not compacted.
    pub prev_kv: Option<Arc<KeyValue>>,
}

impl Event {
    /// The event that `kv` was written, or deleted if it is a tombstone.
    pub fn of(kv: Arc<KeyValue>) -> Self {
        let event_type = if kv.is_tombstone() { EventType::Delete } else { EventType::Put };
        Event { event_type, kv, prev_kv: None }
    }

    /// Returns true if the put created its key.
    pub fn is_create(&self) -> bool {
        self.event_type == EventType::Put && self.kv.create_revision == self.kv.mod_revision
    }
}
