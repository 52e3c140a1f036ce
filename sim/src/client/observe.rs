//! Observing an election over the plain API: the host of an [`ElectionView`].

use super::recorded::RecordedObserver;
use super::watch::Watcher;
use super::{CallError, Client, WatchItem};
use madsim::time::Duration;
use revline_store::api::{RangeResponse, Request, Response};
use revline_store::bytes::Bytes;
use revline_store::concurrency::{ElectionView, LeaderSeen};
use std::collections::VecDeque;

/// The pause before an observer asks again.
const RETRY: Duration = Duration::from_millis(50);

/// Follows an election, through broken streams.
pub struct ElectionObserver {
    client: Client,
    recorded: RecordedObserver,
    view: ElectionView,
    watcher: Option<Watcher>,
    seen: VecDeque<LeaderSeen>,
}

impl ElectionObserver {
    pub(super) fn new(client: &Client, name: Bytes) -> ElectionObserver {
        ElectionObserver {
            client: client.clone(),
            recorded: RecordedObserver::begin(client, &name),
            view: ElectionView::new(name),
            watcher: None,
            seen: VecDeque::new(),
        }
    }

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
                WatchItem::Events(events) => self.seen.extend(self.view.watched(&events)),
                WatchItem::Progress(_) => {}
                WatchItem::Compacted(_) => self.watcher = None,
                WatchItem::Refused(_) => return None,
            }
        }
    }

    /// Lists the candidates, and watches them from then on.
    async fn begin(&mut self) {
        let Ok(all) = self.list().await else {
            self.client.world.sleep(RETRY).await;
            return;
        };
        self.seen.extend(self.view.listed(&all));
        self.watcher = Some(self.client.watch_as(self.view.watch(all.header.revision + 1)));
    }

    async fn list(&self) -> Result<RangeResponse, CallError> {
        match self.client.call(Request::Range(self.view.list())).await? {
            Response::Range(all) => Ok(all),
            other => unreachable!("the answer to another kind of request: {other:?}"),
        }
    }
}
