//! Watches against the model: everything from the start on, once, in order, whole revisions; or the word
//! that it was compacted.

use std::collections::BTreeMap;

use proptest::prelude::*;
use revline_store::api::{
    Event, EventType, FilterType, KeyValue, Request, WatchCreateRequest, WatchRequest, WatchResponse,
};
use revline_store::defect::Defects;
use revline_store::mvcc::Store;
use revline_store::watch::{StreamId, WatchableStore};

use crate::model::{Change, Model, contains};
use crate::random::{Step, key, range_end, step};
use crate::serve;

#[derive(Clone, Debug)]
enum Doing {
    Step(Step),
    Watch(WatchCreateRequest),
    Pass,
    Progress,
    /// The client takes no more, or takes something again.
    Stall,
    Flow,
    /// The next steps are applied elsewhere, until a snapshot brings them here.
    FallBehind,
    CatchUpBySnapshot,
}

fn doings() -> impl Strategy<Value = Vec<Doing>> {
    let filters = prop_oneof![
        4 => Just(Vec::new()),
        1 => Just(vec![FilterType::NoPut]),
        1 => Just(vec![FilterType::NoDelete]),
    ];
    let watch = (key(), range_end(), -1..30_i64, any::<bool>(), filters).prop_map(
        |(key, range_end, start_revision, prev_kv, filters)| {
            let rest = WatchCreateRequest::default();
            WatchCreateRequest { key, range_end, start_revision, prev_kv, filters, ..rest }
        },
    );
    let doing = prop_oneof![
        12 => step().prop_map(Doing::Step),
        4 => watch.prop_map(Doing::Watch),
        3 => Just(Doing::Pass),
        2 => Just(Doing::Progress),
        1 => Just(Doing::Stall),
        1 => Just(Doing::Flow),
        1 => Just(Doing::FallBehind),
        1 => Just(Doing::CatchUpBySnapshot),
    ];
    prop::collection::vec(doing, 0..80)
}

/// The request of one watch, and the events it was told.
struct Watched {
    request: WatchCreateRequest,
    /// The first revision it must be told of.
    from: i64,
    told: Vec<Event>,
    canceled_at: Option<i64>,
}

const STREAM: StreamId = StreamId(1);

struct World {
    store: Store,
    /// The store of the others, if this one fell behind.
    ahead: Option<Store>,
    model: Model,
    watchable: WatchableStore,
    watches: BTreeMap<i64, Watched>,
    stalled: bool,
}

impl World {
    fn new() -> Self {
        let store = Store::new(Defects::NONE);
        let mut watchable = WatchableStore::new(Defects::NONE, store.revision());
        watchable.open_stream(STREAM, 0, u64::MAX);
        World { store, ahead: None, model: Model::new(), watchable, watches: BTreeMap::new(), stalled: false }
    }

    fn run(&mut self, doing: &Doing) {
        let mut out = Vec::new();
        match doing {
            Doing::Step(Step::Request(request)) => {
                let expected = self.model.serve(request);
                match &mut self.ahead {
                    Some(ahead) => assert_eq!(serve(ahead, request), expected),
                    None => self.apply(request, &mut out),
                }
            }
            Doing::Step(Step::Lease(action)) => {
                let expected = self.model.serve_lease(action);
                let applied = self.ahead.as_mut().unwrap_or(&mut self.store).apply_lease(action);
                assert_eq!(applied.result, expected);
                if self.ahead.is_none() {
                    self.watchable.notify(&self.store, applied.revision, &applied.events, &mut out);
                }
            }
            Doing::Step(Step::Remove(budget)) => {
                self.ahead.as_mut().unwrap_or(&mut self.store).compact_step(*budget);
            }
            Doing::Step(Step::Restart) => {}
            Doing::Watch(request) => {
                let create = WatchRequest::Create(request.clone());
                self.watchable.handle(STREAM, &create, &self.store, &mut out);
                let created = &out[0].1;
                let current = self.store.revision();
                assert!(created.created && created.header.revision == current);
                let from = if request.start_revision == 0 { current + 1 } else { request.start_revision };
                if !created.canceled {
                    let watched =
                        Watched { request: request.clone(), from, told: Vec::new(), canceled_at: None };
                    self.watches.insert(created.watch_id, watched);
                }
                return;
            }
            Doing::Pass => self.watchable.pass(0, &self.store, &mut out),
            Doing::Progress => {
                self.watchable.handle(STREAM, &WatchRequest::Progress, &self.store, &mut out);
            }
            Doing::Stall => {
                self.watchable.stall(STREAM);
                self.stalled = true;
            }
            Doing::Flow => {
                self.stalled = false;
                self.watchable.flow(STREAM, &self.store, &mut out);
            }
            Doing::FallBehind => {
                self.ahead.get_or_insert_with(|| self.store.clone());
            }
            Doing::CatchUpBySnapshot => {
                if let Some(ahead) = self.ahead.take() {
                    self.store = Store::restore(&ahead.snapshot(), Defects::NONE).unwrap();
                    self.watchable.restored(&self.store);
                }
            }
        }
        assert!(out.is_empty() || !self.stalled, "nothing is sent to a client that takes no more");
        for (_, response) in out {
            self.tell(response);
        }
    }

    fn apply(&mut self, request: &Request, out: &mut Vec<(StreamId, WatchResponse)>) {
        if revline_store::api::validate(request).is_ok() {
            let applied = self.store.apply(request);
            self.watchable.notify(&self.store, applied.revision, &applied.events, out);
        }
    }

    fn tell(&mut self, response: WatchResponse) {
        if response.is_progress_notify() {
            assert_eq!(response.header.revision, self.store.revision());
            for watched in self.watches.values().filter(|watched| watched.canceled_at.is_none()) {
                let missing = self.expected(watched, response.header.revision);
                assert_eq!(watched.told.len(), missing.len(), "progress although something is left to tell");
            }
            return;
        }
        let compacted = self.store.compact_revision();
        let watched = self.watches.get_mut(&response.watch_id).unwrap();
        assert_eq!(watched.canceled_at, None);
        if response.canceled {
            assert_eq!(response.compact_revision, compacted);
            watched.canceled_at = Some(compacted);
            return;
        }
        let first = response.events.first().expect("nothing is not sent").kv.mod_revision;
        let last_told = watched.told.last().map(|event| event.kv.mod_revision);
        assert!(last_told.is_none_or(|last| last < first), "a revision is not split");
        watched.told.extend(response.events.iter().cloned());
    }

    /// The events up to a revision that a watch must be told, but for the versions before.
    fn expected(&self, watched: &Watched, up_to: i64) -> Vec<(EventType, KeyValue)> {
        let mut expected = Vec::new();
        for (revision, changes) in (0..=up_to).zip(&self.model.changes).skip(watched.from as usize) {
            for change in changes {
                expected.extend(selected(&watched.request, revision, change));
            }
        }
        expected
    }

    fn judge(&self) {
        for watched in self.watches.values() {
            let mut told = Vec::new();
            for event in &watched.told {
                told.push((event.event_type, KeyValue::clone(&event.kv)));
                let before = self.model.states[event.kv.mod_revision as usize - 1].get(&event.kv.key);
                if let Some(prev_kv) = &event.prev_kv {
                    assert!(watched.request.prev_kv);
                    assert_eq!(before, Some(&**prev_kv));
                } else if watched.request.prev_kv && before.is_some() && !event.is_create() {
                    // A key that its own txn deleted before is new: etcd looks for nothing before it (`IsCreateEvent`).
                    assert!(event.kv.mod_revision - 1 < self.model.compacted, "absent only if compacted");
                }
            }
            let expected = self.expected(watched, self.model.revision());
            match watched.canceled_at {
                None => assert_eq!(told, expected, "{:?}", watched.request),
                Some(compacted) => {
                    assert_eq!(told, expected[..told.len()]);
                    assert!(watched.from < compacted, "{:?}", watched.request);
                }
            }
        }
    }
}

fn selected(
    request: &WatchCreateRequest,
    revision: i64,
    (key, kv): &Change,
) -> Option<(EventType, KeyValue)> {
    let event = match kv {
        Some(kv) => (EventType::Put, kv.clone()),
        None => (EventType::Delete, KeyValue::tombstone(key.clone(), revision)),
    };
    let filtered = match event.0 {
        EventType::Put => request.filters.contains(&FilterType::NoPut),
        EventType::Delete => request.filters.contains(&FilterType::NoDelete),
    };
    (contains(&request.key, &request.range_end, key) && !filtered).then_some(event)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_watch_is_told_everything_once(doings in doings()) {
        let mut world = World::new();
        for doing in &doings {
            world.run(doing);
        }
        world.run(&Doing::CatchUpBySnapshot);
        world.run(&Doing::Flow);
        world.run(&Doing::Pass);
        world.judge();
    }
}
