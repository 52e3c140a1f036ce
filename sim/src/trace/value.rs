//! The values of the fields of events: a number in the hash, and words.

use super::NodeName;
use crate::fault_id::FaultId;
use crate::recorder::fingerprint;
use revline_store::api::AlarmKind;
use revline_store::disk::File;
use revline_store::member::Role;
use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::hash::Hash;

/// The most streams a client may open: the number of a stream is that of its client, and its own below it.
pub(crate) const STREAMS_PER_CLIENT: u64 = 1 << 22;

/// The names of clients.
pub(super) type Names = BTreeMap<NodeName, String>;

/// The name of a node: that of a client, or one made of its id.
pub(super) fn name_in(names: &Names, node: NodeName) -> String {
    names.get(&node).cloned().unwrap_or_else(|| node.to_string())
}

/// The words in which events are shown.
#[derive(Clone, Copy)]
pub(super) struct Words<'a> {
    /// The names of clients.
    pub names: &'a Names,
    /// The words of what a fingerprint stands for, if they are known.
    pub details: Option<&'a str>,
}

/// A value of a field.
pub(super) trait Value: Copy {
    /// Its number, which is hashed.
    fn word(self) -> u64;

    /// Its words.
    fn shown(self, words: &Words<'_>) -> impl Display;

    /// Writes it as a member of a JSON object.
    fn write_field(self, name: &str, words: &Words<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.shown(words).to_string();
        write!(f, ",\"{name}\":{}", serde_json::Value::from(text))
    }
}

/// A fingerprint of some content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub u64);

impl Fingerprint {
    /// The fingerprint of a value.
    pub(crate) fn of<T: Hash + ?Sized>(value: &T) -> Fingerprint {
        Fingerprint(fingerprint(value))
    }
}

/// A stream between a client and a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamName(pub u64);

/// A watch of a client: its stream of watches, and its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WatchName {
    /// The number of the stream among those of the client.
    pub stream: u32,
    /// The number of the watch on it.
    pub watch: u32,
}

/// The hash of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoreHash(pub u32);

/// The reason why a datagram did not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Lost {
    /// The way was cut.
    Partition = 0,
    /// The link lost it.
    Loss = 1,
    /// The receiver did not run.
    ReceiverDown = 2,
    /// The receiver refused it: a bit was turned over on the way.
    Corrupt = 3,
}

/// Writes a number as one.
macro_rules! number {
    () => {
        fn write_field(self, name: &str, words: &Words<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, ",\"{name}\":{}", self.shown(words))
        }
    };
}

/// Writes a file by its name, without an article.
macro_rules! file {
    () => {
        fn write_field(self, name: &str, _: &Words<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let file = match self {
                File::Wal => "log",
                File::Snapshot => "snapshot",
            };
            write!(f, ",\"{name}\":\"{file}\"")
        }
    };
}

/// Writes a fingerprint under a name that says so: the field of the plain name has what it stands for.
macro_rules! hash {
    () => {
        fn write_field(self, name: &str, _: &Words<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, ",\"{name}_hash\":\"{:016x}\"", self.0)
        }
    };
}

/// Makes values of types: each with its number and its words.
macro_rules! values {
    ($($Type:ty: |$value:ident| $word:expr, |$words:ident| $shown:expr $(, $field:ident)?;)*) => {
        $(impl Value for $Type {
            fn word(self) -> u64 {
                let $value = self;
                $word
            }

            fn shown(self, $words: &Words<'_>) -> impl Display {
                let $value = self;
                $shown
            }

            $($field!();)?
        })*
    };
}

values! {
    u64: |number| number, |_words| number, number;
    i64: |number| number as u64, |_words| number, number;
    NodeName: |node| node.0, |words| name_in(words.names, node);
    Fingerprint: |content| content.0, |words| match words.details {
        Some(details) => details.to_owned(),
        None => format!("{:016x}", content.0),
    }, hash;
    FaultId: |fault| fault.0, |_words| format!("{:016x}", fault.0);
    StreamName: |stream| stream.0, |_words| stream.0 & (STREAMS_PER_CLIENT - 1), number;
    WatchName: |name| (u64::from(name.stream) << 32) | u64::from(name.watch), |_words| format!("{}.{}", name.stream, name.watch);
    StoreHash: |hash| u64::from(hash.0), |_words| format!("{:08x}", hash.0);
    Lost: |why| why as u64, |_words| match why {
        Lost::Partition => "partition",
        Lost::Loss => "loss",
        Lost::ReceiverDown => "receiver down",
        Lost::Corrupt => "corrupt",
    };
    File: |file| file as u64, |_words| match file {
        File::Wal => "the log",
        File::Snapshot => "the snapshot",
    }, file;
    Role: |role| role as u64, |_words| match role {
        Role::Follower => "follower",
        Role::PreCandidate => "pre-candidate",
        Role::Candidate => "candidate",
        Role::Leader => "leader",
    };
    AlarmKind: |alarm| alarm as u64, |_words| match alarm {
        AlarmKind::None => "NONE",
        AlarmKind::NoSpace => "NOSPACE",
        AlarmKind::Corrupt => "CORRUPT",
    };
}
