//! The configuration of a proxy.

use crate::bytes::Bytes;
use crate::defect::Defects;
use crate::machine::MemberId;
use crate::watch::PROGRESS_INTERVAL_MS;
use serde::{Deserialize, Serialize};

/// The configuration of a proxy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProxyConfig {
    /// Its name as an endpoint. In the simulated world 101 and up.
    pub id: MemberId,
    /// The number of endpoints: members, or other proxies. They are named 0, 1, ... At least 1.
    pub endpoints: usize,
    /// The endpoint it tries first, so that not all proxies go to the same. Default 0.
    pub first_endpoint: usize,
    /// Its clients see only keys with this prefix, and see them without it. Default none.
    pub namespace: Option<Bytes>,
    /// True to keep answers to ranges. Default true.
    pub cache: bool,
    /// The length of a tick, in milliseconds of the local clock. Default 100.
    pub tick_ms: u64,
    /// An endpoint that is silent for this long is left, in milliseconds; so is one that knows of no leader, if there
    /// are others. Default 3 000 (gRPC keepalive; three election timeouts).
    pub silence_ms: u64,
    /// A client that does not take the responses on a watch stream is cut off after this time, in milliseconds.
    /// Default 5 000.
    pub slow_client_ms: u64,
    /// So often an upstream watch without events is asked how far it has come, in milliseconds: it resumes there.
    /// Default 2 000.
    pub position_ms: u64,
    /// So often a watch that asked for it is told how far it has come, if there were no events, in milliseconds. Default
    /// 600 000, ten minutes, as a member.
    pub progress_interval_ms: u64,
    /// The defects that are on. Set by a simulation, never read from a file: a host has none.
    #[serde(skip)]
    pub defects: Defects,
}

impl ProxyConfig {
    /// The default configuration of proxy `id` with so many endpoints.
    pub fn new(id: MemberId, endpoints: usize) -> ProxyConfig {
        ProxyConfig {
            id,
            endpoints,
            first_endpoint: 0,
            namespace: None,
            cache: true,
            tick_ms: 100,
            silence_ms: 3_000,
            slow_client_ms: 5_000,
            position_ms: 2_000,
            progress_interval_ms: PROGRESS_INTERVAL_MS,
            defects: Defects::NONE,
        }
    }
}
