//! A user's process as the program of the world has it, and the world as the process has it.

#[cfg(feature = "channel")]
use crate::channel::Channel;
use crate::fault::{FaultCx, Undo};
use crate::fault_id::FaultId;
use crate::state::Shared;
use crate::trace::NodeName;
use crate::world::World;
#[cfg(feature = "channel")]
use revline_store::machine::MemberId;
use serde::Serialize;
use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use thiserror::Error;

/// A process of the user's own in the world: tasks, timers and connections on a node of its own. Clones are the same
/// process.
#[derive(Clone)]
pub struct Process {
    pub(crate) world: Shared,
    pub(crate) node: NodeName,
    pub(crate) name: Arc<str>,
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Process").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Process {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Ends it at once, with all its tasks, timers and connections, until [`Process::restart`].
    pub fn crash(&self) {
        self.world.lock().crash_user(self.node, FaultId::BY_HAND);
    }

    /// Starts it anew, where it crashed, or its program returned.
    pub fn restart(&self) {
        let mut state = self.world.lock();
        state.restart_user(self.node, FaultId::BY_HAND);
        let returned = state.processes.user(self.node).is_some_and(|process| process.returned.is_some());
        if returned {
            state.start_user(self.node);
        }
    }

    /// Lets it stand still, until [`Process::resume`]: its tasks and timers, and what it is told.
    pub fn pause(&self) {
        FaultCx::new(&mut self.world.lock(), FaultId::BY_HAND, 0).pause(self.node);
    }

    /// Lets it go on.
    pub fn resume(&self) {
        Undo::Pause(self.node).undo(&mut self.world.lock(), FaultId::BY_HAND);
    }

    /// True if it runs.
    pub fn is_running(&self) -> bool {
        self.world.lock().processes.user(self.node).is_some_and(|process| process.running)
    }

    /// The number of its starts.
    pub fn starts(&self) -> u64 {
        self.world.lock().processes.user(self.node).map_or(0, |process| process.starts)
    }

    /// Waits until its program returns. One that crashes meanwhile may be started again, and is waited for.
    pub async fn returned(&self) -> Result<(), ProgramError> {
        poll_fn(|context| {
            let mut state = self.world.lock();
            let Some(process) = state.processes.user_mut(self.node) else {
                return Poll::Ready(Err(ProgramError::Over));
            };
            if let Some(returned) = &process.returned {
                return Poll::Ready(returned.clone().map_err(ProgramError::Failed));
            }
            process.waiting.push(context.waker().clone());
            Poll::Pending
        })
        .await
    }
}

/// The end of a process's program that did not end well.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ProgramError {
    /// It failed, with these words.
    #[error("the program of the process failed: {0}")]
    Failed(String),
    /// The world is over.
    #[error("the world ended before the program of the process")]
    Over,
}

/// The world as one start of a process has it.
#[derive(Clone)]
pub struct ProcessCx {
    world: World,
    name: Arc<str>,
    start: u64,
}

impl fmt::Debug for ProcessCx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ProcessCx { name, start, .. } = self;
        f.debug_struct("ProcessCx").field("name", name).field("start", start).finish_non_exhaustive()
    }
}

impl ProcessCx {
    pub(crate) fn new(world: World, name: Arc<str>, start: u64) -> ProcessCx {
        ProcessCx { world, name, start }
    }

    /// The world: for what a test sees of its own service, as marks and observations.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// The name of the process: another process reaches it by TCP under this name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Notes an observation of the process, for the checks of the program ([`World::check`]).
    pub fn observe(&self, name: &str, value: impl Serialize) {
        self.world.observe_as(NodeName::client(&self.name), name, value);
    }

    /// The number of this start of the process, from 1 on.
    pub fn start(&self) -> u64 {
        self.start
    }

    /// A channel to these endpoints, members or proxies, for a gRPC client of etcd: see [`crate::channel`].
    #[cfg(feature = "channel")]
    pub fn channel(&self, endpoints: &[MemberId]) -> Channel {
        let (node, name) = (NodeName::client(&self.name), format!("{} {}", self.name, self.start));
        Channel::new(&self.world, node, &name, endpoints)
    }
}

/// The end of a process's program.
pub trait ReturnValue {
    /// The words of the error that it failed with.
    fn returned(self) -> Result<(), String>;
}

impl ReturnValue for () {
    fn returned(self) -> Result<(), String> {
        Ok(())
    }
}

impl<T, E: fmt::Display> ReturnValue for Result<T, E> {
    fn returned(self) -> Result<(), String> {
        self.map(drop).map_err(|error| error.to_string())
    }
}

/// The type `!`, which has no name of its own outside of a function's signature yet.
type Never = <fn() -> ! as ReturnType>::Return;

/// The type that a function returns.
pub trait ReturnType {
    /// It.
    type Return;
}

impl<T> ReturnType for fn() -> T {
    type Return = T;
}

/// A program that loops for ever.
impl ReturnValue for Never {
    fn returned(self) -> Result<(), String> {
        self
    }
}
