//! Clients that do not take their responses.
//!
//! The watchers of such a stream leave their broadcasts and wait, without a place in any queue; the others hear of
//! everything as before. When the client takes its responses they go on from their revisions, on upstream watches
//! of their own until they have caught up. A client that takes nothing for too long is cut off.

use super::broadcast::{Subject, Watcher, WatcherId};
use super::machine::Proxy;
use super::streams::StreamKey;
use super::{ProxyEvent, ProxyOutput};
use crate::frame::SessionId;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Watchers whose clients do not take their responses.
#[derive(Debug, Default)]
pub(super) struct Parked {
    watchers: BTreeMap<WatcherId, (Watcher, Subject)>,
}

impl Parked {
    pub fn count(&self) -> usize {
        self.watchers.len()
    }

    pub fn remove(&mut self, id: WatcherId) {
        self.watchers.remove(&id);
    }
}

impl Proxy {
    /// Parks the watchers of a stream whose client does not take its responses.
    pub(super) fn park(&mut self, session: SessionId, name: u64, out: &mut Vec<ProxyOutput>) {
        let key: StreamKey = (session, name);
        let now = self.now;
        let Some(stream) = self.streams.open.get_mut(&key) else { return };
        stream.stalled_since.get_or_insert(now);
        let ids: Vec<WatcherId> = stream.watches.values().copied().collect();
        let mut left = BTreeSet::new();
        for id in &ids {
            let Some(home) = self.broadcasts.homes.remove(id) else { continue };
            let Some(broadcast) = self.broadcasts.get_mut(home) else { continue };
            broadcast.notify.remove(id);
            broadcast.progress_for.remove(&key);
            if let Some(mut watcher) = broadcast.watchers.remove(id) {
                watcher.next = watcher.next.max(broadcast.next);
                self.parked.watchers.insert(*id, (watcher, broadcast.subject.clone()));
            }
            left.insert(home);
        }
        out.push(ProxyOutput::Event(ProxyEvent::Parked { session, stream: name, watchers: ids.len() }));
        for home in left {
            self.retire_if_idle(home, out);
        }
    }

    /// Resumes the watchers of a stream whose client takes its responses again.
    pub(super) fn unpark(&mut self, session: SessionId, name: u64, out: &mut Vec<ProxyOutput>) {
        let key: StreamKey = (session, name);
        let Some(stream) = self.streams.open.get_mut(&key) else { return };
        if stream.stalled_since.take().is_none() {
            return;
        }
        let asked = stream.progress.take().is_some();
        for id in stream.watches.values().copied().collect::<Vec<_>>() {
            if let Some((watcher, subject)) = self.parked.watchers.remove(&id) {
                self.place_anew(id, watcher, subject, out);
            }
        }
        if asked {
            self.ask_progress(key, out);
        }
        self.advance_stream(key, out);
    }

    /// Gives a watcher that was created before to a broadcast that told none of its events yet.
    pub(super) fn place_anew(
        &mut self,
        id: WatcherId,
        watcher: Watcher,
        subject: Subject,
        out: &mut Vec<ProxyOutput>,
    ) {
        let fits =
            self.broadcasts.of(&subject).find(|(_, open)| open.has_caught_up() && open.next <= watcher.next);
        let by = match fits.map(|(id, _)| id) {
            Some(by) => by,
            None => self.open_at(subject, watcher.next, out),
        };
        self.broadcasts.place(id, watcher, by);
    }

    /// Clients that took nothing for too long are sent away.
    pub(super) fn cut_off_slow_clients(&mut self, out: &mut Vec<ProxyOutput>) {
        let patience = Duration::from_millis(self.config.slow_client_ms);
        let now = self.now;
        let slow = |stream: &super::streams::Stream| {
            stream.stalled_since.is_some_and(|since| now - since >= patience)
        };
        let slow =
            self.streams.open.iter().filter(|(_, stream)| slow(stream)).map(|((session, _), _)| *session);
        for session in slow.collect::<BTreeSet<_>>() {
            self.cut_off(session, out);
        }
    }

    pub(super) fn cut_off(&mut self, session: SessionId, out: &mut Vec<ProxyOutput>) {
        self.forget_session(session, out);
        out.push(ProxyOutput::CloseSession { session });
        out.push(ProxyOutput::Event(ProxyEvent::CutOff { session }));
    }
}
