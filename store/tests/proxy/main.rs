//! Proxies before real members: their clients see the members' answers.

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
