//! A cluster of members in memory: plain `step` calls, a queue of datagrams, and disks that tell durable bytes from
//! others. Nothing happens but by a test's calls.

#![allow(dead_code, reason = "every test uses a part of it")]

pub mod auth;
pub mod cluster;
pub mod connections;
pub mod coordination;
pub mod disk;
pub mod leases;
pub mod maintenance;
pub mod requests;
