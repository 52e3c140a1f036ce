//! The events that watches saw, held against the history.

use revline_store::api::{Event, EventType, FilterType, WatchCreateRequest, WatchRequest, WatchResponse};
use revline_store::frame::{ClientFrame, ServerFrame, SessionId};
use revline_store::key_range::KeyRange;
use std::collections::{BTreeMap, VecDeque};

/// A watch of a client.
#[derive(Debug)]
pub struct Seen {
    create: WatchCreateRequest,
    created_at: i64,
    /// Everything before it must have come.
    next: i64,
    bookmark: i64,
    events: Vec<Event>,
    pub ended: bool,
}

/// The watches of all clients, by session, stream and watch id.
#[derive(Debug, Default)]
pub struct Clients {
    asked: BTreeMap<(SessionId, u64), VecDeque<WatchCreateRequest>>,
    pub live: BTreeMap<(SessionId, u64, i64), Seen>,
    pub over: Vec<Seen>,
    pub progress: usize,
    pub compacted: usize,
}

impl Clients {
    pub fn sent(&mut self, session: SessionId, frame: &ClientFrame) {
        if let ClientFrame::Watch { stream, request: WatchRequest::Create(create), .. } = frame {
            self.asked.entry((session, *stream)).or_default().push_back(create.clone());
        }
    }

    pub fn stream_closed(&mut self, session: SessionId, stream: u64) {
        self.asked.remove(&(session, stream));
        let gone = self.live.extract_if(.., |key, _| key.0 == session && key.1 == stream);
        self.over.extend(gone.map(|(_, seen)| seen));
    }

    pub fn session_closed(&mut self, session: SessionId) {
        self.asked.retain(|key, _| key.0 != session);
        let gone = self.live.extract_if(.., |key, _| key.0 == session);
        self.over.extend(gone.map(|(_, seen)| seen));
    }

    /// The number of creations without an answer.
    pub fn unanswered(&self) -> usize {
        self.asked.values().map(VecDeque::len).sum()
    }

    pub fn received(&mut self, session: SessionId, frame: &ServerFrame) {
        let ServerFrame::Watch { stream, response } = frame else { return };
        let (key, id) = ((session, *stream), response.watch_id);
        if response.created {
            let create = self.asked.get_mut(&key).and_then(VecDeque::pop_front);
            let create = create.expect("nobody asked for what was created");
            if response.canceled {
                assert!(id == -1 && !response.cancel_reason.is_empty());
                return;
            }
            let next = match create.start_revision {
                0 => response.header.revision + 1,
                start => start,
            };
            let created_at = response.header.revision;
            let seen = Seen { create, created_at, next, bookmark: 0, events: Vec::new(), ended: false };
            assert!(self.live.insert((key.0, key.1, id), seen).is_none(), "an id is used twice");
            return;
        }
        if response.is_progress_notify() {
            self.progress += 1;
            let concerned = self
                .live
                .iter_mut()
                .filter(|(watch, _)| (watch.0, watch.1) == key && (id == -1 || watch.2 == id));
            for (_, seen) in concerned {
                seen.progress(response);
            }
            return;
        }
        let Some(seen) = self.live.get_mut(&(key.0, key.1, id)) else {
            panic!("{id} is no watch: {response:?}")
        };
        if response.canceled {
            if response.compact_revision > 0 {
                self.compacted += 1;
                assert!(seen.next < response.compact_revision, "{seen:?} ended at {response:?}");
            }
            seen.ended = true;
            self.over.extend(self.live.remove(&(key.0, key.1, id)));
            return;
        }
        seen.came(response);
    }

    /// Checks that every watch saw exactly the events it was to see.
    pub fn check(&self, history: &[Event]) {
        let last = history.last().map_or(0, |event| event.kv.mod_revision);
        for seen in &self.over {
            seen.check(history, seen.next.max(seen.bookmark + 1) - 1);
        }
        for seen in self.live.values() {
            seen.check(history, last);
        }
    }
}

impl Seen {
    fn progress(&mut self, response: &WatchResponse) {
        let revision = response.header.revision;
        assert!(revision >= self.bookmark, "progress went back: {self:?} {response:?}");
        assert!(revision >= self.create.start_revision, "progress before the start");
        let shown = self.events.last().map_or(0, |event| event.kv.mod_revision);
        assert!(revision >= shown, "progress below an event: {self:?} {response:?}");
        self.bookmark = revision;
        self.next = self.next.max(revision + 1);
    }

    fn came(&mut self, response: &WatchResponse) {
        let first = response.events[0].kv.mod_revision;
        assert!(first >= self.next, "{first} came when {} was next: {self:?}", self.next);
        self.next = response.events.last().unwrap().kv.mod_revision + 1;
        self.events.extend(response.events.iter().cloned());
    }

    fn wants(&self, event: &Event) -> bool {
        let filter = match event.event_type {
            EventType::Put => FilterType::NoPut,
            EventType::Delete => FilterType::NoDelete,
        };
        KeyRange::new(&self.create.key, &self.create.range_end).contains(&event.kv.key)
            && !self.create.filters.contains(&filter)
    }

    fn check(&self, history: &[Event], until: i64) {
        let from = match self.create.start_revision {
            0 => self.created_at + 1,
            start => start,
        };
        let expected: Vec<&Event> = history
            .iter()
            .filter(|event| (from..=until).contains(&event.kv.mod_revision) && self.wants(event))
            .collect();
        let same = |a: &&Event, b: &Event| {
            let prev_kv = match &b.prev_kv {
                Some(prev_kv) => self.create.prev_kv && a.prev_kv.as_ref() == Some(prev_kv),
                // It may have been compacted.
                None => true,
            };
            a.kv == b.kv && a.event_type == b.event_type && prev_kv
        };
        assert!(
            expected.len() == self.events.len() && expected.iter().zip(&self.events).all(|(a, b)| same(a, b)),
            "{self:?} should have seen, until {until}: {expected:?}"
        );
    }
}
