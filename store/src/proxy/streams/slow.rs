//! Clients that do not take their responses.
//!
//! The watchers of such a stream leave their broadcasts and wait, without a place in any queue; the others hear of
//! everything as before. When the client takes its responses they go on from their revisions, on upstream watches
//! of their own until they have caught up. A client that takes nothing for too long is cut off.

use super::Streams;
use crate::frame::{ClientStream, SessionId};
use crate::proxy::ProxyEvent;
use crate::proxy::broadcasts::{Broadcasts, WatcherId};
use crate::proxy::cx::Cx;
use std::collections::BTreeSet;
use std::time::Duration;

impl Streams {
    /// Parks the watchers of a stream whose client does not take its responses.
    pub fn stalled(&mut self, cx: &mut Cx<'_>, broadcasts: &mut Broadcasts, key: ClientStream) {
        let Some(stream) = self.open.get_mut(&key) else { return };
        let ids: Vec<WatcherId> = stream.watchers().copied().collect();
        let mut left = BTreeSet::new();
        let mut parked = Vec::new();
        for &id in &ids {
            let Some((home, detached)) = broadcasts.detach(id) else { continue };
            broadcasts.await_progress_no_more(home, key);
            parked.push((id, detached));
            left.insert(home);
        }
        stream.stall(cx.now, parked);
        let ClientStream { session, stream } = key;
        cx.report(ProxyEvent::Parked { session, stream, watchers: ids.len() });
        for home in left {
            let awaited = broadcasts.retire_if_idle(cx, home);
            self.awaited_no_more(cx, broadcasts, awaited);
        }
    }

    /// Resumes the watchers of a stream whose client takes its responses again.
    pub fn flows(&mut self, cx: &mut Cx<'_>, broadcasts: &mut Broadcasts, key: ClientStream) {
        let Some(stream) = self.open.get_mut(&key) else { return };
        let Some(parked) = stream.flow() else { return };
        let asked = stream.progress().forget_question();
        for (watcher, detached) in parked {
            broadcasts.place_anew(cx, watcher, detached);
        }
        if asked {
            self.ask_progress(cx, broadcasts, key);
        }
        self.advance(cx, broadcasts, key);
    }

    /// The number of parked watchers.
    pub fn parked_count(&self) -> usize {
        self.open.values().map(|stream| stream.parked()).sum()
    }

    /// The sessions of clients that took nothing for too long.
    pub fn slow_sessions(&self, cx: &Cx<'_>) -> BTreeSet<SessionId> {
        let patience = Duration::from_millis(cx.config.slow_client_ms);
        let slow = self.open.iter().filter(|(_, stream)| stream.is_stalled_for(cx.now, patience));
        slow.map(|(key, _)| key.session).collect()
    }
}
