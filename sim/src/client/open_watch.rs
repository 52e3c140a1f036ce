//! The watch streams a client has open, as the world sees them.

use crate::network::stream::StreamId;
use crate::recorder::WatchIndex;
use crate::state::State;
use crate::trace::{Event, Fingerprint, NodeName, WatchName};
use crate::translate;
use revline_checker::history::{MemberId as JudgedMember, WatchEnd};
use revline_store::api::{
    INVALID_WATCH_ID, WatchCancelRequest, WatchCreateRequest, WatchRequest, WatchResponse,
};
use revline_store::machine::ClientFrame;
use std::collections::{BTreeMap, VecDeque};
use std::task::Waker;

/// A watch stream, on which there may be many watches. The client names them by numbers of its own.
pub(crate) struct OpenWatchStream {
    connection: StreamId,
    watches: BTreeMap<u32, OpenWatch>,
    /// The watches that were asked for and not answered yet: answers come in the order of the requests.
    asked: VecDeque<u32>,
    by_id: BTreeMap<i64, u32>,
    /// What came, with the watch it concerns; none of them, or all.
    pub arrived: VecDeque<(Option<u32>, WatchResponse)>,
    pub ended: bool,
    waker: Option<Waker>,
}

#[derive(Debug)]
struct OpenWatch {
    index: WatchIndex,
    id: Option<i64>,
    /// The client wants no more of it, or is told no more.
    over: bool,
}

impl OpenWatchStream {
    pub fn wait(&mut self, waker: &Waker) {
        self.waker = Some(waker.clone());
    }

    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    /// Where a watch is in the history.
    pub fn index_of(&self, number: u32) -> Option<u64> {
        self.watches.get(&number).map(|watch| watch.index as u64)
    }

    /// Which watch a response is about, if it is not about all.
    fn concerned(&mut self, response: &WatchResponse) -> Option<Option<u32>> {
        if response.created {
            let number = self.asked.pop_front()?;
            if !response.canceled {
                self.by_id.insert(response.watch_id, number);
                if let Some(watch) = self.watches.get_mut(&number) {
                    watch.id = Some(response.watch_id);
                }
            }
            return Some(Some(number));
        }
        if response.watch_id == INVALID_WATCH_ID {
            return Some(None);
        }
        let number = if response.canceled {
            self.by_id.remove(&response.watch_id)?
        } else {
            *self.by_id.get(&response.watch_id)?
        };
        Some(Some(number))
    }
}

impl State {
    /// The connection of some streams is gone.
    pub fn end_watches(&mut self, node: NodeName, connection: StreamId) {
        let now_ns = self.now_ns;
        let mut ended = Vec::new();
        for stream in self.client(node).watch_streams.values_mut() {
            if stream.connection == connection && !stream.ended {
                stream.ended = true;
                ended.extend(stream.watches.values().filter(|watch| !watch.over).map(|watch| watch.index));
                stream.wake();
            }
        }
        for index in ended {
            self.recorder.watch_ended(index, WatchEnd::Broken, now_ns);
        }
    }

    /// Opens a watch stream; returns its name on this client.
    pub fn open_watch_stream(&mut self, node: NodeName) -> u64 {
        let (connection, _) = self.connect(node);
        let client = self.client(node);
        client.next_watch += 1;
        let stream = OpenWatchStream {
            connection,
            watches: BTreeMap::new(),
            asked: VecDeque::new(),
            by_id: BTreeMap::new(),
            arrived: VecDeque::new(),
            ended: false,
            waker: None,
        };
        client.watch_streams.insert(client.next_watch, stream);
        client.next_watch
    }

    /// Begins a watch on a stream, under a number that no other watch of it had.
    pub fn watch(
        &mut self,
        node: NodeName,
        stream: u64,
        number: u32,
        request: WatchCreateRequest,
        resumes: Option<u64>,
    ) {
        let now_ns = self.now_ns;
        let Some(connection) = self.watch_stream(node, stream).map(|open| open.connection) else { return };
        let server = self.client(node).connection.map(|(_, server)| server);
        let client = self.client(node).id;
        let judged = translate::watch_request(&request);
        let index = self.recorder.watch(client, server.map(JudgedMember), resumes, judged, now_ns);
        self.counters.watches_resumed += u64::from(resumes.is_some());
        let (token, user) = (self.client(node).token(), self.client(node).user());
        self.recorder.watched_by(index, user);
        let Some(open) = self.watch_stream(node, stream) else { return };
        open.watches.insert(number, OpenWatch { index, id: None, over: false });
        open.asked.push_back(number);
        if open.ended {
            self.recorder.watch_ended(index, WatchEnd::Broken, now_ns);
        }
        let frame = ClientFrame::Watch { stream, request: WatchRequest::Create(request), token };
        self.send_to_server(node, connection, frame);
    }

    pub(super) fn watch_received(&mut self, node: NodeName, stream: u64, response: WatchResponse) {
        let now_ns = self.now_ns;
        let Some(open) = self.client(node).watch_streams.get_mut(&stream).filter(|open| !open.ended) else {
            return;
        };
        let connection = open.connection;
        let Some(number) = open.concerned(&response) else {
            return self.with_network(|network, cx| network.response_taken(cx, connection, stream));
        };
        let (ends, ends_all) = (response.canceled, response.canceled && number.is_none());
        let unwanted = match number.and_then(|number| open.watches.get(&number)) {
            Some(watch) => watch.over,
            None => false,
        };
        let (mut shown, mut shown_all) = (None, Vec::new());
        let OpenWatchStream { watches, by_id, .. } = open;
        let mut show = |number: u32| {
            let watch = watches.get_mut(&number).filter(|watch| !watch.over)?;
            watch.over |= ends;
            Some((number, watch.index))
        };
        match number {
            Some(number) => shown = show(number),
            None => shown_all.extend(by_id.values().copied().filter_map(show)),
        }
        open.ended |= ends_all;
        let revision = response.header.revision;
        for (number, index) in shown.into_iter().chain(shown_all) {
            let frame = translate::watch_frame(&response, now_ns);
            let content = Fingerprint(self.recorder.watch_frame(index, frame));
            let watch = WatchName { stream: stream as u32, watch: number };
            self.record(node, Event::WatchFrame { watch, revision, content });
            if ends {
                self.counters.watches_compacted += u64::from(response.compact_revision != 0);
                self.recorder.watch_ended(index, WatchEnd::Canceled, now_ns);
            }
        }
        if unwanted {
            if response.created && !response.canceled {
                let cancel = WatchCancelRequest { watch_id: response.watch_id };
                self.watch_send(node, stream, WatchRequest::Cancel(cancel));
            }
            return self.with_network(|network, cx| network.response_taken(cx, connection, stream));
        }
        if response.compact_revision != 0 {
            // Its id stays taken until then.
            let cancel = WatchCancelRequest { watch_id: response.watch_id };
            self.watch_send(node, stream, WatchRequest::Cancel(cancel));
        }
        if let Some(open) = self.watch_stream(node, stream) {
            open.arrived.push_back((number, response));
            open.wake();
        }
    }

    pub fn watch_stream(&mut self, node: NodeName, stream: u64) -> Option<&mut OpenWatchStream> {
        self.client(node).watch_streams.get_mut(&stream)
    }

    /// The application takes the next response of a stream.
    pub fn take_response(&mut self, node: NodeName, stream: u64) -> Option<(Option<u32>, WatchResponse)> {
        let open = self.watch_stream(node, stream)?;
        let (connection, response) = (open.connection, open.arrived.pop_front()?);
        self.with_network(|network, cx| network.response_taken(cx, connection, stream));
        Some(response)
    }

    /// Sends something more on a stream.
    pub fn watch_send(&mut self, node: NodeName, stream: u64, request: WatchRequest) {
        if let Some(connection) = self.watch_stream(node, stream).map(|open| open.connection) {
            let token = self.client(node).token();
            self.send_to_server(node, connection, ClientFrame::Watch { stream, request, token });
        }
    }

    /// The client is done with one watch of a stream.
    pub fn cancel_watch(&mut self, node: NodeName, stream: u64, number: u32) {
        let now_ns = self.now_ns;
        let Some(open) = self.watch_stream(node, stream) else { return };
        let Some(watch) = open.watches.get_mut(&number).filter(|watch| !watch.over) else { return };
        watch.over = true;
        let (index, id) = (watch.index, watch.id);
        self.recorder.watch_ended(index, WatchEnd::Closed, now_ns);
        // One whose id is not known yet is canceled when it is.
        if let Some(watch_id) = id {
            self.watch_send(node, stream, WatchRequest::Cancel(WatchCancelRequest { watch_id }));
        }
    }

    /// The client is done with a stream.
    pub fn close_watch_stream(&mut self, node: NodeName, stream: u64) {
        let now_ns = self.now_ns;
        let Some(open) = self.client(node).watch_streams.remove(&stream) else { return };
        for watch in open.watches.values().filter(|watch| !watch.over) {
            self.recorder.watch_ended(watch.index, WatchEnd::Closed, now_ns);
        }
        if !open.ended {
            self.send_to_server(node, open.connection, ClientFrame::CloseStream { stream });
        }
    }
}
