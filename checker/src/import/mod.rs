//! Histories that others recorded.
//!
//! [`Reading`] finds out by content which form a history has, if it is not told. A history that breaks the rules of
//! its form is refused with the line and what would be right there: a judge that guesses is no judge.

mod detect;
mod edn;
mod error;
mod fields;
mod jepsen;
mod jepsen_edn;
mod known;
mod lines;
mod pairing;
mod porcupine;
mod robustness;

pub use detect::{Format, LOOKED_AT_BYTES, Read, Reading, detect, read, read_file, read_path};
pub use error::{ImportError, Problem};
pub use fields::Ignored;
pub use known::Known;

use crate::history::History;
use crate::search::Call;
use crate::spec::append_kv::{AppendKvOp, AppendKvRet};
use crate::spec::mutex::{MutexOp, MutexRet};
use crate::spec::of_key::OfKey;
use crate::spec::register::{RegisterOp, RegisterRet};
use std::sync::Arc;

/// A call of a register that holds any value, written as EDN writes it.
pub type RegisterCall = Call<OfKey<RegisterOp<Arc<str>>>, RegisterRet<Arc<str>>>;

/// A history in the terms of the model it is to be judged by.
#[derive(Clone, Debug, PartialEq)]
pub enum Imported {
    /// Calls of a register with compare-and-set. Times are line numbers.
    Register(Vec<Call<RegisterOp, RegisterRet>>),
    /// Calls of registers with compare-and-set, each with its key if there are several; nil is a value as any other.
    /// Times are places in the history.
    Registers(Vec<RegisterCall>),
    /// Calls of mutexes, each with its key if there are several. Times are places in the history.
    Mutexes(Vec<Call<OfKey<MutexOp>, MutexRet>>),
    /// Calls of a store with get, put and append. Times are line numbers.
    AppendKv(Vec<Call<AppendKvOp, AppendKvRet>>),
    /// The KV API of etcd, and watches.
    Etcd(History),
}

impl Imported {
    /// The number of operations or calls.
    pub fn operations(&self) -> usize {
        match self {
            Imported::Register(calls) => calls.len(),
            Imported::Registers(calls) => calls.len(),
            Imported::Mutexes(calls) => calls.len(),
            Imported::AppendKv(calls) => calls.len(),
            Imported::Etcd(history) => history.operations.len(),
        }
    }
}
