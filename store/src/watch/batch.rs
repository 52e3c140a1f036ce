//! Events that several watches are told at once, prepared once for each selection.

use std::sync::Arc;

use super::watcher::Selection;
use crate::api::Event;
use crate::mvcc::Store;

/// The events of one range, in order, and their forms for the different selections.
pub(super) struct Batch<'a> {
    store: &'a Store,
    events: Vec<Event>,
    selected: [Option<Arc<[Event]>>; Selection::COUNT],
}

impl<'a> Batch<'a> {
    pub fn new(store: &'a Store, events: Vec<Event>) -> Self {
        Batch { store, events, selected: Default::default() }
    }

    /// The events as a watch with this selection gets them; empty if it wants none of them.
    pub fn select(&mut self, selection: Selection) -> Arc<[Event]> {
        let Batch { store, events, selected } = self;
        selected[selection.index()]
            .get_or_insert_with(|| {
                let wanted = events.iter().filter(|event| selection.admits(event.event_type));
                wanted.map(|event| with_prev_kv(store, event, selection.prev_kv)).collect()
            })
            .clone()
    }

    /// The same without the values before, for a watch that is not told now.
    pub fn select_for_later(&mut self, selection: Selection) -> Arc<[Event]> {
        self.select(Selection { prev_kv: false, ..selection })
    }
}

/// The same events with the values before, as far as there are any.
pub(super) fn with_prev_kvs(store: &Store, events: &[Event]) -> Arc<[Event]> {
    events.iter().map(|event| with_prev_kv(store, event, true)).collect()
}

/// An event with its `prev_kv`, if wanted. It is looked up when the event is sent, so by then it may be compacted.
fn with_prev_kv(store: &Store, event: &Event, wanted: bool) -> Event {
    let mut event = event.clone();
    if wanted && !event.is_create() {
        event.prev_kv = store.key_before(&event.kv.key, event.kv.mod_revision).cloned();
    }
    event
}
