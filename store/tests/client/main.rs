//! The client session: calls and their deadlines, failover, unknown outcomes, watches that resume, tokens.

#[path = "../harness/mod.rs"]
mod harness;

mod calls;
mod credentials;
mod driver;
mod failover;
mod hosted;
mod members;
mod random;
mod watches;
