//! The processes of clients, as the state of the world has them: whether they run, and what madsim is to do with those of a
//! user's own. Their life is [`process`](crate::process).

mod client_processes;
mod order;
mod user_process;

pub(crate) use client_processes::Processes;
pub(crate) use order::Order;
pub(crate) use user_process::{Init, UserProcess};
