//! Broadcasts: upstream watches, one for each range and user, and their watchers.
//!
//! A watcher joins a broadcast only if it wants none of the events that the broadcast told already. One that wants
//! earlier events gets an upstream watch of its own, which ends when it has come as far as another.
//!
//! Broadcasts know nothing of the streams of clients but their names: the effects on these they return.

mod broadcast;
mod cache;
mod kept;
mod responses;
mod watcher;

pub(super) use broadcast::{Awaited, Reached};
pub(super) use responses::{Ended, News, Refusal};
pub(super) use watcher::{Detached, WatcherId};

use super::ProxyEvent;
use super::cx::Cx;
use crate::api::{Token, WatchCreateRequest};
use crate::defect::altered;
use crate::frame::{ClientFrame, ClientStream};
use crate::machine::Time;
use broadcast::{Broadcast, Subject};
use cache::Cache;
use std::collections::{BTreeMap, BTreeSet};
use watcher::Watcher;

/// The number of a broadcast in its proxy.
pub(super) type BroadcastId = u64;

/// The broadcasts of a proxy, and the answers that are kept while they watch.
#[derive(Debug, Default)]
pub(super) struct Broadcasts {
    all: BTreeMap<BroadcastId, Broadcast>,
    by_subject: BTreeMap<Subject, BTreeSet<BroadcastId>>,
    /// By their streams on the connection in use.
    by_stream: BTreeMap<u64, BroadcastId>,
    /// The broadcast of each watcher.
    homes: BTreeMap<WatcherId, BroadcastId>,
    last_id: BroadcastId,
    last_watcher: WatcherId,
    cache: Cache,
}

/// A merger of two broadcasts.
#[derive(Debug)]
pub(super) struct Merged {
    pub from: BroadcastId,
    pub into: BroadcastId,
    /// Streams that waited to hear how far the first has come.
    pub awaiting: BTreeSet<ClientStream>,
    /// True if upstream is to be asked how far the second has come.
    pub asks: bool,
}

/// The reach of the watchers of a stream together.
#[derive(Debug)]
pub(super) struct Coverage {
    /// All of them were told everything up to here; `i64::MAX` of none.
    pub revision: i64,
    /// The highest revision at which one of them begins.
    pub first_wanted: i64,
    /// The highest revision of an event that one of them was sent.
    pub last_event: i64,
}

impl Broadcasts {
    /// The number of broadcasts.
    pub fn count(&self) -> usize {
        self.all.len()
    }

    /// The number of their watchers.
    pub fn watcher_count(&self) -> usize {
        self.homes.len()
    }

    fn of(&self, subject: &Subject) -> impl Iterator<Item = (BroadcastId, &Broadcast)> {
        let ids = self.by_subject.get(subject).into_iter().flatten();
        ids.filter_map(|id| Some((*id, self.all.get(id)?)))
    }

    /// The broadcast for a new watcher: an open one that it may join as it is, or else one that opens for it. A request
    /// with a token, or from the next event on, goes upstream in any case, for the permission or the revision to begin
    /// at.
    pub fn place_new(
        &mut self,
        cx: &mut Cx<'_>,
        stream: ClientStream,
        create: &WatchCreateRequest,
        token: &Option<Token>,
    ) -> BroadcastId {
        if token.is_none() && create.start_revision > 0 {
            let subject = Subject::new(create, token);
            let fits = self.of(&subject).find(|(_, open)| open.may_join(create.start_revision));
            if let Some((id, open)) = fits {
                cx.report(ProxyEvent::Joined { watchers: open.watchers().len() + 1 });
                return id;
            }
        }
        self.open_for(cx, stream, create, token)
    }

    /// The broadcast that opens for a request: one that begins at the same revision and was not answered yet, or a new
    /// one.
    pub fn open_for(
        &mut self,
        cx: &mut Cx<'_>,
        stream: ClientStream,
        create: &WatchCreateRequest,
        token: &Option<Token>,
    ) -> BroadcastId {
        let id = self.open_at(cx, Subject::new(create, token), create.start_revision);
        if let Some(broadcast) = self.all.get_mut(&id) {
            broadcast.await_open(stream);
        }
        id
    }

    fn open_at(&mut self, cx: &mut Cx<'_>, subject: Subject, next: i64) -> BroadcastId {
        let same = self.of(&subject).find(|(_, other)| !other.is_open() && other.next() == next);
        if let Some((id, _)) = same {
            return id;
        }
        self.last_id += 1;
        let id = self.last_id;
        self.all.insert(id, Broadcast::new(subject.clone(), next, cx.now));
        self.by_subject.entry(subject).or_default().insert(id);
        self.open(cx, id);
        id
    }

    /// Opens the upstream watch of a broadcast where it goes on.
    fn open(&mut self, cx: &mut Cx<'_>, id: BroadcastId) {
        if let Some(stream) = self.all.get_mut(&id).and_then(|broadcast| broadcast.open(cx)) {
            self.by_stream.insert(stream, id);
        }
    }

    /// Suspends every broadcast, because the connection is gone; returns the number of upstream watches that were open.
    pub fn suspend(&mut self) -> usize {
        let suspended = std::mem::take(&mut self.by_stream);
        for id in suspended.values() {
            if let Some(broadcast) = self.all.get_mut(id) {
                broadcast.suspend();
            }
        }
        suspended.len()
    }

    /// Reopens every broadcast from its revision, on a new connection.
    pub fn reopen(&mut self, cx: &mut Cx<'_>) {
        for id in self.all.keys().copied().collect::<Vec<_>>() {
            self.open(cx, id);
        }
    }

    /// Returns true if upstream created a broadcast.
    pub fn is_open(&self, id: BroadcastId) -> bool {
        self.all.get(&id).is_some_and(Broadcast::is_open)
    }

    /// Returns true if a broadcast, which opened for a request, has told none of the wanted events to others meanwhile.
    pub fn still_serves(&self, id: BroadcastId, create: &WatchCreateRequest) -> bool {
        let fits = |open: &Broadcast| create.start_revision == 0 || open.next() <= create.start_revision;
        self.all.get(&id).is_some_and(fits)
    }

    /// Adds a watcher to an open broadcast, and returns the revision after which it begins if it asked for none: that at
    /// which it was created, even if the broadcast heard of a later one.
    pub fn add_watcher(
        &mut self,
        by: BroadcastId,
        stream: ClientStream,
        watch_id: i64,
        create: &WatchCreateRequest,
    ) -> (WatcherId, Option<i64>) {
        self.last_watcher += 1;
        let next = self.all.get(&by).map_or(0, Broadcast::next);
        self.place(self.last_watcher, Watcher::new(stream, watch_id, create, next), by);
        (self.last_watcher, (create.start_revision == 0).then(|| next - 1))
    }

    fn place(&mut self, id: WatcherId, watcher: Watcher, by: BroadcastId) {
        if let Some(broadcast) = self.all.get_mut(&by) {
            broadcast.add(id, watcher);
            self.homes.insert(id, by);
        }
    }

    /// Gives a watcher that was created before to a broadcast that told none of its events yet.
    pub fn place_anew(&mut self, cx: &mut Cx<'_>, id: WatcherId, detached: Detached) {
        let Detached { watcher, subject } = detached;
        let fits = self.of(&subject).find(|(_, open)| open.may_join(watcher.next())).map(|(id, _)| id);
        let by = match fits {
            Some(by) => by,
            None => self.open_at(cx, subject, watcher.next()),
        };
        self.place(id, watcher, by);
    }

    /// Takes a watcher out of its broadcast, with the broadcast: this one may be idle now.
    pub fn detach(&mut self, id: WatcherId) -> Option<(BroadcastId, Detached)> {
        let home = self.homes.remove(&id)?;
        Some((home, self.all.get_mut(&home)?.remove(id)?))
    }

    /// Forgets a watcher that is gone.
    pub fn remove_watcher(&mut self, cx: &mut Cx<'_>, id: WatcherId) -> Option<Awaited> {
        let (home, _) = self.detach(id)?;
        self.retire_if_idle(cx, home)
    }

    /// Notes that a stream does not wait for a broadcast to open any more.
    pub fn release(&mut self, cx: &mut Cx<'_>, by: BroadcastId, stream: ClientStream) -> Option<Awaited> {
        self.all.get_mut(&by)?.release(stream);
        self.retire_if_idle(cx, by)
    }

    /// Ends an upstream watch that has no watchers and no waiting streams any more.
    pub fn retire_if_idle(&mut self, cx: &mut Cx<'_>, id: BroadcastId) -> Option<Awaited> {
        let broadcast = self.all.get_mut(&id).filter(|broadcast| broadcast.is_idle())?;
        let (stream, streams) = (broadcast.take_stream(), broadcast.take_progress_for());
        if let Some(stream) = stream {
            self.by_stream.remove(&stream);
            cx.send_up(ClientFrame::CloseStream { stream });
        }
        self.forget(cx, id);
        Some(Awaited { by: id, streams, header: cx.upstream.header() })
    }

    /// Forgets a broadcast whose upstream watch has ended: no watcher may join it.
    fn forget(&mut self, cx: &Cx<'_>, id: BroadcastId) {
        if altered!(cx.config.defects, proxy_joins_dead_broadcast) {
            // A later watcher takes it for one that goes on.
            return;
        }
        self.remove(id);
    }

    /// Removes a broadcast, and the answers kept by it.
    fn remove(&mut self, id: BroadcastId) -> Option<Broadcast> {
        self.cache.drop_watched_by(id);
        let broadcast = self.all.remove(&id)?;
        if let Some(ids) = self.by_subject.get_mut(broadcast.subject()) {
            ids.remove(&id);
            if ids.is_empty() {
                self.by_subject.remove(broadcast.subject());
            }
        }
        Some(broadcast)
    }

    /// Merges two broadcasts of the subject of one that began or moved on, if two of them have met. The watchers of the
    /// first move to the second: none of them wants an event that the second told already.
    pub fn merge(&mut self, cx: &mut Cx<'_>, id: BroadcastId) -> Option<Merged> {
        let all: Vec<_> = self.of(self.all.get(&id)?.subject()).collect();
        if all.len() < 2 {
            return None;
        }
        let (from, into) = all.iter().find_map(|(from, one)| {
            let meets = |(into, other): &&(BroadcastId, &Broadcast)| {
                from != into && one.may_move_to(other, from > into)
            };
            all.iter().find(meets).map(|(into, _)| (*from, *into))
        })?;
        let mut ended = self.remove(from)?;
        if let Some(stream) = ended.take_stream() {
            self.by_stream.remove(&stream);
            cx.send_up(ClientFrame::CloseStream { stream });
        }
        let broadcast = self.all.get_mut(&into)?;
        let (moved, awaiting, asks) = broadcast.absorb(ended);
        cx.report(ProxyEvent::Merged { watchers: broadcast.watchers().len() });
        self.homes.extend(moved.into_iter().map(|id| (id, into)));
        Some(Merged { from, into, awaiting, asks })
    }

    /// The broadcasts of watchers.
    pub fn homes_of<'a>(&self, watchers: impl Iterator<Item = &'a WatcherId>) -> BTreeSet<BroadcastId> {
        watchers.filter_map(|id| self.homes.get(id).copied()).collect()
    }

    /// Lets a stream wait to hear how far a broadcast has come, which was last asked at this time.
    pub fn await_progress(&mut self, by: BroadcastId, stream: ClientStream, asked_at: Option<Time>) {
        if let Some(broadcast) = self.all.get_mut(&by) {
            broadcast.await_progress(stream, asked_at);
        }
    }

    /// Lets a stream wait no longer to hear how far a broadcast has come.
    pub fn await_progress_no_more(&mut self, by: BroadcastId, stream: ClientStream) {
        if let Some(broadcast) = self.all.get_mut(&by) {
            broadcast.await_progress_no_more(stream);
        }
    }

    /// Asks upstream how far a broadcast has come. Returns how far, if it is known by itself.
    pub fn ask_position(&mut self, cx: &mut Cx<'_>, id: BroadcastId) -> Option<Reached> {
        self.all.get_mut(&id)?.ask_position(cx, id)
    }

    /// The broadcasts that are to be asked now how far they have come.
    pub fn due_questions(&self, cx: &Cx<'_>) -> Vec<BroadcastId> {
        self.all.iter().filter(|(_, broadcast)| broadcast.is_question_due(cx)).map(|(id, _)| *id).collect()
    }

    /// Begins a round of progress notifications for these watchers.
    pub fn begin_round<'a>(&mut self, watchers: impl Iterator<Item = &'a WatcherId>) {
        for id in watchers {
            if let Some(broadcast) = self.homes.get(id).and_then(|home| self.all.get_mut(home)) {
                broadcast.begin_round(*id);
            }
        }
    }

    /// The reach of watchers together; `None` if one of them has no broadcast.
    pub fn coverage<'a>(&self, watchers: impl Iterator<Item = &'a WatcherId>) -> Option<Coverage> {
        let mut all = Coverage { revision: i64::MAX, first_wanted: 0, last_event: 0 };
        for id in watchers {
            let broadcast = self.all.get(self.homes.get(id)?)?;
            let watcher = broadcast.watchers().get(id)?;
            all.revision = all.revision.min(broadcast.next() - 1);
            all.first_wanted = all.first_wanted.max(watcher.start_revision());
            all.last_event = all.last_event.max(watcher.last_event());
        }
        Some(all)
    }

    /// The broadcasts of watchers that have not reached a revision.
    pub fn behind<'a>(
        &self,
        watchers: impl Iterator<Item = &'a WatcherId>,
        revision: i64,
    ) -> BTreeSet<BroadcastId> {
        let is_behind = |id: &BroadcastId| self.all.get(id).is_some_and(|home| home.next() <= revision);
        self.homes_of(watchers).into_iter().filter(is_behind).collect()
    }
}
