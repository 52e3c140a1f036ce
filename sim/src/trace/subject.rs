//! The subjects of events: where two events have one subject, they have the same details.

use super::{Event, Fingerprint};

/// The kind of a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Message,
    Frame,
    Append,
    Request,
    AdminRequest,
    Outcome,
    AdminOutcome,
    Watch,
    Leader,
    Fault,
    Hold,
    Reason,
    Observation,
}

/// The subject of an event, if it has one.
pub(super) fn subject(event: &Event) -> Option<(Kind, u64)> {
    use Event::*;
    let (kind, Fingerprint(number)) = match *event {
        Send { content, .. } | Deliver { content, .. } | Drop { content, .. } | Duplicate { content, .. } => {
            (Kind::Message, content)
        }
        FrameSend { content, .. } | FrameDeliver { content, .. } => (Kind::Frame, content),
        DiskAppend { content, .. } => (Kind::Append, content),
        Invoke { request, .. } => (Kind::Request, request),
        Ask { request, .. } => (Kind::AdminRequest, request),
        Return { outcome, .. } => (Kind::Outcome, outcome),
        Answer { outcome, .. } => (Kind::AdminOutcome, outcome),
        WatchFrame { content, .. } => (Kind::Watch, content),
        Observed { content, .. } => (Kind::Leader, content),
        // One that is healed, and its victims, are told with its words.
        Fault { fault, .. } | Heal { fault } | Victim { fault } => (Kind::Fault, Fingerprint(fault.0)),
        Hold { hold, .. } | Release { hold } => (Kind::Hold, Fingerprint(hold)),
        Refuse { why } | Stop { why } => (Kind::Reason, why),
        Panic { what } | DiskFail { what } | Damage { what } => (Kind::Reason, what),
        Exit { how } => (Kind::Reason, how),
        Observe { content } => (Kind::Observation, content),
        _ => return None,
    };
    Some((kind, number))
}
