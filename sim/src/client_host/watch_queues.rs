//! The watch streams of a client: responses that its application has not taken, and what the history has of them.

use super::notes::Notes;
use crate::details;
use crate::parcel::StreamId;
use crate::recorder::WatchIndex;
use crate::trace::{Event, Fingerprint, WatchName};
use crate::translate;
use revline_checker::history::{ClientId, MemberId as JudgedMember, WatchEnd};
use revline_store::api::{WatchCreateRequest, WatchResponse};
use revline_store::client::Concerns;
use revline_store::machine::MemberId;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::task::Waker;

/// The watch streams of one client, by their numbers.
#[derive(Default)]
pub(crate) struct WatchQueues {
    streams: BTreeMap<u64, WatchQueue>,
}

/// The responses of one stream, and its watches.
#[derive(Default)]
pub(super) struct WatchQueue {
    watches: BTreeMap<u32, RecordedWatch>,
    arrived: VecDeque<Arrived>,
    /// Goes on by itself once it has ended.
    resume: bool,
    ended: bool,
    waker: Option<Waker>,
    /// The watches that the application ended and the server says are over.
    confirmed: BTreeSet<u32>,
}

struct RecordedWatch {
    index: WatchIndex,
    /// The history knows its end.
    over: bool,
}

/// A response that the application has not taken.
pub(super) struct Arrived {
    /// The connection that has room for another response once this one is taken.
    pub connection: StreamId,
    /// The number under which the server knows the stream.
    pub on_wire: u64,
    /// The watch it concerns; `None` for all of the stream.
    pub watch: Option<u32>,
    pub response: WatchResponse,
}

/// The origin of a watch, for the history.
pub(super) struct Watching {
    pub client: ClientId,
    pub server: Option<MemberId>,
    pub user: Option<String>,
    /// The watch that it continues.
    pub resumes: Option<u64>,
}

impl WatchQueue {
    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    /// The end of every watch that has none yet.
    fn end(&mut self, end: WatchEnd, notes: &mut Notes<'_>) {
        for watch in self.watches.values().filter(|watch| !watch.over) {
            notes.recorder.watch_ended(watch.index, end.clone(), notes.now_ns);
        }
    }
}

impl WatchQueues {
    /// Adds a stream, which may `resume` by itself when it breaks.
    pub fn open(&mut self, stream: u64, resume: bool) {
        self.streams.insert(stream, WatchQueue { resume, ..WatchQueue::default() });
    }

    /// A stream goes on.
    pub fn resumed(&mut self, stream: u64) {
        if let Some(queue) = self.streams.get_mut(&stream) {
            queue.ended = false;
        }
    }

    /// Notes that a watch begins.
    pub fn began(
        &mut self,
        stream: u64,
        number: u32,
        request: &WatchCreateRequest,
        watching: Watching,
        notes: &mut Notes<'_>,
    ) {
        let Some(queue) = self.streams.get_mut(&stream) else { return };
        let Watching { client, server, user, resumes } = watching;
        let judged = translate::watch_request(request);
        let index = notes.recorder.watch(client, server.map(JudgedMember), resumes, judged, notes.now_ns);
        notes.counters.watches_resumed += u64::from(resumes.is_some());
        notes.recorder.watched_by(index, user);
        queue.watches.insert(number, RecordedWatch { index, over: false });
        if queue.ended {
            notes.recorder.watch_ended(index, WatchEnd::Broken, notes.now_ns);
        }
    }

    /// The position of a watch in the history.
    pub fn index_of(&self, stream: u64, number: u32) -> Option<u64> {
        Some(self.streams.get(&stream)?.watches.get(&number)?.index as u64)
    }

    /// Notes a response, and keeps it for the application.
    pub fn arrived(
        &mut self,
        stream: u64,
        (connection, on_wire): (StreamId, u64),
        concerns: &Concerns,
        response: WatchResponse,
        notes: &mut Notes<'_>,
    ) {
        let Some(queue) = self.streams.get_mut(&stream) else { return };
        let revision = response.header.revision;
        for number in concerns.watches() {
            let Some(watch) = queue.watches.get_mut(number).filter(|watch| !watch.over) else { continue };
            let frame = translate::watch_frame(&response, notes.now_ns);
            let content = Fingerprint(notes.recorder.watch_frame(watch.index, frame));
            let watch_name = WatchName { stream: on_wire as u32, watch: *number };
            let event = Event::WatchFrame { watch: watch_name, revision, content };
            let frame = || translate::watch_frame(&response, 0);
            notes.record(event, || details::watch_frame(&frame()));
            if response.canceled {
                watch.over = true;
                notes.counters.watches_compacted += u64::from(response.compact_revision != 0);
                notes.recorder.watch_ended(watch.index, WatchEnd::Canceled, notes.now_ns);
            }
        }
        queue.arrived.push_back(Arrived { connection, on_wire, watch: concerns.one(), response });
        queue.wake();
    }

    /// Takes the next response of a stream.
    pub fn take(&mut self, stream: u64) -> Option<Arrived> {
        self.streams.get_mut(&stream)?.arrived.pop_front()
    }

    /// Has `waker` woken when there is something new on a stream; false if nothing more comes.
    pub fn wait(&mut self, stream: u64, waker: &Waker) -> bool {
        match self.streams.get_mut(&stream) {
            Some(queue) if queue.resume || !queue.ended => {
                queue.waker = Some(waker.clone());
                true
            }
            _ => false,
        }
    }

    /// Notes that a stream ended: broken, or by the server, which said so to each watch.
    pub fn ended(&mut self, stream: u64, broken: bool, notes: &mut Notes<'_>) {
        let Some(queue) = self.streams.get_mut(&stream) else { return };
        queue.ended = true;
        if broken {
            queue.end(WatchEnd::Broken, notes);
        }
        queue.wake();
    }

    /// Notes that the application wants no more of a watch.
    pub fn cancel(&mut self, stream: u64, number: u32, notes: &mut Notes<'_>) {
        let watch = self.streams.get_mut(&stream).and_then(|queue| queue.watches.get_mut(&number));
        if let Some(watch) = watch.filter(|watch| !watch.over) {
            watch.over = true;
            notes.recorder.watch_ended(watch.index, WatchEnd::Closed, notes.now_ns);
        }
    }

    /// Notes that the server says that a watch is over which the application ended.
    pub fn cancel_confirmed(&mut self, stream: u64, number: u32) {
        if let Some(queue) = self.streams.get_mut(&stream) {
            queue.confirmed.insert(number);
            queue.wake();
        }
    }

    /// Returns true if the server said that a watch is over which the application ended.
    pub fn is_cancel_confirmed(&self, stream: u64, number: u32) -> bool {
        self.streams.get(&stream).is_some_and(|queue| queue.confirmed.contains(&number))
    }

    /// Forgets a stream that the application closes.
    pub fn close(&mut self, stream: u64, notes: &mut Notes<'_>) {
        if let Some(mut queue) = self.streams.remove(&stream) {
            queue.end(WatchEnd::Closed, notes);
        }
    }
}
