//! Authentication and authorization: users, their roles, the permissions of roles on keys, and the tokens of users.
//!
//! [`AuthStore`] is replicated: a change goes through the log, and every command carries its actor
//! ([`Actor`]), so that it is checked when it is applied, on all members alike. Tokens are each member's own.
//!
//! etcd: `server/auth/store.go`, `server/etcdserver/apply/auth.go`.

mod action;
mod actor;
mod change;
mod check;
mod config;
mod jwt;
mod password;
mod permissions;
mod simple_tokens;
mod store;
mod tokens;

pub use config::{AuthConfig, TokenKind};
pub use permissions::PermissionCache;
pub use store::AuthStore;

pub(crate) use action::AuthAction;
pub(crate) use actor::Actor;
pub(crate) use store::AuthData;
pub(crate) use tokens::{TokenTime, Tokens};
