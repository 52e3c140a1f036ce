//! Sequential models: what one client alone would see.
//!
//! Each implements [`SequentialSpec`], so that [`search`](crate::search) and stateright's own tester can both use it.

pub mod append_kv;
pub mod etcd;
pub mod mutex;
pub mod of_key;
pub mod register;

pub use stateright::semantics::SequentialSpec;
