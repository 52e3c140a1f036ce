//! Guarantees of isolation: namespaces and permissions.

mod permission;

guarantees! {
    namespace_isolated,
    auth_enforced,
}
