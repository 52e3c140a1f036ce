//! The names that a test suite needs: `use revline::prelude::*`.

pub use crate::chaos::BeginChaos;
#[cfg(feature = "etcd-client")]
pub use crate::etcd::WithEtcd;
pub use crate::faults::{Clock, Crash, Disk, Leadership, Partition, Pause, Proxies, Streams};
pub use crate::scenarios::Chaos;
pub use crate::scenarios::scenario::parse_fault;
pub use crate::sim::client::{
    CallError, Client, ClientPlace, DeleteOptions, Election, ElectionObserver, GetOptions, LeaderHeld,
    LeaderSeen, LockHeld, Mutex, RecipeError, ServiceObserver, Session, UnknownCause, WatchItem,
    WatchOptions, Watcher,
};
pub use crate::sim::entropy::{Probability, Rng};
pub use crate::sim::fault::{Fault, Hears, Target};
pub use crate::sim::process::{Process, ProcessCx};
pub use crate::sim::{FaultId, Observed, Prefix, ProxyPlace, World, WorldError};
pub use crate::sometimes;
pub use crate::store::api::{
    Compare, CompareResult, CompareTarget, DeleteRangeRequest, PutRequest, RangeRequest, RequestOp,
    TxnRequest,
};
pub use crate::store::defect::Defect;
pub use crate::testing::Guarantee;
pub use std::time::Duration;
