//! The client session: calls and their deadlines, failover, unknown outcomes, watches that resume, tokens.

mod calls;
mod credentials;
mod driver;
mod failover;
mod random;
mod watches;
