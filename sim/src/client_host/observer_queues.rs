//! The streams of the election service that a client has open: leaders that its application has not taken, and what the
//! history has of them.

use super::notes::Notes;
use crate::details;
use crate::recorder::ObserverIndex;
use crate::trace::{Event, Fingerprint};
use crate::translate;
use revline_checker::history::{ObservedLeader, WatchEnd};
use revline_store::api::LeaderResponse;
use revline_store::concurrency::LeaderSeen;
use revline_store::error::Error;
use std::collections::{BTreeMap, VecDeque};
use std::task::Waker;

/// The observers of one client, by the numbers of their streams.
#[derive(Default)]
pub(crate) struct ObserverQueues {
    streams: BTreeMap<u64, ObserverQueue>,
}

struct ObserverQueue {
    index: ObserverIndex,
    arrived: VecDeque<Result<LeaderSeen, Error>>,
    ended: bool,
    waker: Option<Waker>,
}

/// The state of an observer, as its application finds it.
pub(crate) enum Next {
    /// A leader, or the error that ended the stream.
    Shown(Result<LeaderSeen, Error>),
    /// Nothing yet.
    Waits,
    /// Nothing more.
    Ended,
}

impl ObserverQueue {
    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

impl ObserverQueues {
    /// Adds a stream, which the history has at this index.
    pub fn open(&mut self, stream: u64, index: ObserverIndex) {
        let queue = ObserverQueue { index, arrived: VecDeque::new(), ended: false, waker: None };
        self.streams.insert(stream, queue);
    }

    /// Notes a response, and keeps it for the application.
    pub fn arrived(&mut self, stream: u64, response: Result<LeaderResponse, Error>, notes: &mut Notes<'_>) {
        let Some(queue) = self.streams.get_mut(&stream) else { return };
        let shown = match response {
            Ok(LeaderResponse { header, kv: Some(kv) }) => {
                let (revision, judged) = (header.revision, translate::key_value(&kv));
                let number = notes.recorder.number_of_observer(queue.index);
                let content = Fingerprint::of(&judged);
                let frame = ObservedLeader { received_ns: notes.now_ns, revision, kv: judged };
                notes.recorder.observed(queue.index, frame);
                let event = Event::Observed { observer: number, revision, content };
                notes.record(event, || details::key_value(&translate::key_value(&kv)));
                Ok(LeaderSeen { revision, kv })
            }
            Ok(LeaderResponse { kv: None, .. }) => unreachable!("a stream shows leaders alone"),
            Err(error) => {
                notes.recorder.observer_ended(queue.index, WatchEnd::Canceled, notes.now_ns);
                Err(error)
            }
        };
        queue.ended |= shown.is_err();
        queue.arrived.push_back(shown);
        queue.wake();
    }

    /// Notes that the connection of a stream broke.
    pub fn broke(&mut self, stream: u64, notes: &mut Notes<'_>) {
        if let Some(queue) = self.streams.get_mut(&stream) {
            queue.ended = true;
            queue.wake();
            notes.recorder.observer_ended(queue.index, WatchEnd::Broken, notes.now_ns);
        }
    }

    /// Takes the next leader of a stream; `waker` is woken once there is one.
    pub fn next(&mut self, stream: u64, waker: &Waker) -> Next {
        let Some(queue) = self.streams.get_mut(&stream) else { return Next::Ended };
        match queue.arrived.pop_front() {
            Some(shown) => Next::Shown(shown),
            None if queue.ended => Next::Ended,
            None => {
                queue.waker = Some(waker.clone());
                Next::Waits
            }
        }
    }

    /// Forgets a stream that the application closes.
    pub fn close(&mut self, stream: u64, notes: &mut Notes<'_>) {
        if let Some(queue) = self.streams.remove(&stream).filter(|queue| !queue.ended) {
            notes.recorder.observer_ended(queue.index, WatchEnd::Closed, notes.now_ns);
        }
    }
}
