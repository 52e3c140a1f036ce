//! Errors of reading a history.

use super::super::ClientId;
use super::{FORMAT, VERSION};
use std::fmt;

/// A history could not be read.
#[derive(Debug, thiserror::Error)]
#[error("{file}:{line}: {problem}")]
pub struct ReadError {
    /// The file, as the caller named it.
    pub file: String,
    /// The line, counting from 1.
    pub line: u64,
    /// The problem there.
    #[source]
    pub problem: Problem,
}

/// The problem of a line, and the correct form.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// The file cannot be read.
    #[error("cannot read on: {0}")]
    Io(#[from] std::io::Error),
    /// Too long to be held in memory.
    #[error("the line is longer than {limit_bytes} bytes; write one operation or watch a line")]
    TooLong {
        /// The limit.
        limit_bytes: usize,
    },
    /// The object does not end on its line.
    #[error("the JSON is cut off at column {column}; a line must hold one whole object")]
    Cut {
        /// The column at which it ends.
        column: usize,
    },
    /// No JSON.
    #[error("not JSON: {0}; a line must hold one JSON object")]
    Syntax(serde_json::Error),
    /// JSON, but not what this format holds.
    #[error("{0}")]
    Shape(Shape),
    /// Something else came first.
    #[error("the first line must be {{\"kind\":\"header\",\"format\":\"{FORMAT}\",\"version\":{VERSION}}}")]
    NoHeader,
    /// A second header.
    #[error("a header must be the first line, and there only")]
    SecondHeader,
    /// Another format, or a version of it that this reader does not know.
    #[error("this is format `{format}` version {version}; this reader knows `{FORMAT}` version {VERSION}")]
    Version {
        /// Its name.
        format: String,
        /// Its version.
        version: u32,
    },
    /// An operation that ends before it begins.
    #[error(
        "return_ns {return_ns} is before invoke_ns {invoke_ns}; an operation returns after its invocation"
    )]
    ReturnBeforeInvoke {
        /// Its invocation.
        invoke_ns: u64,
        /// Its return.
        return_ns: u64,
    },
    /// An operation that begins before its client's last one ended.
    #[error(
        "{client} has another operation open (from line {other}); a client has one at a time: give each caller its own id"
    )]
    TwoOpen {
        /// The client.
        client: ClientId,
        /// The line of the other operation.
        other: u64,
    },
    /// An answered operation without the time of its answer.
    #[error(
        "the operation was answered, but has no return_ns; only an operation of unknown outcome can lack it"
    )]
    AnsweredWithoutReturn,
    /// An operation with the response to a request of another kind.
    #[error(
        "outcome.ok is not the response to its request; a response is named as its request, `put` for a `put`"
    )]
    OtherResponse,
    /// Two watches with one id.
    #[error("watch {id} is already on line {other}; an id names one watch")]
    WatchTwice {
        /// The id.
        id: u64,
        /// The line of the other watch.
        other: u64,
    },
    /// A watch that continues one that is not there.
    #[error("watch {id} resumes watch {resumes}, which is not in this history")]
    ResumesNothing {
        /// The id.
        id: u64,
        /// The id of the missing one.
        resumes: u64,
    },
    /// A piece of a watch that was not begun.
    #[error(
        "there is no watch {id} before this line; the `watch` line comes before its `frame` and `watch_end`"
    )]
    PieceOfNoWatch {
        /// The id.
        id: u64,
    },
    /// A piece of a watch that has its end.
    #[error("watch {id} is over before this line; nothing comes of a watch after its end")]
    WatchIsOver {
        /// The id.
        id: u64,
    },
    /// A line that ends a watch and says that it did not end.
    #[error("the end of watch {id} is `open`; leave the line out if it did not end")]
    OpenEnd {
        /// The id.
        id: u64,
    },
    /// A watch that ends before its last frame.
    #[error("watch {id} ended at {end_ns} ns, but what is written before it was received at {last_ns} ns")]
    EndOutOfOrder {
        /// The watch.
        id: u64,
        /// The time of its end.
        end_ns: u64,
        /// The time of the last frame, or of the request.
        last_ns: u64,
    },
    /// A hold that ends before it begins.
    #[error("until_ns {until_ns} is before from_ns {from_ns}; a client lets go after it took hold")]
    ReleaseBeforeHold {
        /// The time of its start.
        from_ns: u64,
        /// The time of its end.
        until_ns: u64,
    },
    /// Two observers with one id.
    #[error("observer {id} is already on line {other}; an id names one observer")]
    ObserverTwice {
        /// The id.
        id: u64,
        /// The line of the other observer.
        other: u64,
    },
    /// A namespace that is every key.
    #[error("the prefix of {client} is empty; leave the line out of a client that sees every key")]
    NoPrefix {
        /// The client.
        client: ClientId,
    },
    /// Two namespaces of one client.
    #[error("{client} has a namespace already, from line {other}; give each namespace a client of its own")]
    NamespaceTwice {
        /// The client.
        client: ClientId,
        /// The line of the other.
        other: u64,
    },
    /// Leaders that arrive in another order than they are written.
    #[error(
        "frame {frame} of observer {id} was received at {received_ns} ns, before what is written before it"
    )]
    LeaderOutOfOrder {
        /// The observer.
        id: u64,
        /// The frame, counting from 0.
        frame: usize,
        /// The time of arrival.
        received_ns: u64,
    },
    /// Frames that arrive in another order than they are written.
    #[error("frame {frame} of watch {id} was received at {received_ns} ns, before what is written before it")]
    FrameOutOfOrder {
        /// The watch.
        id: u64,
        /// The frame, counting from 0.
        frame: usize,
        /// The time of arrival.
        received_ns: u64,
    },
}

/// JSON that does not have the shape of a line.
#[derive(Debug)]
pub struct Shape(pub(super) serde_json::Error);

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = self.0.to_string();
        // The position within an object that was buffered says nothing.
        let message = message.split(" at line ").next().unwrap_or(&message);
        f.write_str(message)?;
        if message.contains("integer `-") {
            f.write_str("; times, ids and terms are never negative")?;
        }
        Ok(())
    }
}
