//! One watch.

use super::StreamId;
use super::victims::Undelivered;
use crate::api::{EventType, FilterType, WatchCreateRequest};
use crate::key_range::KeyRange;

/// The request of a watch, and how far it has been told.
#[derive(Clone, Debug)]
pub(crate) struct Watcher {
    pub stream: StreamId,
    pub id: i64,
    pub range: KeyRange,
    /// As requested; 0 if it began with the next event.
    pub start_revision: i64,
    /// Everything before it was told or is not wanted. It never goes back. While the watch is synced it
    /// stands still: such a watch is told all that happens from there on.
    pub next_revision: i64,
    pub selection: Selection,
    pub fragment: bool,
    pub progress_notify: bool,
    /// It was sent events since the last round of progress notifications, so it needs none.
    pub sent_events: bool,
    pub group: Group,
    /// The events that a victim could not be told.
    pub undelivered: Option<Undelivered>,
}

/// The group of a watcher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    /// Waits for the next event.
    Synced,
    /// Waits to be told earlier events.
    Unsynced,
    /// Waits for its stream to take its undelivered events.
    Victim,
}

/// The events that a watch gets, and the fields in them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Selection {
    pub prev_kv: bool,
    pub no_put: bool,
    pub no_delete: bool,
}

impl Selection {
    /// The number of selections.
    pub const COUNT: usize = 8;

    pub fn of(request: &WatchCreateRequest) -> Self {
        Selection {
            prev_kv: request.prev_kv,
            no_put: request.filters.contains(&FilterType::NoPut),
            no_delete: request.filters.contains(&FilterType::NoDelete),
        }
    }

    pub fn admits(self, event_type: EventType) -> bool {
        match event_type {
            EventType::Put => !self.no_put,
            EventType::Delete => !self.no_delete,
        }
    }

    /// A number below [`Selection::COUNT`].
    pub fn index(self) -> usize {
        usize::from(self.prev_kv) | usize::from(self.no_put) << 1 | usize::from(self.no_delete) << 2
    }
}
