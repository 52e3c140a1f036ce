//! The keys of questions, for answers that name none: a put is answered without its key.

use revline_sim::trace::{Details, Event, KeyRange, Record};
use std::collections::BTreeMap;

/// The call or the watch that an answer belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Exchange {
    /// An operation of a client: its node, and the number of the call.
    Operation(u64, u64),
    /// A call on a connection.
    Call(u64, u64),
    /// A stream of watches or leaders on a connection.
    Stream(u64, u64),
}

/// The keys of all that was asked so far.
#[derive(Debug, Default)]
pub(super) struct Exchanges(BTreeMap<Exchange, Vec<KeyRange>>);

impl Exchanges {
    /// Notes the keys of a question; returns those of what an answer belongs to.
    pub fn take(&mut self, record: &Record, details: Option<&Details>) -> &[KeyRange] {
        let Some((exchange, is_question)) = exchange(record, details) else { return &[] };
        if is_question {
            let keys = details.map(Details::keys).unwrap_or_default();
            let known = self.0.entry(exchange).or_default();
            // Several watches may share a stream; a frame is sent and arrives.
            for key in keys {
                if !known.contains(key) {
                    known.push(key.clone());
                }
            }
        }
        self.0.get(&exchange).map_or(&[], Vec::as_slice)
    }
}

/// The exchange that an event belongs to, and true if it is the question.
fn exchange(record: &Record, details: Option<&Details>) -> Option<(Exchange, bool)> {
    match record.event {
        Event::Invoke { call, .. } | Event::Ask { call, .. } => {
            Some((Exchange::Operation(record.node.0, call), true))
        }
        Event::Return { call, .. } | Event::Answer { call, .. } => {
            Some((Exchange::Operation(record.node.0, call), false))
        }
        Event::FrameSend { message, stream, .. } | Event::FrameDeliver { message, stream, .. } => {
            let number = details?.number()?;
            Some(match message {
                "call" => (Exchange::Call(stream.0, number), true),
                "reply" | "cancel" => (Exchange::Call(stream.0, number), false),
                "watch request" | "observe request" => (Exchange::Stream(stream.0, number), true),
                _ => (Exchange::Stream(stream.0, number), false),
            })
        }
        _ => None,
    }
}
