//! The rules for a client of a plan from a file.

use super::{ClientPlan, PlannedOperation, PlannedWatch, Work};
use crate::rules::{self, Impossible, in_order, limits, require, texts};
use revline_sim::{ProxyPlace, prefix_behind, proxy_ids};
use revline_store::api::INVALID_WATCH_ID;
use std::collections::BTreeSet;

impl ClientPlan {
    /// Refuses what no client can be or do. Fields are named within the client.
    pub(super) fn check(&self, members: &BTreeSet<u64>, places: &[ProxyPlace]) -> Result<(), Impossible> {
        limits::NAME_BYTES.check(self.name.len() as u64, "name")?;
        rules::prefix(&self.namespace, "namespace")?;
        let Some(&one) = self.endpoints.first() else {
            return require(false, "endpoints", "empty; a client needs at least one member or proxy");
        };
        limits::ENDPOINTS.check(self.endpoints.len() as u64, "endpoints")?;
        limits::ENDPOINTS.check(self.first as u64, "first")?;
        let proxies = proxy_ids(places);
        let behind = prefix_behind(places, one);
        for (at, id) in self.endpoints.iter().enumerate() {
            let field = format!("endpoints[{at}]");
            require(
                members.contains(id) || proxies.contains(id),
                &field,
                format!("there is no member or proxy {id}"),
            )?;
            require(
                prefix_behind(places, *id) == behind,
                &field,
                format!("{id} shows another namespace than {one}: a client sees one"),
            )?;
        }
        self.work.check().map_err(|wrong| wrong.within("work"))
    }
}

impl Work {
    fn check(&self) -> Result<(), Impossible> {
        match self {
            Work::Operations(operations) => check_operations(operations),
            Work::Watch { key, range_end, start_revision, reconnect_at_ms, progress_at_ms, .. } => {
                texts([(key, "watch.key"), (range_end, "watch.range_end")])?;
                start(*start_revision, "watch.start_revision")?;
                moments(reconnect_at_ms, "watch.reconnect_at_ms")?;
                moments(progress_at_ms, "watch.progress_at_ms")
            }
            Work::WatchStream { watches, pauses_ms, reconnect_at_ms, progress_at_ms } => {
                limits::STREAM_WATCHES.check(watches.len() as u64, "watch-stream.watches")?;
                for (at, watch) in watches.iter().enumerate() {
                    watch.check().map_err(|wrong| wrong.within(&format!("watch-stream.watches[{at}]")))?;
                }
                in_order(watches.iter().map(|watch| watch.at_ms), "watch-stream.watches")?;
                for (at, pause_ms) in pauses_ms.iter().enumerate() {
                    limits::PAUSE_MS.check(*pause_ms, format!("watch-stream.pauses_ms[{at}]"))?;
                }
                moments(reconnect_at_ms, "watch-stream.reconnect_at_ms")?;
                moments(progress_at_ms, "watch-stream.progress_at_ms")
            }
            Work::Observe { name, reconnect_at_ms, .. } => {
                limits::NAME_BYTES.check(name.len() as u64, "observe.name")?;
                moments(reconnect_at_ms, "observe.reconnect_at_ms")
            }
        }
    }
}

fn check_operations(operations: &[PlannedOperation]) -> Result<(), Impossible> {
    for (at, PlannedOperation { at_us, action }) in operations.iter().enumerate() {
        let field = || format!("operations[{at}]");
        limits::TIME_US.check(*at_us, field() + ".at_us")?;
        action.check().map_err(|wrong| wrong.within(&(field() + ".do")))?;
    }
    in_order(operations.iter().map(|planned| planned.at_us), "operations")
}

impl PlannedWatch {
    fn check(&self) -> Result<(), Impossible> {
        limits::TIME_MS.check(self.at_ms, "at_ms")?;
        texts([(&self.key, "key"), (&self.range_end, "range_end")])?;
        start(self.start_revision, "start_revision")?;
        limits::WATCH_ID.check(self.watch_id.unsigned_abs(), "watch_id")?;
        require(
            self.watch_id != INVALID_WATCH_ID,
            "watch_id",
            "-1 stands for no watch, and for all: a client cannot tell its own from that",
        )?;
        let Some(cancel_at_ms) = self.cancel_at_ms else { return Ok(()) };
        limits::TIME_MS.check(cancel_at_ms, "cancel_at_ms")?;
        require(
            cancel_at_ms >= self.at_ms,
            "cancel_at_ms",
            format!("{cancel_at_ms} is before the watch begins, at {}", self.at_ms),
        )
    }
}

/// Below 0 is asked for on purpose: no member may accept it.
fn start(revision: i64, field: &str) -> Result<(), Impossible> {
    if revision == -1 { Ok(()) } else { limits::START_REVISION.check_signed(revision, field) }
}

fn moments(at_ms: &[u64], field: &str) -> Result<(), Impossible> {
    for (at, at_ms) in at_ms.iter().enumerate() {
        limits::TIME_MS.check(*at_ms, format!("{field}[{at}]"))?;
    }
    in_order(at_ms.iter().copied(), field)
}
