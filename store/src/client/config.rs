//! The configuration of a client session.

use crate::bytes::Bytes;
use crate::defect::Defects;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The configuration of a client session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionConfig {
    /// The number of its endpoints: members, or proxies. They are named 0, 1, ... At least 1.
    pub endpoints: usize,
    /// The endpoint it tries first. Default 0.
    pub first_endpoint: usize,
    /// The deadline of a call that names none, in milliseconds. Default 2 000.
    pub deadline_ms: u64,
    /// The pause before a watch stream that broke resumes, in milliseconds. Default 50.
    pub resume_ms: u64,
    /// The prefix of its keys, which it does not see. Default none.
    pub namespace: Option<Bytes>,
    /// The defects that are on. Set by a simulation, never read from a file: a host has none.
    #[serde(skip)]
    pub defects: Defects,
}

impl SessionConfig {
    /// The default configuration with so many endpoints.
    pub fn new(endpoints: usize) -> SessionConfig {
        SessionConfig {
            endpoints,
            first_endpoint: 0,
            deadline_ms: 2_000,
            resume_ms: 50,
            namespace: None,
            defects: Defects::NONE,
        }
    }
}

/// Options of one call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallOptions {
    /// The time it may take. Default [`SessionConfig::deadline_ms`].
    pub deadline: Option<Duration>,
    /// A member that knows no leader is to refuse it at once (gRPC metadata `hasleader`). Default false.
    pub requires_leader: bool,
}
