//! Histories that others recorded.
//!
//! [`read_path`] and [`read`] find out by content which form a history has. A history that breaks the rules of its form is
//! refused with the line and what would be right there: a judge that guesses is no judge.

mod detect;
mod edn;
mod error;
mod jepsen;
mod lines;
mod pairing;
mod porcupine;
mod robustness;

pub use detect::{Format, LOOKED_AT_BYTES, detect, read, read_file, read_path};
pub use error::{ImportError, Problem};

use crate::history::History;
use crate::linearizability::Call;
use crate::spec::append_kv::{AppendKvOp, AppendKvRet};
use crate::spec::register::{RegisterOp, RegisterRet};

/// A history in the terms of the model it is to be judged by.
#[derive(Clone, Debug, PartialEq)]
pub enum Imported {
    /// Calls of a register with compare-and-set. Times are line numbers.
    Register(Vec<Call<RegisterOp, RegisterRet>>),
    /// Calls of a store with get, put and append. Times are line numbers.
    AppendKv(Vec<Call<AppendKvOp, AppendKvRet>>),
    /// The KV API of etcd, and watches.
    Etcd(History),
}
