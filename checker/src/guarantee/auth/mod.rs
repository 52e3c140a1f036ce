//! Guarantees of isolation: namespaces and permissions.

pub(super) mod auth_enforced;
pub(super) mod namespace_isolated;
mod permission;
