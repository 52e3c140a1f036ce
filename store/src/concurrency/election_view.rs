//! An observer's view of an election (`Election.Observe` of `client/v3/concurrency/election.go`).
//!
//! etcd's recipe follows one leader at a time and may miss one that came and went in between. This one follows all
//! candidates, and misses no leader unless history was compacted.

use super::{prefix, prefix_end};
use crate::api::{Event, EventType, KeyValue, RangeRequest, RangeResponse, WatchCreateRequest};
use crate::bytes::Bytes;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A leader that was elected, or a new value it proclaimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaderSeen {
    /// The revision at which it was so.
    pub revision: i64,
    /// The leader's key.
    pub kv: Arc<KeyValue>,
}

/// The candidates of an election, and the last leader among them that was seen.
#[derive(Clone, Debug)]
pub struct ElectionView {
    name: Bytes,
    candidates: BTreeMap<Bytes, Arc<KeyValue>>,
    /// The last leader seen, by key and revision.
    last: Option<(Bytes, i64)>,
}

impl ElectionView {
    /// A view that knows no candidate yet.
    pub fn new(name: Bytes) -> ElectionView {
        ElectionView { name, candidates: BTreeMap::new(), last: None }
    }

    /// The request that lists the candidates: [`ElectionView::listed`] takes the answer.
    pub fn list(&self) -> RangeRequest {
        let (key, range_end) = (prefix(self.name.as_slice()), prefix_end(self.name.as_slice()));
        RangeRequest { key, range_end, ..RangeRequest::default() }
    }

    /// The request that watches the candidates from a revision on: [`ElectionView::watched`] takes the events.
    pub fn watch(&self, start_revision: i64) -> WatchCreateRequest {
        let (key, range_end) = (prefix(self.name.as_slice()), prefix_end(self.name.as_slice()));
        WatchCreateRequest { key, range_end, start_revision, ..WatchCreateRequest::default() }
    }

    /// Takes a list of all candidates; returns the leader, if that is news.
    pub fn listed(&mut self, all: &RangeResponse) -> Option<LeaderSeen> {
        self.candidates = all.kvs.iter().map(|kv| (kv.key.clone(), kv.clone())).collect();
        self.look(all.header.revision)
    }

    /// Takes events, in order; returns the leaders that are news.
    pub fn watched(&mut self, events: &[Event]) -> Vec<LeaderSeen> {
        let of_one_revision = events.chunk_by(|a, b| a.kv.mod_revision == b.kv.mod_revision);
        let look = |events: &[Event]| {
            for Event { event_type, kv, .. } in events {
                match event_type {
                    EventType::Put => self.candidates.insert(kv.key.clone(), kv.clone()),
                    EventType::Delete => self.candidates.remove(&kv.key),
                };
            }
            self.look(events.first().map_or(0, |event| event.kv.mod_revision))
        };
        of_one_revision.filter_map(look).collect()
    }

    fn look(&mut self, revision: i64) -> Option<LeaderSeen> {
        let leader = self.candidates.values().min_by_key(|kv| kv.create_revision)?;
        let seen = Some((leader.key.clone(), leader.mod_revision));
        if self.last == seen {
            return None;
        }
        self.last = seen;
        Some(LeaderSeen { revision, kv: leader.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(event_type: EventType, key: &str, create_revision: i64, mod_revision: i64) -> Event {
        let kv = KeyValue { key: key.into(), create_revision, mod_revision, ..KeyValue::default() };
        Event { event_type, kv: Arc::new(kv), prev_kv: None }
    }

    #[test]
    fn each_leader_and_each_of_its_values_is_seen_once() {
        let mut view = ElectionView::new("e".into());
        let events = [
            event(EventType::Put, "e/1", 2, 2),
            event(EventType::Put, "e/2", 3, 3),
            event(EventType::Put, "e/1", 2, 4),
            event(EventType::Delete, "e/1", 0, 5),
            event(EventType::Put, "e/2", 3, 6),
            event(EventType::Delete, "e/2", 0, 7),
        ];
        let seen: Vec<_> =
            view.watched(&events).iter().map(|seen| (seen.revision, seen.kv.mod_revision)).collect();
        assert_eq!(seen, [(2, 2), (4, 4), (5, 3), (6, 6)]);
        let listed = RangeResponse { kvs: vec![events[1].kv.clone()], ..RangeResponse::default() };
        assert!(view.listed(&listed).is_some());
        assert!(view.listed(&listed).is_none(), "no news");
    }
}
