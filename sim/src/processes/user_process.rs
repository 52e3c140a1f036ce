//! A process of a user's own: tasks, timers and connections on a node of madsim's, which end together.

use crate::fault_id::FaultId;
use madsim::task::NodeId;
use std::collections::BTreeSet;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Waker;

/// Makes the program of a process anew at each of its starts.
pub(crate) type Init = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = ()>>> + Send + Sync>;

/// A process of a user's own, from one start to the next.
pub(crate) struct UserProcess {
    pub name: String,
    /// Its place in the order in which they came.
    pub position: usize,
    pub init: Init,
    /// The number of its starts.
    pub starts: u64,
    pub running: bool,
    /// The faults in force that keep it down.
    pub down_by: BTreeSet<FaultId>,
    /// The node of madsim's that it runs on, once it was started.
    pub host: Option<NodeId>,
    /// The end of its program, where that returned.
    pub returned: Option<Result<(), String>>,
    /// Woken when its program returns.
    pub waiting: Vec<Waker>,
}

impl fmt::Debug for UserProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let UserProcess { name, starts, running, .. } = self;
        f.debug_struct("UserProcess")
            .field("name", name)
            .field("starts", starts)
            .field("running", running)
            .finish_non_exhaustive()
    }
}
