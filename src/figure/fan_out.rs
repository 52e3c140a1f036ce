//! Very many watchers of one key, at members or behind proxies, with cores that pay for every message.

use super::runs::{FigureError, judged};
use super::spread::{Spread, ms};
use crate::checker::history::{History, Request, Response};
use crate::sim::client::WatchOptions;
use crate::sim::{CpuConfig, ProxyPlace, SimulationConfig, World};
use std::collections::BTreeMap;
use std::time::Duration;

/// The one core of a small server: if it did nothing else, it would send 50 000 watch responses a second.
pub(super) const SMALL: CpuConfig =
    CpuConfig { per_message_us: 20, per_reply_us: 10, per_watch_response_us: 20 };

/// The same in words.
pub(super) fn small_server() -> String {
    format!(
        "one core, which takes {} us for a message received, {} us for one sent and {} us for a watch response sent (50 000 a second at \
         most)",
        SMALL.per_message_us, SMALL.per_reply_us, SMALL.per_watch_response_us
    )
}

/// Clients that write, in turns: a late answer does not keep the next write from its time at once.
pub(super) const WRITERS: u64 = 20;

const KEY: &str = "fan-out";

/// A load.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct FanOut {
    pub members: u64,
    /// 0: watchers use members.
    pub proxies: usize,
    pub watchers: usize,
    pub writes_per_s: u64,
    /// From the first write to the window, in simulated milliseconds.
    pub warm_up_ms: u64,
    /// The window in which is counted, in simulated milliseconds.
    pub window_ms: u64,
}

/// The load that was carried, in the window.
#[derive(Clone, Debug)]
pub(super) struct Carried {
    /// Acknowledged writes, per second.
    pub writes_per_s: f64,
    /// Events that reached watchers, per second.
    pub events_per_s: f64,
    /// From when a write was due to its acknowledgement, in milliseconds.
    pub write_ms: Spread,
    /// From when a write was due to when a watcher heard of it, in milliseconds.
    pub event_ms: Spread,
}

impl FanOut {
    /// Events per second that watchers would hear if everything was carried.
    pub fn offered_per_s(&self) -> f64 {
        (self.watchers as u64 * self.writes_per_s) as f64
    }

    /// Runs the load under a seed.
    pub fn carry(&self, seed: u64) -> Result<Carried, FigureError> {
        let members: Vec<u64> = (1..=self.members).collect();
        let config = SimulationConfig {
            seed,
            members: self.members,
            proxies: (0..self.proxies).map(|_| ProxyPlace::new(members.clone())).collect(),
            cpu: SMALL,
            ..SimulationConfig::default()
        };
        let run = judged(&config, |world| self.load(world))?;
        let began = run.value.ok_or_else(|| FigureError::Broken(format!("seed {seed}: no leader")))?;
        Ok(self.carried(began, &run.history))
    }

    /// Watches and writes; returns the time of the first write.
    async fn load(&self, world: World) -> Option<Duration> {
        world.leader().await.ok()?;
        let servers = if self.proxies == 0 { world.members() } else { world.proxies() };
        for number in 0..self.watchers {
            let client = world.client_at(vec![servers[number % servers.len()]], None);
            world.spawn(async move {
                let mut watch = client.watch(KEY, "", WatchOptions::default()).await;
                while watch.next().await.is_some() {}
            });
        }
        // All are there before the first write.
        world.sleep(Duration::from_secs(1)).await;
        let (began, load) = (world.elapsed(), *self);
        let end = began + Duration::from_millis(self.warm_up_ms + self.window_ms);
        for writer in 0..WRITERS {
            let (times, client) = (world.clone(), world.client_at(world.members(), Some(writer as usize)));
            world.spawn(async move {
                for write in (writer..).step_by(WRITERS as usize) {
                    times.sleep_until(load.due(began, write)).await;
                    let left = end.saturating_sub(times.elapsed());
                    if left.is_zero()
                        || times.timeout(left, client.put(KEY, write.to_string())).await.is_err()
                    {
                        return;
                    }
                }
            });
        }
        world.sleep_until(end).await;
        Some(began)
    }

    fn due(&self, began: Duration, write: u64) -> Duration {
        began + Duration::from_nanos(write * 1_000_000_000 / self.writes_per_s)
    }

    fn carried(&self, began: Duration, history: &History) -> Carried {
        let from_ns = (began + Duration::from_millis(self.warm_up_ms)).as_nanos() as u64;
        let window = from_ns..from_ns + self.window_ms * 1_000_000;
        let (mut due_of, mut write_ms) = (BTreeMap::new(), Vec::new());
        for operation in &history.operations {
            let (Request::Put(put), Some(Response::Put(answer))) = (&operation.request, operation.response())
            else {
                continue;
            };
            let number = put.value.as_str().and_then(|text| text.parse().ok());
            let (Some(number), Some(return_ns)) = (number, operation.return_ns) else { continue };
            let due = self.due(began, number);
            due_of.insert(answer.header.revision, due);
            if window.contains(&return_ns) {
                write_ms.push(ms(Duration::from_nanos(return_ns).saturating_sub(due)));
            }
        }
        let (mut events, mut event_ms) = (0_u64, Vec::new());
        let frames = history.watches.iter().flat_map(|watch| &watch.frames);
        for frame in frames.filter(|frame| window.contains(&frame.received_ns)) {
            for event in &frame.events {
                events += 1;
                let due = due_of.get(&event.kv.mod_revision);
                event_ms
                    .extend(due.map(|due| ms(Duration::from_nanos(frame.received_ns).saturating_sub(*due))));
            }
        }
        let seconds = self.window_ms as f64 / 1e3;
        Carried {
            writes_per_s: write_ms.len() as f64 / seconds,
            events_per_s: events as f64 / seconds,
            write_ms: Spread::of(write_ms),
            event_ms: Spread::of(event_ms),
        }
    }
}
