//! The values of the fields of events: a number in the hash, and words.

use super::NodeName;
use crate::fault_id::FaultId;
use crate::recorder::fingerprint;
use revline_store::api::AlarmKind;
use revline_store::disk::File;
use revline_store::member::Role;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::hash::Hash;

/// The most streams a client may open: the number of a stream is that of its client, and its own below it.
pub(crate) const STREAMS_PER_CLIENT: u64 = 1 << 22;

/// The names of clients.
pub(super) type Names = BTreeMap<NodeName, String>;

/// The name of a node: that of a client, or one made of its id.
pub(super) fn name_in(names: &Names, node: NodeName) -> String {
    names.get(&node).cloned().unwrap_or_else(|| node.to_string())
}

/// A value of a field.
pub(super) trait Value: Copy {
    /// Its number, which is hashed.
    fn word(self) -> u64;

    /// Its words.
    fn shown(self, names: &Names) -> impl Display;
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

/// Makes values of types: each with its number and its words.
macro_rules! values {
    ($($Type:ty: |$value:ident| $word:expr, |$names:ident| $shown:expr;)*) => {
        $(impl Value for $Type {
            fn word(self) -> u64 {
                let $value = self;
                $word
            }

            fn shown(self, $names: &Names) -> impl Display {
                let $value = self;
                $shown
            }
        })*
    };
}

values! {
    u64: |number| number, |_names| number;
    i64: |number| number as u64, |_names| number;
    NodeName: |node| node.0, |names| name_in(names, node);
    Fingerprint: |content| content.0, |_names| format!("{:016x}", content.0);
    FaultId: |fault| fault.0, |_names| format!("{:016x}", fault.0);
    StreamName: |stream| stream.0, |_names| stream.0 & (STREAMS_PER_CLIENT - 1);
    WatchName: |name| (u64::from(name.stream) << 32) | u64::from(name.watch), |_names| format!("{}.{}", name.stream, name.watch);
    StoreHash: |hash| u64::from(hash.0), |_names| format!("{:08x}", hash.0);
    Lost: |why| why as u64, |_names| match why {
        Lost::Partition => "partition",
        Lost::Loss => "loss",
        Lost::ReceiverDown => "receiver down",
        Lost::Corrupt => "corrupt",
    };
    File: |file| file as u64, |_names| match file {
        File::Wal => "the log",
        File::Snapshot => "the snapshot",
    };
    Role: |role| role as u64, |_names| match role {
        Role::Follower => "follower",
        Role::PreCandidate => "pre-candidate",
        Role::Candidate => "candidate",
        Role::Leader => "leader",
    };
    AlarmKind: |alarm| alarm as u64, |_names| match alarm {
        AlarmKind::None => "NONE",
        AlarmKind::NoSpace => "NOSPACE",
        AlarmKind::Corrupt => "CORRUPT",
    };
}
