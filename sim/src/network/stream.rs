//! Ordered streams: between clients and members, and proxies, which are either to the other.
//!
//! A stream delivers in order, or it breaks. While the way is cut its frames wait; when they have waited
//! too long the stream breaks, and all in flight in either direction is lost. It belongs to one start of the
//! process at either end: see [`handshake`](super::handshake).

use crate::cx::Cx;
use crate::due::{Due, Told};
pub(crate) use crate::parcel::{Direction, Frame, Parcel, StreamId};
use crate::trace::{NodeName, STREAMS_PER_CLIENT};
use revline_store::frame::{STREAM_QUEUE_RESPONSES, SessionId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};

/// The behaviour of streams.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct StreamConfig {
    /// A frame that could not be delivered for this long breaks its stream, in milliseconds.
    /// Default 3 000 (gRPC keepalive: interval and timeout).
    pub stall_ms: u64,
    /// Responses of one watch stream that were sent and not taken by the client's application, at which the server is
    /// told that the stream stalled; it is told that it flows when there are less than half. Default 128.
    pub queue_responses: usize,
}

impl Default for StreamConfig {
    fn default() -> Self {
        StreamConfig { stall_ms: 3_000, queue_responses: STREAM_QUEUE_RESPONSES }
    }
}

#[derive(Debug, Default)]
struct Lane {
    last_due_ns: u64,
    stalled: VecDeque<Parcel>,
    stalled_since_ns: Option<u64>,
}

/// A stream that is to be opened.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Opening {
    pub client: NodeName,
    pub server: NodeName,
    /// The client's own number of it, if it has one.
    pub session: SessionId,
    /// Responses wait at the client until its application takes them.
    pub queues_responses: bool,
}

#[derive(Debug)]
pub(crate) struct Stream {
    /// The node that opened it.
    pub client: NodeName,
    /// The node that was asked to take it.
    pub server: NodeName,
    /// The client's own number of it, if that is a proxy.
    pub session: SessionId,
    /// The start of the server's process that took it; `None` until the request for it arrived there.
    pub taken_by: Option<u64>,
    /// The client was told that it was taken.
    pub established: bool,
    /// The half of the handshake that waits for its way to open.
    pub handshake_waits: Option<Direction>,
    /// Said by the client before the stream was established.
    pub unsent: VecDeque<Parcel>,
    to_server: Lane,
    to_client: Lane,
    queues_responses: bool,
    /// Responses of each watch stream that the client's application has not taken.
    queues: BTreeMap<u64, Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    responses: usize,
    stalled: bool,
}

impl Stream {
    /// The node a direction starts from, and the one it ends at.
    pub fn ends(&self, direction: Direction) -> (NodeName, NodeName) {
        match direction {
            Direction::ToServer => (self.client, self.server),
            Direction::ToClient => (self.server, self.client),
        }
    }

    fn lane(&mut self, direction: Direction) -> &mut Lane {
        match direction {
            Direction::ToServer => &mut self.to_server,
            Direction::ToClient => &mut self.to_client,
        }
    }

    /// Puts a frame behind the ones that wait; true if it is the first that waits.
    pub fn stall(&mut self, direction: Direction, parcel: Parcel, now_ns: u64) -> bool {
        let lane = self.lane(direction);
        lane.stalled.push_back(parcel);
        let first = lane.stalled_since_ns.is_none();
        lane.stalled_since_ns.get_or_insert(now_ns);
        first
    }

    pub fn is_stalled(&self, direction: Direction) -> bool {
        match direction {
            Direction::ToServer => self.to_server.stalled_since_ns.is_some(),
            Direction::ToClient => self.to_client.stalled_since_ns.is_some(),
        }
    }

    /// Since when the oldest waiting frame of a direction waits.
    pub fn stalled_since_ns(&mut self, direction: Direction) -> Option<u64> {
        self.lane(direction).stalled_since_ns
    }

    pub fn take_stalled(&mut self, direction: Direction) -> VecDeque<Parcel> {
        let lane = self.lane(direction);
        lane.stalled_since_ns = None;
        std::mem::take(&mut lane.stalled)
    }

    /// Tells the process that took the stream something, before anything else happens.
    pub fn tell_server(&self, cx: &mut Cx<'_>, told: Told) {
        if let Some(incarnation) = self.taken_by {
            cx.agenda.soon(Due::Tell { node: self.server, incarnation, told });
        }
    }

    /// A watch response was sent; true if the queue is full now, and was not before.
    pub fn queued(&mut self, watch_stream: u64, capacity: usize) -> bool {
        if !self.queues_responses {
            return false;
        }
        let queue = self.queues.entry(watch_stream).or_default();
        queue.responses += 1;
        let fills = queue.responses >= capacity && !queue.stalled;
        queue.stalled |= fills;
        fills
    }

    /// A watch response was taken; true if the queue was full, and is less than half full now.
    pub fn taken(&mut self, watch_stream: u64, capacity: usize) -> bool {
        let Some(queue) = self.queues.get_mut(&watch_stream) else { return false };
        queue.responses = queue.responses.saturating_sub(1);
        let flows = queue.stalled && queue.responses < capacity.div_ceil(2);
        queue.stalled &= !flows;
        flows
    }

    /// The arrival of a frame that would take until `due_ns` by itself: after those before it.
    pub fn in_order(&mut self, direction: Direction, due_ns: u64) -> u64 {
        let lane = self.lane(direction);
        lane.last_due_ns = lane.last_due_ns.max(due_ns);
        lane.last_due_ns
    }
}

/// The streams that are open.
#[derive(Debug)]
pub(crate) struct Streams {
    config: StreamConfig,
    open: BTreeMap<StreamId, Stream>,
    /// The number of streams that each client has opened.
    opened: BTreeMap<NodeName, u64>,
}

impl Streams {
    pub fn new(config: StreamConfig) -> Streams {
        Streams { config, open: BTreeMap::new(), opened: BTreeMap::new() }
    }

    pub fn queue_responses(&self) -> usize {
        self.config.queue_responses.max(1)
    }

    pub fn stall_ns(&self) -> u64 {
        self.config.stall_ms * 1_000_000
    }

    pub fn open(&mut self, opening: Opening) -> StreamId {
        let Opening { client, server, session, queues_responses } = opening;
        let opened = self.opened.entry(client).or_default();
        *opened += 1;
        assert!(*opened < STREAMS_PER_CLIENT, "{client} opens streams without end");
        let id = client.0 * STREAMS_PER_CLIENT + *opened;
        let stream = Stream {
            client,
            server,
            session,
            taken_by: None,
            established: false,
            handshake_waits: None,
            unsent: VecDeque::new(),
            to_server: Lane::default(),
            to_client: Lane::default(),
            queues_responses,
            queues: BTreeMap::new(),
        };
        self.open.insert(id, stream);
        id
    }

    pub fn get(&mut self, id: StreamId) -> Option<&mut Stream> {
        self.open.get_mut(&id)
    }

    pub fn remove(&mut self, id: StreamId) -> Option<Stream> {
        self.open.remove(&id)
    }

    /// The streams whose process at one end is that of `node`. One whose request has not arrived yet has none at the
    /// server's end.
    pub fn of_node(&self, node: NodeName) -> Vec<StreamId> {
        let at_end =
            |stream: &Stream| stream.client == node || (stream.server == node && stream.taken_by.is_some());
        self.open.iter().filter(|(_, stream)| at_end(stream)).map(|(&id, _)| id).collect()
    }

    /// The streams whose handshake waits for a way to open, with the direction it waits in.
    pub fn handshakes_waiting(&self) -> Vec<(StreamId, Direction)> {
        self.open.iter().filter_map(|(&id, stream)| Some((id, stream.handshake_waits?))).collect()
    }

    /// The streams that have frames waiting, with the direction they wait in.
    pub fn stalled(&self) -> Vec<(StreamId, Direction)> {
        self.open
            .iter()
            .flat_map(|(&id, stream)| {
                [Direction::ToServer, Direction::ToClient]
                    .into_iter()
                    .filter(|&direction| stream.is_stalled(direction))
                    .map(move |direction| (id, direction))
            })
            .collect()
    }
}
