//! The streams of the election service that a client has open, as the world sees them.

use super::observe::LeaderSeen;
use crate::network::stream::StreamId;
use crate::recorder::ObserverIndex;
use crate::state::State;
use crate::trace::{Event, Fingerprint, NodeName};
use crate::translate;
use revline_checker::history::{MemberId as JudgedMember, ObservedLeader, WatchEnd};
use revline_store::api::{LeaderRequest, LeaderResponse};
use revline_store::error::Error;
use revline_store::machine::ClientFrame;
use std::collections::VecDeque;
use std::task::Waker;

pub(crate) struct OpenObserver {
    index: ObserverIndex,
    connection: StreamId,
    pub arrived: VecDeque<Result<LeaderSeen, Error>>,
    pub ended: bool,
    waker: Option<Waker>,
}

impl OpenObserver {
    pub fn wait(&mut self, waker: &Waker) {
        self.waker = Some(waker.clone());
    }

    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

impl State {
    /// Opens a stream; returns its name on this client, among those of watches.
    pub fn open_observer(&mut self, node: NodeName, request: LeaderRequest) -> u64 {
        let now_ns = self.now_ns;
        let (connection, member) = self.connect(node);
        let client = self.client(node).id;
        let name = translate::bytes(&request.name);
        let index = self.recorder.observer(client, Some(JudgedMember(member)), name, now_ns);
        let client = self.client(node);
        client.next_watch += 1;
        let stream = client.next_watch;
        let open = OpenObserver { index, connection, arrived: VecDeque::new(), ended: false, waker: None };
        client.observers.insert(stream, open);
        let token = client.token();
        self.send_to_server(node, connection, ClientFrame::Observe { stream, request, token });
        stream
    }

    /// The connection of some streams is gone.
    pub(super) fn end_observers(&mut self, node: NodeName, connection: StreamId) {
        let now_ns = self.now_ns;
        let mut ended = Vec::new();
        for open in self.client(node).observers.values_mut() {
            if open.connection == connection && !open.ended {
                open.ended = true;
                ended.push(open.index);
                open.wake();
            }
        }
        for index in ended {
            self.recorder.observer_ended(index, WatchEnd::Broken, now_ns);
        }
    }

    pub(super) fn leader_received(
        &mut self,
        node: NodeName,
        stream: u64,
        response: Result<LeaderResponse, Error>,
    ) {
        let now_ns = self.now_ns;
        let open = self.client(node).observers.get_mut(&stream).filter(|open| !open.ended);
        let Some(index) = open.map(|open| open.index) else { return };
        let shown = match response {
            Ok(LeaderResponse { header, kv: Some(kv) }) => {
                let revision = header.revision;
                let judged = translate::key_value(&kv);
                let number = self.recorder.number_of_observer(index);
                let content = Fingerprint::of(&judged);
                let frame = ObservedLeader { received_ns: now_ns, revision, kv: judged };
                self.recorder.observed(index, frame);
                self.record(node, Event::Observed { observer: number, revision, content });
                Ok(LeaderSeen { revision, kv })
            }
            Ok(LeaderResponse { kv: None, .. }) => unreachable!("a stream shows leaders alone"),
            Err(error) => {
                self.recorder.observer_ended(index, WatchEnd::Canceled, now_ns);
                Err(error)
            }
        };
        if let Some(open) = self.client(node).observers.get_mut(&stream) {
            open.ended |= shown.is_err();
            open.arrived.push_back(shown);
            open.wake();
        }
    }

    pub fn observer(&mut self, node: NodeName, stream: u64) -> Option<&mut OpenObserver> {
        self.client(node).observers.get_mut(&stream)
    }

    /// The client is done with a stream.
    pub fn close_observer(&mut self, node: NodeName, stream: u64) {
        let Some(open) = self.client(node).observers.remove(&stream) else { return };
        if !open.ended {
            let now_ns = self.now_ns;
            self.recorder.observer_ended(open.index, WatchEnd::Closed, now_ns);
            self.send_to_server(node, open.connection, ClientFrame::CloseStream { stream });
        }
    }
}
