//! The evidence of a violation: the fewest things from the history that contradict each other.

use crate::history::{ClientId, History, MemberId, Watch};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The reason that a guarantee is violated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The way it was broken, as a stable slug: shrinking keeps a smaller history only if the same
    /// guarantee is broken in the same way.
    pub kind: String,
    /// The violation in a sentence.
    pub message: String,
    /// The operations, frames and observations that show it: the one at fault first, then what it contradicts.
    pub exhibits: Vec<Exhibit>,
}

impl Evidence {
    /// Evidence of one kind.
    pub fn new(kind: &str, message: impl Into<String>, exhibits: Vec<Exhibit>) -> Self {
        Evidence { kind: kind.to_owned(), message: message.into(), exhibits }
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.kind)?;
        self.exhibits.iter().try_for_each(|exhibit| write!(f, "\n  {exhibit}"))
    }
}

/// The place of an exhibit in the history. Indexes count from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// In [`History::operations`].
    Operation {
        /// Its index.
        index: usize,
    },
    /// In [`History::watches`].
    Watch {
        /// The index of the watch.
        index: usize,
        /// The id of the watch.
        id: u64,
        /// The index of the frame, where one frame is meant.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        frame: Option<usize>,
        /// The index of the event in its frame, where one event is meant.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        event: Option<usize>,
    },
    /// In [`History::holds`].
    Hold {
        /// Its index.
        index: usize,
    },
    /// In [`History::observers`].
    Observer {
        /// Its index.
        index: usize,
        /// The id of the observer.
        id: u64,
        /// The index of the frame, where one frame is meant.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        frame: Option<usize>,
    },
    /// In [`History::admin_calls`].
    AdminCall {
        /// Its index.
        index: usize,
    },
    /// In [`History::observations`].
    Observation {
        /// Its index.
        index: usize,
    },
}

/// One thing from the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exhibit {
    /// The place of the exhibit in the history.
    pub place: Place,
    /// The client, if it is a client's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<ClientId>,
    /// The member it came from, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<MemberId>,
    /// The start, in nanoseconds.
    pub from_ns: u64,
    /// The end, if it ended, in nanoseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_ns: Option<u64>,
    /// The exhibit in words.
    pub text: String,
}

impl Exhibit {
    /// The operation at `index`.
    pub fn operation(history: &History, index: usize) -> Self {
        let operation = &history.operations[index];
        Exhibit {
            place: Place::Operation { index },
            client: Some(operation.client),
            member: operation.answered_by(),
            from_ns: operation.invoke_ns,
            to_ns: operation.return_ns,
            text: operation.to_string(),
        }
    }

    /// The watch at `index`: its request and its end.
    pub fn watch(history: &History, index: usize) -> Self {
        let watch = &history.watches[index];
        let text = match watch.end_ns {
            Some(_) => format!("{} ({:?})", watch.request, watch.end),
            None => watch.request.to_string(),
        };
        Exhibit::of_watch(watch, index, None, None, (watch.invoke_ns, watch.end_ns), text)
    }

    /// One frame of the watch at `index`.
    pub fn frame(history: &History, index: usize, frame: usize) -> Self {
        let watch = &history.watches[index];
        let shown = &watch.frames[frame];
        let at = (shown.received_ns, Some(shown.received_ns));
        Exhibit::of_watch(watch, index, Some(frame), None, at, shown.to_string())
    }

    /// One event in one frame of the watch at `index`.
    pub fn event(history: &History, index: usize, frame: usize, event: usize) -> Self {
        let watch = &history.watches[index];
        let shown = &watch.frames[frame];
        let at = (shown.received_ns, Some(shown.received_ns));
        Exhibit::of_watch(watch, index, Some(frame), Some(event), at, shown.events[event].to_string())
    }

    fn of_watch(
        watch: &Watch,
        index: usize,
        frame: Option<usize>,
        event: Option<usize>,
        (from_ns, to_ns): (u64, Option<u64>),
        text: String,
    ) -> Self {
        Exhibit {
            place: Place::Watch { index, id: watch.id, frame, event },
            client: Some(watch.client),
            member: watch.member,
            from_ns,
            to_ns,
            text,
        }
    }

    /// The hold at `index`.
    pub fn hold(history: &History, index: usize) -> Self {
        let hold = &history.holds[index];
        Exhibit {
            place: Place::Hold { index },
            client: Some(hold.client),
            member: None,
            from_ns: hold.from_ns,
            to_ns: hold.until_ns,
            text: hold.to_string(),
        }
    }

    /// One frame of the observer at `index`.
    pub fn observed(history: &History, index: usize, frame: usize) -> Self {
        let observer = &history.observers[index];
        let shown = &observer.frames[frame];
        Exhibit {
            place: Place::Observer { index, id: observer.id, frame: Some(frame) },
            client: Some(observer.client),
            member: observer.member,
            from_ns: shown.received_ns,
            to_ns: Some(shown.received_ns),
            text: shown.to_string(),
        }
    }

    /// The call of the cluster or the maintenance API at `index`.
    pub(crate) fn admin_call(history: &History, index: usize) -> Self {
        let call = &history.admin_calls[index];
        let answered = call.response().map(|response| response.header().member);
        Exhibit {
            place: Place::AdminCall { index },
            client: Some(call.client),
            member: answered.filter(|member| *member != MemberId(0)).or(call.member),
            from_ns: call.invoke_ns,
            to_ns: call.return_ns,
            text: call.to_string(),
        }
    }

    /// The observation at `index`.
    pub fn observation(history: &History, index: usize) -> Self {
        let observation = &history.observations[index];
        Exhibit {
            place: Place::Observation { index },
            client: None,
            member: observation.member(),
            from_ns: observation.at_ns(),
            to_ns: Some(observation.at_ns()),
            text: observation.to_string(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Operation { index } => write!(f, "operation #{index}"),
            Place::Watch { id, frame: None, .. } => write!(f, "watch {id}"),
            Place::Watch { id, frame: Some(frame), event: None, .. } => {
                write!(f, "watch {id} frame #{frame}")
            }
            Place::Watch { id, frame: Some(frame), event: Some(event), .. } => {
                write!(f, "watch {id} frame #{frame} event #{event}")
            }
            Place::Hold { index } => write!(f, "hold #{index}"),
            Place::Observer { id, frame: None, .. } => write!(f, "observer {id}"),
            Place::Observer { id, frame: Some(frame), .. } => write!(f, "observer {id} frame #{frame}"),
            Place::AdminCall { index } => write!(f, "admin call #{index}"),
            Place::Observation { index } => write!(f, "observation #{index}"),
        }
    }
}

impl fmt::Display for Exhibit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.place)?;
        write!(f, " [{}", Millis(self.from_ns))?;
        match self.to_ns {
            Some(to_ns) if to_ns == self.from_ns => f.write_str("]")?,
            Some(to_ns) => write!(f, " .. {}]", Millis(to_ns))?,
            None => f.write_str(" .. ]")?,
        }
        if let Some(client) = self.client {
            write!(f, " {client}")?;
        }
        if let Some(member) = self.member {
            write!(f, " {member}")?;
        }
        write!(f, ": {}", self.text)
    }
}

/// Nanoseconds, shown as milliseconds.
struct Millis(u64);

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:06} ms", self.0 / 1_000_000, self.0 % 1_000_000)
    }
}
