//! Observing an election (etcd: `Election.Observe` of `client/v3/concurrency/election.go`).
//!
//! etcd's recipe follows one leader at a time and may miss one that came and went in between. This one follows all
//! candidates, and misses nobody unless history was compacted.

use super::recorded::Recorded;
use super::watch::{WatchOptions, Watcher};
use super::{Client, GetOptions, WatchItem, kv};
use madsim::time::Duration;
use revline_store::api::{EventType, KeyValue};
use revline_store::bytes::Bytes;
use revline_store::concurrency::prefix;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// How long an observer waits before it asks again.
const RETRY: Duration = Duration::from_millis(50);

/// A leader that was elected, or a new value it proclaimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaderSeen {
    /// The revision at which it was so.
    pub revision: i64,
    /// The leader's key.
    pub kv: Arc<KeyValue>,
}

/// Follows an election, through broken streams.
pub struct ElectionObserver {
    client: Client,
    prefix: Bytes,
    recorded: Recorded,
    candidates: BTreeMap<Bytes, Arc<KeyValue>>,
    watcher: Option<Watcher>,
    seen: VecDeque<LeaderSeen>,
    /// The last leader seen, by key and revision.
    last: Option<(Bytes, i64)>,
}

impl Client {
    /// Follows the election of this name, from its present leader on.
    pub fn observe(&self, name: impl Into<Bytes>) -> ElectionObserver {
        let name = name.into();
        let prefix = prefix(name.as_slice());
        ElectionObserver {
            client: self.clone(),
            prefix,
            recorded: self.observer_began(&name),
            candidates: BTreeMap::new(),
            watcher: None,
            seen: VecDeque::new(),
            last: None,
        }
    }
}

impl ElectionObserver {
    /// The next leader, or the next value of this one; `None` if the server refuses to tell.
    pub async fn next(&mut self) -> Option<LeaderSeen> {
        loop {
            if let Some(seen) = self.seen.pop_front() {
                self.recorded.leader(&seen);
                return Some(seen);
            }
            let Some(watcher) = &mut self.watcher else {
                self.begin().await;
                continue;
            };
            match watcher.next().await? {
                WatchItem::Events(events) => {
                    for of_one_revision in events.chunk_by(|a, b| a.kv.mod_revision == b.kv.mod_revision) {
                        for event in of_one_revision {
                            match event.event_type {
                                EventType::Put => {
                                    self.candidates.insert(event.kv.key.clone(), event.kv.clone());
                                }
                                EventType::Delete => {
                                    self.candidates.remove(&event.kv.key);
                                }
                            }
                        }
                        let revision = of_one_revision.first().map_or(0, |event| event.kv.mod_revision);
                        self.look(revision);
                    }
                }
                WatchItem::Progress(_) => {}
                WatchItem::Compacted(_) => self.watcher = None,
                WatchItem::Refused(_) => return None,
            }
        }
    }

    /// Who leads now, if that is news.
    fn look(&mut self, revision: i64) {
        let Some(leader) = self.candidates.values().min_by_key(|kv| kv.create_revision) else { return };
        let name = Some((leader.key.clone(), leader.mod_revision));
        if self.last != name {
            self.last = name;
            self.seen.push_back(LeaderSeen { revision, kv: leader.clone() });
        }
    }

    /// Asks who is there, and watches from then on.
    async fn begin(&mut self) {
        let options = GetOptions { prefix: true, ..GetOptions::default() };
        let Ok(all) = self.client.get_with(self.prefix.clone(), options).await else {
            self.client.world.sleep(RETRY).await;
            return;
        };
        self.candidates = all.kvs.iter().map(|kv| (kv.key.clone(), kv.clone())).collect();
        self.look(all.header.revision);
        let options = WatchOptions { start_revision: all.header.revision + 1, ..WatchOptions::default() };
        let range_end = kv::range_end(&self.prefix, true);
        self.watcher = Some(self.client.watch(self.prefix.clone(), range_end, options).await);
    }
}
