//! A view of the key space: every key of a client lies under a prefix that the client does not see
//! (`client/v3/namespace`).
//!
//! Pure and without state: it rewrites the frames on their way, in a client as well as in a proxy. Revisions,
//! leases, users and permissions are those of the whole cluster.

mod prefix;
mod requests;
mod responses;

pub use prefix::Namespace;
