//! The place of a watch in the order of revisions: where it resumes.

use crate::api::{Event, WatchCreateRequest, WatchResponse};
use std::sync::Arc;

/// An item that a watch delivers.
#[derive(Clone, Debug, PartialEq)]
pub enum WatchItem {
    /// Events, in order, all of one revision together.
    Events(Arc<[Event]>),
    /// Every event up to this revision was delivered.
    Progress(i64),
    /// The end of the watch: its next revision was compacted. This is the oldest revision left to start again from.
    Compacted(i64),
    /// The end of the watch: the server refused it.
    Refused(String),
}

impl WatchItem {
    /// The item that a response carries to the application; none with the word that a watch was created, or that a
    /// whole stream ended (`stream_ended`) and has to be opened again.
    pub fn of(response: WatchResponse, stream_ended: bool) -> Option<WatchItem> {
        let revision = response.header.revision;
        match response {
            WatchResponse { canceled: true, .. } if stream_ended => None,
            WatchResponse { canceled: true, compact_revision: 0, cancel_reason, .. } => {
                Some(WatchItem::Refused(cancel_reason))
            }
            WatchResponse { canceled: true, compact_revision, .. } => {
                Some(WatchItem::Compacted(compact_revision))
            }
            WatchResponse { created: true, .. } => None,
            WatchResponse { events, .. } if events.is_empty() => Some(WatchItem::Progress(revision)),
            WatchResponse { events, .. } => Some(WatchItem::Events(events)),
        }
    }
}

/// The place of a watch: the first revision that it has not covered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchCursor {
    request: WatchCreateRequest,
    /// 0 while the server has not said where the watch begins.
    next_revision: i64,
    /// The server created it on its present stream: only then is progress of the stream that of the watch.
    created: bool,
}

impl WatchCursor {
    /// The cursor of a watch that was asked for.
    pub fn new(request: WatchCreateRequest) -> WatchCursor {
        WatchCursor { next_revision: request.start_revision, request, created: false }
    }

    /// The first revision that the watch has not covered; 0 if the server has not said where it begins.
    pub fn next_revision(&self) -> i64 {
        self.next_revision
    }

    /// Takes a response that is about this watch alone.
    pub fn advance(&mut self, response: &WatchResponse) {
        let revision = response.header.revision;
        if response.canceled {
            return;
        }
        if response.created {
            self.created = true;
            if self.next_revision == 0 {
                self.next_revision = revision + 1;
            }
            return;
        }
        let covered = match response.events.last() {
            // More of the same revision may follow a fragment.
            Some(last) => last.kv.mod_revision - i64::from(response.fragment),
            None => revision,
        };
        self.cover(covered);
    }

    /// Takes a response that is about every watch of the stream.
    pub fn advance_with_stream(&mut self, response: &WatchResponse) {
        if self.created && !response.canceled {
            self.cover(response.header.revision);
        }
    }

    fn cover(&mut self, revision: i64) {
        self.next_revision = self.next_revision.max(revision + 1);
    }

    /// The request with which the watch goes on on another stream, and whether it continues where it was: one that never
    /// began begins at the present revision.
    pub fn resume(&mut self) -> (WatchCreateRequest, bool) {
        self.created = false;
        let request = WatchCreateRequest { start_revision: self.next_revision, ..self.request.clone() };
        (request, self.next_revision > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{EventType, KeyValue, ResponseHeader};

    fn response(revision: i64) -> WatchResponse {
        let header = ResponseHeader { revision, ..ResponseHeader::default() };
        WatchResponse { header, ..WatchResponse::default() }
    }

    fn events(mod_revision: i64, fragment: bool) -> WatchResponse {
        let kv = Arc::new(KeyValue { mod_revision, ..KeyValue::default() });
        let event = Event { event_type: EventType::Put, kv, prev_kv: None };
        WatchResponse { events: [event].into(), fragment, ..response(mod_revision) }
    }

    #[test]
    fn a_watch_resumes_after_the_last_revision_it_covered() {
        let mut cursor = WatchCursor::new(WatchCreateRequest::default());
        assert!(!cursor.resume().1, "it never began");
        cursor.advance_with_stream(&response(9));
        cursor.advance(&WatchResponse { created: true, ..response(4) });
        assert_eq!(cursor.resume().0.start_revision, 5, "progress before it was created is not its own");
        cursor.advance(&WatchResponse { created: true, ..response(20) });
        cursor.advance(&events(6, true));
        assert_eq!(cursor.clone().resume().0.start_revision, 6, "more of revision 6 may follow");
        cursor.advance(&events(6, false));
        cursor.advance_with_stream(&response(8));
        let (request, continues) = cursor.resume();
        assert_eq!((request.start_revision, continues), (9, true));
    }

    #[test]
    fn an_item_says_what_the_application_needs() {
        let canceled = WatchResponse { canceled: true, cancel_reason: "no".into(), ..response(3) };
        assert_eq!(WatchItem::of(canceled.clone(), true), None);
        assert_eq!(WatchItem::of(canceled.clone(), false), Some(WatchItem::Refused("no".into())));
        let compacted = WatchResponse { compact_revision: 7, ..canceled };
        assert_eq!(WatchItem::of(compacted, false), Some(WatchItem::Compacted(7)));
        assert_eq!(WatchItem::of(WatchResponse { created: true, ..response(3) }, false), None);
        assert_eq!(WatchItem::of(response(3), false), Some(WatchItem::Progress(3)));
        assert!(matches!(WatchItem::of(events(3, false), false), Some(WatchItem::Events(_))));
    }
}
