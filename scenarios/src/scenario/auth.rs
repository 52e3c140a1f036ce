//! Users, and changes of their permissions.

use super::Span;
use crate::rules::{Impossible, limits, mean, percent};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Auth is on from the start. Writers, readers and watchers are users, in turn, and an administrator grants and
/// revokes permissions on keys and ranges meanwhile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AuthWorkload {
    /// The number of users besides `root`; with none, auth is off. Default 0.
    pub users: u32,
    /// Between two changes, in milliseconds. Default 20 to 200.
    pub pause_ms: Span,
    /// The share of reads that ask for all keys from one on, in percent. Default 20.
    pub from_key_percent: u32,
    /// Remove and add users and roles, too, and look at them. Default false.
    pub everything: bool,
    /// Turn auth off for a while, too, before there is an administrator turn it on in vain, add users without a password, and
    /// ask with names that are empty. Default false.
    pub edges: bool,
    /// Members give signed tokens (JWT), each valid for so long, in seconds; 0 for tokens that they remember. Default 0.
    pub jwt_ttl_s: u64,
}

impl Default for AuthWorkload {
    fn default() -> Self {
        AuthWorkload {
            users: 0,
            pause_ms: (20, 200),
            from_key_percent: 20,
            everything: false,
            edges: false,
            jwt_ttl_s: 0,
        }
    }
}

impl AuthWorkload {
    pub(super) fn check(&self) -> Result<(), Impossible> {
        limits::USERS.check(self.users.into(), "workload.auth.users")?;
        limits::JWT_TTL_S.check(self.jwt_ttl_s, "workload.auth.jwt_ttl_s")?;
        percent(self.from_key_percent, "workload.auth.from_key_percent")?;
        limits::PAUSE_MS.check_positive_span(self.pause_ms, "workload.auth.pause_ms")
    }

    /// The number of planned changes, about.
    pub(super) fn volume(&self, duration_ms: u64) -> u64 {
        if self.users == 0 { 0 } else { duration_ms / mean(self.pause_ms) }
    }
}
