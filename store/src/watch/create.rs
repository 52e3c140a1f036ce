//! The beginning of a watch, and its end by its client.

use super::watchable_store::{Stream, StreamId, WatchableStore};
use super::watcher::{Group, Selection, Watcher};
use crate::api::{ResponseHeader, WatchCreateRequest, WatchResponse};
use crate::bytes::Bytes;
use crate::defect::altered;
use crate::error::Error;
use crate::key_range::KeyRange;
use crate::mvcc::Store;

impl WatchableStore {
    pub(super) fn create(
        &mut self,
        stream_id: StreamId,
        request: &WatchCreateRequest,
        store: &Store,
    ) -> Result<i64, Refusal> {
        let start = request.start_revision;
        let finds_nothing = altered!(self.defects, negative_start_accepted::finds_nothing(start), false);
        if request.start_revision < 0 && !finds_nothing {
            return Err(Refusal::NegativeStart);
        }
        let key = if request.key.is_empty() { Bytes::from(b"\0") } else { request.key.clone() };
        let range = KeyRange::new(&key, &request.range_end);
        if range.is_empty() {
            return Err(Refusal::EmptyRange);
        }
        let Some(stream) = self.streams.get_mut(&stream_id) else { return Err(Refusal::EmptyRange) };
        let id = stream.take_id(request.watch_id)?;
        stream.requires_leader |= request.require_leader;

        let from_now = request.start_revision == 0 || request.start_revision > store.revision();
        let synced = from_now || finds_nothing;
        let watcher = Watcher {
            stream: stream_id,
            id,
            range,
            start_revision: request.start_revision,
            next_revision: if synced {
                request.start_revision.max(store.revision() + 1)
            } else {
                request.start_revision
            },
            selection: Selection::of(request),
            fragment: request.fragment,
            progress_notify: request.progress_notify,
            sent_events: false,
            group: if synced { Group::Synced } else { Group::Unsynced },
            undelivered: None,
        };
        stream.watches.insert(id, self.watchers.add(watcher));
        Ok(id)
    }

    pub(super) fn cancel(
        &mut self,
        stream: StreamId,
        watch_id: i64,
        store: &Store,
        out: &mut Vec<(StreamId, WatchResponse)>,
    ) {
        let Some(of) = self.streams.get_mut(&stream) else { return };
        let (slot, was_compacted) = (of.watches.remove(&watch_id), of.compacted.remove(&watch_id));
        if let Some(slot) = slot {
            self.watchers.remove(slot);
        }
        if slot.is_some() || was_compacted {
            let header = ResponseHeader::at(store.revision());
            let canceled = WatchResponse { header, watch_id, canceled: true, ..WatchResponse::default() };
            out.push((stream, canceled));
        }
    }
}

impl Stream {
    /// The id that was asked for, or the next free one for 0.
    fn take_id(&mut self, wanted: i64) -> Result<i64, Refusal> {
        if wanted != 0 {
            return if self.is_taken(wanted) { Err(Refusal::DuplicateId) } else { Ok(wanted) };
        }
        while self.is_taken(self.next_id) {
            self.next_id += 1;
        }
        self.next_id += 1;
        Ok(self.next_id - 1)
    }

    fn is_taken(&self, id: i64) -> bool {
        self.watches.contains_key(&id) || self.compacted.contains(&id)
    }
}

/// The reason that a watch was not created. `Display` gives etcd's exact text.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error("{}", Error::Compacted)]
    NegativeStart,
    #[error("mvcc: watcher range is empty")]
    EmptyRange,
    #[error("mvcc: duplicate watch ID provided on the WatchStream")]
    DuplicateId,
}
