//! Broadcasts: upstream watches, one for each range and user, and their watchers.
//!
//! A watcher joins a broadcast only if it wants none of the events that the broadcast told already. One that wants
//! earlier events gets an upstream watch of its own, which ends when it has come as far as another.

use super::ProxyOutput;
use super::machine::Proxy;
use super::streams::StreamKey;
use crate::api::{ResponseHeader, Token, WatchCreateRequest, WatchRequest};
use crate::bytes::Bytes;
use crate::defect::altered;
use crate::frame::ClientFrame;
use crate::key_range::KeyRange;
use crate::machine::Time;
use crate::watch::Selection;
use std::collections::{BTreeMap, BTreeSet};

pub(super) type BroadcastId = u64;
pub(super) type WatcherId = u64;

/// The user and the range of a broadcast: watches of different users never share one upstream, because each may be
/// allowed something else.
pub(super) type Subject = (Option<Token>, Bytes, Bytes);

#[derive(Debug, Default)]
pub(super) struct Broadcasts {
    pub all: BTreeMap<BroadcastId, Broadcast>,
    by_subject: BTreeMap<Subject, BTreeSet<BroadcastId>>,
    /// By their streams on the connection in use.
    pub by_stream: BTreeMap<u64, BroadcastId>,
    /// The broadcast of each watcher.
    pub homes: BTreeMap<WatcherId, BroadcastId>,
    last_stream: u64,
    last_id: u64,
    last_watcher: WatcherId,
}

#[derive(Debug)]
pub(crate) struct Broadcast {
    pub subject: Subject,
    pub range: KeyRange,
    /// Its stream on the connection in use, if there is one.
    pub stream: Option<u64>,
    /// The revision at which the endpoint in use created it; `None` until it did the first time.
    pub created_at: Option<i64>,
    /// The endpoint in use has yet to say that it created it.
    pub opening: bool,
    /// Every revision before it was told, or is not wanted; 0 of one that begins with the next event and is not open.
    pub next: i64,
    pub watchers: BTreeMap<WatcherId, Watcher>,
    /// Streams that wait for it to open.
    pub waiting: BTreeSet<StreamKey>,
    /// Streams that wait to hear how far it has come.
    pub progress_for: BTreeSet<StreamKey>,
    /// Watchers that asked to hear from time to time how far it has come, and are to.
    pub notify: BTreeSet<WatcherId>,
    pub asked_at: Option<Time>,
    pub heard_at: Time,
}

/// A watch of a client.
#[derive(Clone, Debug)]
pub(crate) struct Watcher {
    pub stream: StreamKey,
    pub id: i64,
    /// The first revision it wants; 0 if it began with the next event.
    pub start_revision: i64,
    /// Everything before it was told, or is not wanted; the broadcast knows the rest.
    pub next: i64,
    pub selection: Selection,
    pub fragment: bool,
    pub progress_notify: bool,
    /// It was sent events since the last round of progress notifications, so it needs none.
    pub told: bool,
    /// The revision of the last event that it was sent.
    pub last_event: i64,
}

impl Broadcast {
    pub fn is_open(&self) -> bool {
        self.created_at.is_some()
    }

    /// Returns true if it is told events as they happen.
    pub fn has_caught_up(&self) -> bool {
        !self.opening && self.created_at.is_some_and(|created_at| self.next > created_at)
    }
}

impl Broadcasts {
    pub fn next_stream(&mut self) -> u64 {
        self.last_stream += 1;
        self.last_stream
    }

    pub fn get(&self, id: BroadcastId) -> Option<&Broadcast> {
        self.all.get(&id)
    }

    pub fn get_mut(&mut self, id: BroadcastId) -> Option<&mut Broadcast> {
        self.all.get_mut(&id)
    }

    pub fn count(&self) -> usize {
        self.all.len()
    }

    pub fn watcher_count(&self) -> usize {
        self.homes.len()
    }

    pub fn of(&self, subject: &Subject) -> impl Iterator<Item = (BroadcastId, &Broadcast)> {
        let ids = self.by_subject.get(subject).into_iter().flatten();
        ids.filter_map(|id| Some((*id, self.all.get(id)?)))
    }

    /// A new watcher of an open broadcast. With `header` it is told that it was created.
    pub fn add_watcher(
        &mut self,
        by: BroadcastId,
        stream: StreamKey,
        id: i64,
        create: &WatchCreateRequest,
        header: &mut ResponseHeader,
    ) -> WatcherId {
        self.last_watcher += 1;
        let next = self.all.get(&by).map_or(0, |broadcast| match create.start_revision {
            0 => broadcast.next,
            start => start,
        });
        if create.start_revision == 0 {
            // It begins after the revision at which it was created, even if the broadcast heard of a later one.
            header.revision = next - 1;
        }
        let watcher = Watcher {
            stream,
            id,
            start_revision: create.start_revision,
            next,
            selection: Selection::of(create),
            fragment: create.fragment,
            progress_notify: create.progress_notify,
            told: false,
            last_event: 0,
        };
        self.place(self.last_watcher, watcher, by);
        self.last_watcher
    }

    /// Gives a watcher to a broadcast.
    pub fn place(&mut self, id: WatcherId, watcher: Watcher, by: BroadcastId) {
        if let Some(broadcast) = self.all.get_mut(&by) {
            broadcast.watchers.insert(id, watcher);
            self.homes.insert(id, by);
        }
    }

    /// Forgets a broadcast, and gives its remains.
    pub fn remove(&mut self, id: BroadcastId) -> Option<Broadcast> {
        let broadcast = self.all.remove(&id)?;
        if let Some(ids) = self.by_subject.get_mut(&broadcast.subject) {
            ids.remove(&id);
            if ids.is_empty() {
                self.by_subject.remove(&broadcast.subject);
            }
        }
        if let Some(stream) = broadcast.stream {
            self.by_stream.remove(&stream);
        }
        Some(broadcast)
    }
}

/// The user and the range that a create request watches.
pub(super) fn subject(create: &WatchCreateRequest, token: &Option<Token>) -> Subject {
    let key = if create.key.is_empty() { Bytes::from(b"\0") } else { create.key.clone() };
    (token.clone(), key, create.range_end.clone())
}

impl Proxy {
    /// An open broadcast that a new watcher may join as it is: it has told none of the events that the watcher
    /// wants. A request with a token, or from the next event on, goes upstream in any case, for the permission or
    /// the revision to begin at.
    pub(super) fn joinable(&self, create: &WatchCreateRequest, token: &Option<Token>) -> Option<BroadcastId> {
        if token.is_some() || create.start_revision <= 0 {
            return None;
        }
        self.broadcasts
            .of(&subject(create, token))
            .find(|(_, open)| open.has_caught_up() && open.next <= create.start_revision)
            .map(|(id, _)| id)
    }

    /// The broadcast that opens for a request: one that begins at the same revision and was not answered yet, or a new
    /// one.
    pub(super) fn open_for(
        &mut self,
        key: StreamKey,
        create: &WatchCreateRequest,
        token: &Option<Token>,
        out: &mut Vec<ProxyOutput>,
    ) -> BroadcastId {
        let subject = subject(create, token);
        let id = self.open_at(subject, create.start_revision, out);
        if let Some(broadcast) = self.broadcasts.get_mut(id) {
            broadcast.waiting.insert(key);
        }
        id
    }

    pub(super) fn open_at(&mut self, subject: Subject, next: i64, out: &mut Vec<ProxyOutput>) -> BroadcastId {
        let same = self.broadcasts.of(&subject).find(|(_, other)| !other.is_open() && other.next == next);
        if let Some((id, _)) = same {
            return id;
        }
        self.broadcasts.last_id += 1;
        let id = self.broadcasts.last_id;
        let broadcast = Broadcast {
            range: KeyRange::new(&subject.1, &subject.2),
            subject: subject.clone(),
            stream: None,
            created_at: None,
            opening: true,
            next,
            watchers: BTreeMap::new(),
            waiting: BTreeSet::new(),
            progress_for: BTreeSet::new(),
            notify: BTreeSet::new(),
            asked_at: None,
            heard_at: self.now,
        };
        self.broadcasts.all.insert(id, broadcast);
        self.broadcasts.by_subject.entry(subject).or_default().insert(id);
        self.send_create(id, out);
        id
    }

    /// Opens the upstream watch where the broadcast goes on.
    pub(super) fn send_create(&mut self, id: BroadcastId, out: &mut Vec<ProxyOutput>) {
        if self.links.is_down() {
            return;
        }
        let stream = self.broadcasts.next_stream();
        let now = self.now;
        let Some(broadcast) = self.broadcasts.get_mut(id) else { return };
        broadcast.stream = Some(stream);
        broadcast.opening = true;
        broadcast.heard_at = now;
        let (token, key, range_end) = broadcast.subject.clone();
        let create = WatchCreateRequest {
            key,
            range_end,
            start_revision: broadcast.next,
            progress_notify: true,
            prev_kv: true,
            ..WatchCreateRequest::default()
        };
        self.broadcasts.by_stream.insert(stream, id);
        let request = WatchRequest::Create(create);
        self.send_up(ClientFrame::Watch { stream, request, token }, out);
    }

    /// The endpoint is gone. Gives the number of upstream watches that were open.
    pub(super) fn suspend_broadcasts(&mut self) -> usize {
        let suspended = std::mem::take(&mut self.broadcasts.by_stream);
        for id in suspended.values() {
            if let Some(broadcast) = self.broadcasts.get_mut(*id) {
                broadcast.stream = None;
                broadcast.opening = true;
                broadcast.asked_at = None;
            }
        }
        suspended.len()
    }

    /// Reopens every broadcast from its revision, on a new endpoint.
    pub(super) fn reopen_broadcasts(&mut self, out: &mut Vec<ProxyOutput>) {
        for id in self.broadcasts.all.keys().copied().collect::<Vec<_>>() {
            self.send_create(id, out);
        }
    }

    /// Forgets a watcher that is gone.
    pub(super) fn forget_watcher(&mut self, id: WatcherId, out: &mut Vec<ProxyOutput>) {
        self.parked.remove(id);
        let Some(home) = self.broadcasts.homes.remove(&id) else { return };
        if let Some(broadcast) = self.broadcasts.get_mut(home) {
            broadcast.watchers.remove(&id);
            broadcast.notify.remove(&id);
            self.retire_if_idle(home, out);
        }
    }

    /// Ends an upstream watch that has no watchers and no waiting streams any more.
    pub(super) fn retire_if_idle(&mut self, id: BroadcastId, out: &mut Vec<ProxyOutput>) {
        let idle = |broadcast: &Broadcast| broadcast.watchers.is_empty() && broadcast.waiting.is_empty();
        if !self.broadcasts.get(id).is_some_and(idle) {
            return;
        }
        let Some(broadcast) = self.broadcasts.get_mut(id) else { return };
        let (stream, progress_for) = (broadcast.stream.take(), std::mem::take(&mut broadcast.progress_for));
        if let Some(stream) = stream {
            self.broadcasts.by_stream.remove(&stream);
            self.send_up(ClientFrame::CloseStream { stream }, out);
        }
        self.forget_broadcast(id);
        self.awaited_no_more(id, progress_for, self.links.header(), out);
    }

    /// Forgets a broadcast whose upstream watch has ended: no watcher may join it.
    pub(super) fn forget_broadcast(&mut self, id: BroadcastId) {
        if altered!(self.config.defects, proxy_joins_dead_broadcast) {
            // A later watcher takes it for one that goes on.
            return;
        }
        self.drop_watched_by(id);
        self.broadcasts.remove(id);
    }
}
