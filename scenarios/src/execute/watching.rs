//! A client with several watches on one stream.

use crate::plan::PlannedWatch;
use revline_sim::World;
use revline_sim::client::{Client, WatchItem, WatchOptions, WatchStream};
use revline_store::error::Error;
use std::collections::BTreeMap;
use std::time::Duration;

/// The pause before a client asks again for what was refused by a member that may serve it later, or by none.
const REFUSED: Duration = Duration::from_millis(50);

/// A timed step of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Deed {
    Begin(usize),
    Cancel(usize),
    AskProgress,
}

/// A client of such a stream, and how fast it takes what comes.
pub(super) struct StreamClient {
    pub world: World,
    pub client: Client,
    pub watches: Vec<PlannedWatch>,
    /// From one response to the next, in turns.
    pub pauses_ms: Vec<u64>,
    pub progress_at_ms: Vec<u64>,
}

impl StreamClient {
    /// Watches until the end of the world.
    pub async fn work(self) {
        let mut deeds: Vec<(u64, Deed)> = Vec::new();
        for (position, watch) in self.watches.iter().enumerate() {
            deeds.push((watch.at_ms, Deed::Begin(position)));
            deeds.extend(watch.cancel_at_ms.map(|at_ms| (at_ms, Deed::Cancel(position))));
        }
        deeds.extend(self.progress_at_ms.iter().map(|&at_ms| (at_ms, Deed::AskProgress)));
        deeds.sort_unstable();
        let mut deeds = deeds.into_iter().peekable();
        let mut stream = self.client.watch_stream();
        let mut numbers = BTreeMap::new();
        let mut pauses_ms = self.pauses_ms.iter().cycle();
        loop {
            while let Some((_, deed)) = deeds.next_if(|(at_ms, _)| self.wait_for(*at_ms).is_zero()) {
                match deed {
                    Deed::Begin(position) => {
                        let start = self.watches[position].start_revision;
                        self.begin(&mut stream, &mut numbers, position, start);
                    }
                    Deed::Cancel(position) => {
                        let of_watch = |(&number, &of): (&u32, &usize)| (of == position).then_some(number);
                        if let Some(number) = numbers.iter().find_map(of_watch) {
                            numbers.remove(&number);
                            stream.cancel(number);
                        }
                    }
                    Deed::AskProgress => stream.request_progress(),
                }
            }
            let next = deeds.peek().map(|(at_ms, _)| self.wait_for(*at_ms));
            let item = match next {
                None => stream.next().await,
                Some(wait) => match self.world.timeout(wait, stream.next()).await {
                    // There may be no watch until the next one begins.
                    Ok(None) => {
                        self.world.sleep(self.wait_for(deeds.peek().map_or(0, |(at_ms, _)| *at_ms))).await;
                        continue;
                    }
                    Ok(item) => item,
                    Err(_) => continue,
                },
            };
            let Some((number, item)) = item else { return };
            self.took(&mut stream, &mut numbers, number, item).await;
            if let Some(pause_ms) = pauses_ms.next() {
                self.world.sleep(Duration::from_millis(*pause_ms)).await;
            }
        }
    }

    fn wait_for(&self, at_ms: u64) -> Duration {
        Duration::from_millis(at_ms).saturating_sub(self.world.elapsed())
    }

    fn begin(
        &self,
        stream: &mut WatchStream,
        numbers: &mut BTreeMap<u32, usize>,
        position: usize,
        start_revision: i64,
    ) {
        let watch = &self.watches[position];
        let options = WatchOptions {
            start_revision,
            prev_kv: watch.prev_kv,
            no_put: watch.no_put,
            no_delete: watch.no_delete,
            fragment: watch.fragment,
            watch_id: watch.watch_id,
            progress_notify: watch.progress_notify,
            require_leader: watch.require_leader,
            ..WatchOptions::default()
        };
        numbers.insert(stream.watch(watch.key.as_str(), watch.range_end.as_str(), options), position);
    }

    async fn took(
        &self,
        stream: &mut WatchStream,
        numbers: &mut BTreeMap<u32, usize>,
        number: Option<u32>,
        item: WatchItem,
    ) {
        let position = number.and_then(|number| match item {
            WatchItem::Compacted(_) | WatchItem::Refused(_) => numbers.remove(&number),
            WatchItem::Events(_) | WatchItem::Progress(_) => None,
        });
        let Some(position) = position else { return };
        match item {
            WatchItem::Compacted(revision) => self.begin(stream, numbers, position, revision),
            WatchItem::Refused(why) if why.parse() == Ok(Error::NotSupportedForLearner) => {
                self.client.disconnect();
                self.world.sleep(REFUSED).await;
                self.begin(stream, numbers, position, self.watches[position].start_revision);
            }
            // As it should be: it asked for what cannot be.
            _ => {}
        }
    }
}
