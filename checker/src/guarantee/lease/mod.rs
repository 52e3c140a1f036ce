//! Guarantees of leases: alive while kept alive, gone once expired, answered as by a sequential lessor.

pub(super) mod lease_alive;
pub(super) mod lease_api;
pub(super) mod lease_expires;
pub(super) mod lease_removal;
