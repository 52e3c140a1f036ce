//! Guarantees of leases: alive while kept alive, gone once expired, answered as by a sequential lessor.

pub(super) mod lease_removal;

guarantees! {
    lease_alive,
    lease_expires,
    lease_api,
}
