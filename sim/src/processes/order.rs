//! Orders to madsim about the nodes of processes.

use crate::trace::NodeName;

/// An order to madsim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// The program of a process begins.
    Start(NodeName),
    /// All of a process is gone.
    Kill(NodeName),
    /// A process stands still.
    Pause(NodeName),
    /// It goes on.
    Resume(NodeName),
    /// Nothing passes from one process to another, or it does again.
    Clog { from: NodeName, to: NodeName, clogged: bool },
}
