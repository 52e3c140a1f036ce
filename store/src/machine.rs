//! The interface of every machine in this crate: inputs in, outputs out, no I/O.
//!
//! A machine reads no clock, draws no random number, spawns no task and touches no file. Its host
//! (a simulated world, or a real process) tells it the time with each input and carries out its outputs.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

/// A state machine without I/O.
pub trait Machine {
    /// An event that the host tells the machine of.
    type Input;
    /// A request to the host.
    type Output;

    /// Takes one input; appends the outputs that follow from it to `out`, in the order in which the host has to carry
    /// them out.
    ///
    /// `now` is the host's local clock. It must not go back.
    fn step(&mut self, now: Time, input: Self::Input, out: &mut Vec<Self::Output>);
}

/// A moment on the host's own monotonic clock, in nanoseconds since the clock's epoch.
///
/// Clocks of different machines differ in offset and rate: a `Time` means nothing to another machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Time(pub u64);

impl Time {
    /// The moment `ms` milliseconds after the epoch.
    pub const fn from_millis(ms: u64) -> Time {
        Time(ms * 1_000_000)
    }

    /// The whole milliseconds since the epoch.
    pub const fn as_millis(self) -> u64 {
        self.0 / 1_000_000
    }
}

impl Add<Duration> for Time {
    type Output = Time;

    fn add(self, duration: Duration) -> Time {
        Time(self.0.saturating_add(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)))
    }
}

impl Sub<Time> for Time {
    type Output = Duration;

    fn sub(self, earlier: Time) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

/// The id of a member: unique in the cluster, never 0.
pub type MemberId = u64;

/// The id of a cluster: a disk or a snapshot of another one is refused. 0 where none is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClusterId(pub u64);

impl fmt::Display for ClusterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}", self.0)
    }
}
