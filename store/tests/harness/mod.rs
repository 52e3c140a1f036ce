//! A cluster of members in memory: plain `step` calls, a queue of datagrams, and disks that tell what is
//! durable from what is not. Nothing happens but what a test asks for.

#![allow(dead_code, reason = "every test uses a part of it")]

pub mod auth;
pub mod cluster;
pub mod coordination;
pub mod disk;
pub mod leases;
pub mod maintenance;
pub mod requests;
