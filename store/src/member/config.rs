//! The configuration of a member.

use super::Tuning;
use crate::auth::AuthConfig;
use crate::defect::Defects;
use crate::lease;
use crate::machine::{ClusterId, MemberId, Time};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The meaning of an empty disk. A member always goes on from a disk that is not empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Start {
    /// It begins the cluster together with the other [`Config::members`].
    New,
    /// It was added to a running cluster. It has no vote, and waits for the leader's entries or snapshot.
    Joining,
    /// It lost everything: it refuses to start. It promised things that it does not know any more, so it can
    /// only be removed, and come back under a new id. A host says so once the member's first write was
    /// durable. (etcd asks the others whether they know it: `server/etcdserver/bootstrap.go`.)
    Restart,
}

/// The configuration of a member. Defaults are etcd's (`server/embed/config.go`,
/// `server/etcdserver/raft.go`) but for the identity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Config {
    /// This member.
    pub id: MemberId,
    /// The cluster it belongs to.
    pub cluster_id: ClusterId,
    /// The voters of a new cluster, this member included. Only [`Start::New`] needs them: other members
    /// learn them from the disk or from the leader.
    pub members: Vec<MemberId>,
    /// The meaning of an empty disk. Default [`Start::New`].
    pub start: Start,
    /// Different for every start of this member: makes the ids of its requests unique.
    pub incarnation: u64,
    /// The process before this one ended because its disk failed. The log that this one reads may then be in the memory
    /// of the system alone, and be taken for written: it is written anew before anything relies on it. Default no.
    pub after_disk_failure: bool,
    /// The wall clock of the host at the start, in milliseconds ahead of its monotonic one; negative if behind. Later
    /// changes come as [`Input::ClockSet`](crate::member::Input::ClockSet). Default 0.
    pub wall_ahead_ms: i64,
    /// The seed of election timeouts, together with the member and the term.
    pub election_seed: u64,
    /// From a moment of its own clock on, election timeouts are derived from another seed. Set by a simulation that asks
    /// what else could have come, never read from a file.
    #[serde(skip)]
    pub later_election_seed: Option<(Time, u64)>,
    /// The length of a tick, in milliseconds of the local clock. Default 100.
    pub tick_ms: u64,
    /// A follower that hears nothing for this many ticks, or up to twice as many, campaigns. Default 10.
    pub election_ticks: usize,
    /// A leader sends a heartbeat every so many ticks. Default 1.
    pub heartbeat_ticks: usize,
    /// Snapshots, lease checkpoints, the quota, the corruption check.
    pub tuning: Tuning,
    /// Append messages in flight to one follower. Default 512.
    pub in_flight_messages: usize,
    /// The size of an append message, in bytes. Default 1 MiB.
    pub message_bytes: u64,
    /// Report a hash of the store each time so many revisions were applied; 0 means never. Default 0.
    pub hash_every_revisions: i64,
    /// Report a digest of everything applied at each index that is a multiple of this; 0 means never.
    /// Default 0.
    pub digest_every_entries: u64,
    /// The kind of tokens that users show.
    pub auth: AuthConfig,
    /// The defects that are on. Set by a simulation, never read from a file: a host has none.
    #[serde(skip)]
    pub defects: Defects,
}

impl Config {
    /// The default configuration of member `id` of a cluster of `members`.
    pub fn new(id: MemberId, members: Vec<MemberId>) -> Config {
        Config {
            id,
            cluster_id: ClusterId(1),
            members,
            start: Start::New,
            incarnation: 1,
            after_disk_failure: false,
            wall_ahead_ms: 0,
            election_seed: 0,
            later_election_seed: None,
            tick_ms: 100,
            election_ticks: 10,
            heartbeat_ticks: 1,
            tuning: Tuning::default(),
            in_flight_messages: 512,
            message_bytes: 1024 * 1024,
            hash_every_revisions: 0,
            digest_every_entries: 0,
            auth: AuthConfig::default(),
            defects: Defects::default(),
        }
    }

    /// The election timeout: [`Config::election_ticks`] ticks.
    pub fn election_timeout(&self) -> Duration {
        Duration::from_millis(self.tick_ms * self.election_ticks as u64)
    }

    /// The time a request may wait for the cluster: 5 s and two election timeouts (`server/config/config.go`,
    /// `ReqTimeout`).
    pub(crate) fn request_timeout(&self) -> Duration {
        Duration::from_secs(5) + 2 * self.election_timeout()
    }

    /// The shortest TTL of a lease, in seconds.
    pub(crate) fn min_lease_ttl_s(&self) -> i64 {
        lease::min_ttl_s(self.election_timeout())
    }

    pub(super) fn raft(&self, applied: u64) -> raft::Config {
        raft::Config {
            id: self.id,
            election_tick: self.election_ticks,
            heartbeat_tick: self.heartbeat_ticks,
            applied,
            max_size_per_msg: self.message_bytes,
            max_inflight_msgs: self.in_flight_messages,
            check_quorum: true,
            pre_vote: true,
            read_only_option: raft::ReadOnlyOption::Safe,
            ..raft::Config::default()
        }
    }
}
