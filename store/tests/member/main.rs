//! A member as a machine: its outputs, the time of each, and those that it never makes.

#![allow(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

#[path = "../harness/mod.rs"]
mod harness;

mod applied_index;
mod auth;
mod auth_defects;
mod compaction;
mod corruption;
mod defects_of_raft;
mod digest;
mod durability;
mod elections;
mod hand_over;
mod learners;
mod lease_changes;
mod lease_storm;
mod lease_times;
mod lock_storm;
mod locks;
mod locks_given_up;
mod locks_through_faults;
mod maintenance;
mod membership;
mod observers;
mod quota;
mod reads;
mod removed_while_down;
mod restore;
mod sessions;
mod snapshots;
mod storm;
mod transfer;
mod writes;
