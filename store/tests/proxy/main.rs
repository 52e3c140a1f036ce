//! Proxies before real members: what their clients see is what the members say.

#![allow(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

#[path = "../harness/mod.rs"]
mod harness;

mod behind;
mod calls;
mod defects;
mod namespaces;
mod reads;
mod run;
mod seen;
mod watches;
