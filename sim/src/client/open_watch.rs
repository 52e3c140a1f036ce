//! The watches a client has open, as the world sees them.

use crate::network::stream::StreamId;
use crate::recorder::WatchIndex;
use crate::state::State;
use crate::trace::{Kind, NodeName};
use crate::translate;
use revline_checker::history::{ClientId, MemberId as JudgedMember, WatchEnd};
use revline_store::api::{WatchCreateRequest, WatchRequest, WatchResponse};
use revline_store::machine::ClientFrame;
use std::collections::VecDeque;
use std::task::Waker;

pub(crate) struct OpenWatch {
    pub index: WatchIndex,
    connection: StreamId,
    pub arrived: VecDeque<WatchResponse>,
    pub ended: bool,
    waker: Option<Waker>,
}

impl OpenWatch {
    pub fn wait(&mut self, waker: &Waker) {
        self.waker = Some(waker.clone());
    }
}

impl State {
    /// The stream of some watches is gone.
    pub fn end_watches(&mut self, node: NodeName, stream: StreamId) {
        let now_ns = self.now_ns;
        let mut ended = Vec::new();
        for watch in self.client(node).watches.values_mut() {
            if watch.connection == stream && !watch.ended {
                watch.ended = true;
                ended.push(watch.index);
                if let Some(waker) = watch.waker.take() {
                    waker.wake();
                }
            }
        }
        for index in ended {
            self.recorder.watch_ended(index, WatchEnd::Broken, now_ns);
        }
    }

    /// Begins a watch; returns its name on this client.
    pub fn watch(&mut self, node: NodeName, request: WatchCreateRequest, resumes: Option<u64>) -> u64 {
        let now_ns = self.now_ns;
        let (stream, member) = self.connect(node);
        let client = ClientId(node.0 - NodeName::FIRST_CLIENT);
        let judged = translate::watch_request(&request);
        let index = self.recorder.watch(client, JudgedMember(member), resumes, judged, now_ns);
        self.counters.watches_resumed += u64::from(resumes.is_some());
        let client = self.client(node);
        client.next_watch += 1;
        let watch = client.next_watch;
        let open =
            OpenWatch { index, connection: stream, arrived: VecDeque::new(), ended: false, waker: None };
        client.watches.insert(watch, open);
        let (token, user) = (client.token(), client.user());
        let frame = ClientFrame::Watch { stream: watch, request: WatchRequest::Create(request), token };
        self.recorder.watched_by(index, user);
        self.send_to_server(node, stream, frame);
        watch
    }

    pub(super) fn watch_received(&mut self, node: NodeName, watch: u64, response: WatchResponse) {
        let now_ns = self.now_ns;
        let Some(index) =
            self.client(node).watches.get(&watch).filter(|open| !open.ended).map(|open| open.index)
        else {
            return;
        };
        let frame = translate::watch_frame(&response, now_ns);
        let revision = response.header.revision;
        let frame_fingerprint = self.recorder.watch_frame(index, frame);
        self.record(Kind::WatchFrame, node, [index as u64, revision as u64, frame_fingerprint]);
        if response.canceled {
            self.counters.watches_compacted += u64::from(response.compact_revision != 0);
            self.recorder.watch_ended(index, WatchEnd::Canceled, now_ns);
        }
        if let Some(open) = self.client(node).watches.get_mut(&watch) {
            open.ended |= response.canceled;
            open.arrived.push_back(response);
            if let Some(waker) = open.waker.take() {
                waker.wake();
            }
        }
    }

    pub fn open_watch(&mut self, node: NodeName, watch: u64) -> Option<&mut OpenWatch> {
        self.client(node).watches.get_mut(&watch)
    }

    /// Sends something more on the stream of a watch.
    pub fn watch_send(&mut self, node: NodeName, watch: u64, request: WatchRequest) {
        if let Some(stream) = self.open_watch(node, watch).map(|open| open.connection) {
            let token = self.client(node).token();
            let frame = ClientFrame::Watch { stream: watch, request, token };
            self.send_to_server(node, stream, frame);
        }
    }

    /// The client is done with a watch.
    pub fn close_watch(&mut self, node: NodeName, watch: u64) {
        let now_ns = self.now_ns;
        let Some(open) = self.client(node).watches.remove(&watch) else { return };
        self.recorder.watch_ended(open.index, WatchEnd::Closed, now_ns);
        if !open.ended {
            self.send_to_server(node, open.connection, ClientFrame::CloseStream { stream: watch });
        }
    }
}
