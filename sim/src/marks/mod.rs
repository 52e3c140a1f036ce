//! Marks: what a run reached of everything that a client can ask, a server can answer, and a machine can get into.
//!
//! The marks of requests and responses are derived from the types of the API: a new field is a new mark by itself. A
//! sweep that never reached a mark has not tried what it stands for, and no verdict of it says anything about that.

mod every;
mod reached;
mod values;

pub use every::every;
pub use reached::Marks;

pub(crate) use reached::Reached;
