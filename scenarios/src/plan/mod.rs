//! A plan: what a seed makes of a scenario. Everything in it is explicit; a run is a function of it.

mod auth;
mod auth_edges;
mod check;
mod check_client;
mod draw;
mod leases;
mod locks;
mod mend;
mod name;
mod operations;
mod operator;
mod proxies;
mod streams;

pub use crate::operation::{Action, Tenure};
pub use auth::{PASSWORD, PlannedChange, ROOT};
pub use draw::draw;
pub(crate) use mend::mend;
pub use name::PlanName;
pub use operator::{PlannedStep, Step};

use revline_sim::fault::Fault;
use revline_sim::{Prefix, SimulationConfig};
use serde::{Deserialize, Serialize};

/// The plan of one run: every operation and every fault.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The scenario it was drawn from.
    pub scenario: String,
    /// The seed it was drawn with.
    pub seed: u64,
    /// The variant of what that seed draws; absent if it is as it was drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<u32>,
    /// The world. Its own seed decides latencies and what crashes tear.
    pub simulation: SimulationConfig,
    /// The time for which clients work, in simulated milliseconds.
    pub duration_ms: u64,
    /// The bound of recovery afterwards, in milliseconds.
    pub recovery_ms: u64,
    /// Go on until that bound is over, and look once more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub linger: bool,
    /// The clients.
    pub clients: Vec<ClientPlan>,
    /// The faults, in order of time.
    pub faults: Vec<PlannedFault>,
    /// The steps of the cluster's operator, in order of time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub operator: Vec<PlannedStep>,
    /// The administrator's changes, in order of time; auth is off if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub auth: Vec<PlannedChange>,
    /// The members of the new cluster that the last saved snapshot is restored into at the end; none if empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub restore: Vec<u64>,
    /// The guarantees to judge; all if empty.
    pub guarantees: Vec<String>,
}

/// One client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientPlan {
    /// Its name: its part in the plan. No other client is called so, and whatever is drawn for it is derived
    /// from the seed and this.
    pub name: String,
    /// The members or proxies it may use.
    pub endpoints: Vec<u64>,
    /// The prefix of its namespace. Empty for none.
    #[serde(default, skip_serializing_if = "Prefix::is_empty")]
    pub namespace: Prefix,
    /// With which of them it begins, counted from 0.
    pub first: usize,
    /// The user that it is; none if auth is off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Its work.
    pub work: Work,
}

/// The work of a client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Work {
    /// One operation after the other.
    Operations(Vec<PlannedOperation>),
    /// A watch that is resumed when it breaks, and begun anew when it is told that it needs what was
    /// compacted.
    Watch {
        /// The first key.
        key: String,
        /// As in a range.
        range_end: String,
        /// The first revision; 0 means from now on.
        start_revision: i64,
        /// Ask for the value before each event (`prev_kv`).
        prev_kv: bool,
        /// The times at which it drops its connection, in milliseconds.
        reconnect_at_ms: Vec<u64>,
        /// The times of its progress requests, in milliseconds.
        #[serde(default)]
        progress_at_ms: Vec<u64>,
    },
    /// Several watches on one stream. Each is resumed and begun anew as a watch on a stream of its own is.
    WatchStream {
        /// The watches, in the order in which they begin.
        watches: Vec<PlannedWatch>,
        /// The pauses between one response and the next, in milliseconds, in turns.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pauses_ms: Vec<u64>,
        /// The times at which it drops its connection, in milliseconds.
        reconnect_at_ms: Vec<u64>,
        /// The times of its progress requests, in milliseconds.
        progress_at_ms: Vec<u64>,
    },
    /// Observe an election.
    Observe {
        /// Its name.
        name: String,
        /// By the service of the members; otherwise by the client's own recipe.
        #[serde(default)]
        by_service: bool,
        /// The times at which it drops its connection, in milliseconds.
        reconnect_at_ms: Vec<u64>,
    },
}

/// One of several watches on a stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedWatch {
    /// The time at which it begins, in milliseconds.
    pub at_ms: u64,
    /// The first key.
    pub key: String,
    /// As in a range.
    pub range_end: String,
    /// The first revision; 0 means from now on. It may be one that nobody can serve, or none yet.
    pub start_revision: i64,
    /// Ask for the value before each event (`prev_kv`).
    pub prev_kv: bool,
    /// Leave out puts.
    pub no_put: bool,
    /// Leave out deletes.
    pub no_delete: bool,
    /// Accept large batches in fragments.
    pub fragment: bool,
    /// Its id on the stream; 0 leaves the choice to the server.
    pub watch_id: i64,
    /// Be told from time to time how far it has come.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub progress_notify: bool,
    /// Be ended by a member that knows no leader.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub require_leader: bool,
    /// The time at which the client cancels it, in milliseconds; absent if it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancel_at_ms: Option<u64>,
}

/// An operation and when it is due. It is late if the one before it took long.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedOperation {
    /// Its time, in simulated microseconds.
    pub at_us: u64,
    /// The operation.
    #[serde(rename = "do")]
    pub action: Action,
}

/// A fault and when it strikes and heals.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedFault {
    /// Its name, if it has one: no other fault of the plan is called so.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The time at which it strikes, in simulated milliseconds.
    pub at_ms: u64,
    /// Its duration, in milliseconds.
    pub for_ms: u64,
    /// The fault.
    pub fault: Fault,
}

impl Plan {
    /// Every id that a member may have in the run: the founders', and those of members that are added.
    pub(crate) fn member_ids(&self) -> Vec<u64> {
        ids(self.simulation.members, &self.operator)
    }
}

/// The ids of the founders, and of the members that an operator adds.
fn ids(founders: u64, steps: &[PlannedStep]) -> Vec<u64> {
    let added = steps.iter().filter_map(|planned| planned.step.added());
    (1..=founders).chain(added).collect()
}

/// As many ids as there are founders, that nobody had before.
fn next_ids(founders: u64, steps: &[PlannedStep]) -> Vec<u64> {
    let highest = ids(founders, steps).into_iter().max().unwrap_or_default();
    (highest + 1..=highest + founders).collect()
}
