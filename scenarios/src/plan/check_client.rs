//! The rules for a client of a plan from a file.

use super::{Action, ClientPlan, PlannedOperation, PlannedWatch, Tenure, Work};
use crate::rules::{self, Impossible, in_order, limits, require};
use revline_sim::{ProxyPlace, prefix_behind, proxy_ids};
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
        limits::WATCH_ID.check_signed(self.watch_id, "watch_id")?;
        let Some(cancel_at_ms) = self.cancel_at_ms else { return Ok(()) };
        limits::TIME_MS.check(cancel_at_ms, "cancel_at_ms")?;
        require(
            cancel_at_ms >= self.at_ms,
            "cancel_at_ms",
            format!("{cancel_at_ms} is before the watch begins, at {}", self.at_ms),
        )
    }
}

impl Action {
    /// Tells an action that needs or makes a lease.
    pub(super) fn uses_leases(&self) -> bool {
        matches!(
            self,
            Action::Grant { .. }
                | Action::Attach { .. }
                | Action::KeepAlive { .. }
                | Action::Lock(_)
                | Action::Lead(_)
        )
    }

    fn check(&self) -> Result<(), Impossible> {
        let lease_id = |lease: i64| limits::LEASE_ID.check_signed(lease, "lease");
        match self {
            Action::Put { key, value }
            | Action::CompareAndSwap { key, value }
            | Action::Create { key, value }
            | Action::CompareFrom { key, value } => texts([(key, "key"), (value, "value")]),
            Action::Delete { key }
            | Action::Get { key, .. }
            | Action::ListFrom { key, .. }
            | Action::DeleteFrom { key } => texts([(key, "key")]),
            Action::List { behind, .. } | Action::Compact { behind } => {
                limits::BEHIND.check(*behind, "behind")
            }
            Action::PutSeveral { keys, value } => {
                texts([(value, "value")])?;
                several(keys)
            }
            Action::ReadSeveral { keys, .. } => several(keys),
            Action::Replace { from, to, value } => texts([(from, "from"), (to, "to"), (value, "value")]),
            Action::LookBack { key, value, behind } => {
                limits::BEHIND.check(*behind, "behind")?;
                texts([(key, "key"), (value, "value")])
            }
            Action::Grant { lease, ttl_s } => {
                lease_id(*lease)?;
                limits::TTL_S.check_signed(*ttl_s, "ttl_s")
            }
            Action::Attach { lease, key, value } => {
                lease_id(*lease)?;
                texts([(key, "key"), (value, "value")])
            }
            Action::KeepAlive { lease } | Action::Revoke { lease } | Action::TimeToLive { lease, .. } => {
                lease_id(*lease)
            }
            Action::Leases => Ok(()),
            Action::Lock(tenure) => tenure.check().map_err(|wrong| wrong.within("lock")),
            Action::Lead(tenure) => tenure.check().map_err(|wrong| wrong.within("lead")),
        }
    }
}

impl Tenure {
    fn check(&self) -> Result<(), Impossible> {
        limits::NAME_BYTES.check(self.name.len() as u64, "name")?;
        limits::TTL_S.check_signed(self.ttl_s, "ttl_s")?;
        limits::PAUSE_MS.check(self.patience_ms, "patience_ms")?;
        limits::PAUSE_MS.check(self.hold_ms, "hold_ms")?;
        limits::STALLED_MS.check(self.stall_ms, "stall_ms")?;
        limits::OPERATIONS.check(self.values.len() as u64, "values")?;
        self.values
            .iter()
            .enumerate()
            .try_for_each(|(at, value)| limits::TEXT_BYTES.check(value.len() as u64, format!("values[{at}]")))
    }
}

fn texts<'a>(texts: impl IntoIterator<Item = (&'a String, &'static str)>) -> Result<(), Impossible> {
    texts.into_iter().try_for_each(|(text, field)| limits::TEXT_BYTES.check(text.len() as u64, field))
}

fn several(keys: &[String]) -> Result<(), Impossible> {
    require(!keys.is_empty(), "keys", "empty; at least one key is needed")?;
    limits::OPERATIONS.check(keys.len() as u64, "keys")?;
    keys.iter()
        .enumerate()
        .try_for_each(|(at, key)| limits::TEXT_BYTES.check(key.len() as u64, format!("keys[{at}]")))
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
