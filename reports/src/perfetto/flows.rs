//! The ways of messages: from the event at the sender to the one at the receiver.

use revline_sim::trace::{Event, Lost, NodeName, Record};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// An end of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    /// The flow: the position of the event at the sender.
    pub id: u64,
    /// True at the sender.
    pub is_out: bool,
}

/// The flows of a run.
#[derive(Debug, Default)]
pub(super) struct Flows {
    /// The sent event of each that arrived.
    sent: BTreeMap<usize, usize>,
    /// The events whose message arrived.
    arrived: BTreeSet<usize>,
}

/// Messages that look alike: sender, receiver, stream, content.
type Alike = (NodeName, NodeName, u64, u64);

impl Flows {
    /// Finds the sender's event of each message that arrived. Of several that look alike, the first one that was sent
    /// arrives first.
    pub fn of(records: &[Record]) -> Flows {
        let mut flows = Flows::default();
        let mut under_way: BTreeMap<Alike, VecDeque<usize>> = BTreeMap::new();
        for (at, Record { node, event, .. }) in records.iter().enumerate() {
            let mut take = |alike: Alike| under_way.get_mut(&alike).and_then(VecDeque::pop_front);
            let arrived = match *event {
                Event::Deliver { from, content, .. } => take((from, *node, 0, content.0)),
                Event::FrameDeliver { from, stream, content, .. } => take((from, *node, stream.0, content.0)),
                Event::Send { to, content, .. } | Event::Duplicate { to, content, .. } => {
                    let alike = under_way.entry((*node, to, 0, content.0)).or_default();
                    // A second one has the origin of the first.
                    let is_second = matches!(event, Event::Duplicate { .. });
                    alike.push_back(alike.back().copied().filter(|_| is_second).unwrap_or(at));
                    None
                }
                Event::FrameSend { to, stream, content, .. } => {
                    under_way.entry((*node, to, stream.0, content.0)).or_default().push_back(at);
                    None
                }
                Event::Drop { to, content, why, .. } => {
                    let alike = under_way.entry((*node, to, 0, content.0)).or_default();
                    // One that found nobody was under way; any other was lost as it was sent.
                    let _ = if why == Lost::ReceiverDown { alike.pop_front() } else { alike.pop_back() };
                    None
                }
                _ => None,
            };
            if let Some(sent) = arrived {
                flows.sent.insert(at, sent);
                flows.arrived.insert(sent);
            }
        }
        flows
    }

    /// The end of a flow at an event.
    pub fn at(&self, at: usize) -> Option<End> {
        match self.sent.get(&at) {
            Some(&sent) => Some(End { id: sent as u64 + 1, is_out: false }),
            None => self.arrived.contains(&at).then_some(End { id: at as u64 + 1, is_out: true }),
        }
    }
}
