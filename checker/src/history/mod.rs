//! Histories: the operations and watches of every client, and the host's observations of the members.
//!
//! A history is the only thing the judge looks at. It is filled by a recording client (`revline-sim`),
//! by an importer, or read from its JSONL form.

mod admin;
mod answers;
mod auth;
mod beginning;
#[cfg(any(test, feature = "testing"))]
pub mod build;
mod display;
mod election;
mod hold;
mod in_full;
pub mod jsonl;
mod kv;
mod lease;
mod lock;
mod modified;
mod observation;
mod observer;
mod operation;
mod order;
mod own_key;
mod refusal;
mod sort;
mod watch;

pub use admin::{AdminCall, AdminRequest, AdminResponse, Alarm, AlarmAction, AlarmRequest, ListedMember};
pub use auth::{AuthRequest, AuthResponse, Permission, PermissionType};
pub use election::{ElectionRequest, ElectionResponse, LeaderKey};
pub use hold::{Hold, HoldKind};
pub use kv::*;
pub use lease::{LeaseRequest, LeaseResponse};
pub use lock::{LockRequest, LockResponse};
pub(crate) use modified::modified;
pub use observation::{AlarmKind, Observation, SeenMember};
pub use observer::{ObservedLeader, Observer};
pub use operation::{ClientId, Error, MemberId, Operation, Outcome};
pub(crate) use order::Part;
pub(crate) use own_key::LeaseId;
pub use own_key::{lease_of, own_key};
pub use refusal::Refusal;
pub use watch::{Event, EventKind, Watch, WatchEnd, WatchFrame, WatchRequest};

use crate::bytes::Bytes;
use std::collections::BTreeMap;

/// Everything that was observed in one run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// Client operations. A client has one open operation at a time.
    pub operations: Vec<Operation>,
    /// Watches, one for each time a client asked for one: a watch that resumes is a new entry.
    pub watches: Vec<Watch>,
    /// The locks and leaderships that clients believed to hold.
    pub holds: Vec<Hold>,
    /// Elections as clients observed them, one for each time a client asked for it.
    pub observers: Vec<Observer>,
    /// Calls of the cluster and the maintenance API.
    pub admin_calls: Vec<AdminCall>,
    /// The clients that see the keys below a prefix and no others, each with its prefix. What such a client asked and
    /// saw is recorded as it asked and saw it, without the prefix.
    pub namespaces: BTreeMap<ClientId, Bytes>,
    /// The observations of the cluster's host, in order of time. Empty for histories recorded from outside.
    pub observations: Vec<Observation>,
    /// True if the recorder says that the store was new: nothing had been done to it before the first thing that is
    /// recorded. Where it does not say so, answers may show it: see [`History::begins_with_store`].
    pub is_of_new_store: bool,
}
