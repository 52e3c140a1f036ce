//! A member of the cluster: Raft, the log, the store and the watches, as one machine.
//!
//! etcd: `server/etcdserver/server.go`, `v3_server.go` and `raft.go`.
//!
//! # The way of a put
//! Through the member that a client asked, which leads: each step is a call from the one before.
//!
//! The frame arrives:
//! 1. `mod.rs`: `Member::step`
//! 2. `client.rs`: `Member::client_frame` (its token is known), `take_frame`, `call` (quota, form, permission)
//! 3. `v3_server/mod.rs`: `V3Server::kv`, `write` (the user of the token)
//! 4. `v3_server/writes.rs`: `Writes::write`, `write_as` (keeps the caller), `propose` (to Raft)
//!
//! and [`Member::settle`] does the rest:
//! 1. `replication.rs`: `Member::take_ready`
//! 2. `peers.rs`: `Peers::send`; `persistence/mod.rs`: `Persistence::append` and `push` (messages waiting for the
//!    disk)
//! 3. `replication.rs`: `Member::release_persisted`
//! 4. `persistence/queue.rs`: `PersistQueue::next` (asks for a sync)
//!
//! The sync comes back: `Member::step`, `Persistence::synced`, and in `settle` `release_persisted` tells Raft that the
//! entry is durable.
//!
//! A peer acknowledges the entry, and it is committed:
//! 1. `mod.rs`: `Member::step`
//! 2. `replication.rs`: `Member::peer_message`
//! 3. `peers.rs`: `Peers::step_raft`
//!
//! and in `settle`:
//! 1. `replication.rs`: `Member::take_ready`, `apply_entries`, `apply_command`, `apply_request`
//! 2. `mvcc`: `Store::apply`
//! 3. `replication.rs`: `Member::notify`
//! 4. `streams/mod.rs`: `WatchStreams::notify` (watches), `services/mod.rs`: `Services::notify` (locks, elections)
//! 5. `v3_server/writes.rs`: `Writes::applied` (the caller), `cx.rs`: `Cx::reply` (the response)
//!
//! A linearizable read goes from `V3Server::kv` to `v3_server/reads.rs`: `Reads::push`; in `settle` `Reads::ask` asks the
//! leader for the read index, and `V3Server::answer_ready` answers once that is applied.
//!
//! # The parts
//! Each owns its state, and steps over a [`Cx`](cx::Cx): the clock, the configuration, Raft, the applied state and the
//! outputs. A part that needs another one is given it as an argument; its effects on others it returns.
//!
//! | part | state |
//! | --- | --- |
//! | [`AuthGate`] | tokens, frames that came before their token, passwords being checked |
//! | [`Reads`](v3_server::reads::Reads) | the question to the leader, and the reads that wait for its answer |
//! | [`Writes`](v3_server::writes::Writes) | commands on their way through the log; the [`Quota`](v3_server::quota::Quota) and its alarm |
//! | [`Leases`](v3_server::leases::Leases) | the leader's lease clock; keepalives and questions that wait for it |
//! | [`V3Server`] | these four, as clients and the services of this member use them |
//! | [`Services`] | lock waiters, candidates, observers of elections |
//! | [`WatchStreams`] | watch streams, their watches and the users that own these |
//! | [`MembershipChanges`] | changes of members on their way through the log |
//! | [`Transfers`] | hand-overs of leadership |
//! | [`StorageWork`] | compactions and defragmentations under way |
//! | [`CorruptionCheck`] | the questions for hashes, and their rounds |
//! | [`Persistence`] | the log and the snapshot on the disk, and the messages that wait until these are durable |
//! | [`Peers`] | when each was last heard from, snapshots on their way |
//! | [`Leadership`] | role, term and leader as last reported |
//!
//! [`boot`] reads a member's disk; [`state`] is applied by all members alike.

mod boot;
mod caller;
mod client;
mod config;
mod corruption;
mod cx;
mod election_timeout;
mod event;
mod io;
mod leadership;
mod log_store;
mod logged;
mod membership;
mod peers;
mod persistence;
mod replication;
mod services;
mod state;
mod storage_work;
mod streams;
mod transfers;
mod tuning;
mod v3_server;

pub use boot::BootError;
pub use config::{Config, Start};
pub use event::{MemberEvent, Role};
pub use io::{Input, Output};
pub use logged::{Logged, logged};
pub use state::SnapshotError;
pub use state::restore::restore_snapshot;
pub use state::saved_snapshot::RestoreError;
#[cfg(feature = "defects")]
pub(crate) use state::{mix, mix_auth};
pub use tuning::Tuning;

use crate::auth::AuthStore;
use crate::defect::altered;
use crate::disk::{DiskFailure, DiskImage};
use crate::error::Error;
use crate::frame::{ClientFrame, ClientStream, ServerFrame, Status};
use crate::machine::{Machine, Time};
use crate::mvcc::{HashKv, Store};
use boot::Booted;
use caller::Caller;
use corruption::CorruptionCheck;
use cx::Core;
use leadership::Leadership;
use membership::changes::MembershipChanges;
use peers::{ForgottenEntries, Peers};
use persistence::Persistence;
use raft::StateRole;
use services::{ServiceAnswers, Services};
use storage_work::StorageWork;
use streams::WatchStreams;
use transfers::Transfers;
use v3_server::V3Server;
use v3_server::auth_gate::AuthGate;

/// A member of the cluster. See the [module](self).
pub struct Member {
    core: Core,
    life: Life,
    leadership: Leadership,
    peers: Peers,
    persistence: Persistence,
    server: V3Server,
    services: Services,
    streams: WatchStreams,
    changes: MembershipChanges,
    transfers: Transfers,
    storage_work: StorageWork,
    corruption: CorruptionCheck,
}

/// The membership of this member in the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Life {
    Running,
    /// Removed from the cluster: answers every call with [`Error::Stopped`].
    Stopped,
    /// Its disk failed, or its log is older than what it acknowledged: does nothing, until its process ends.
    Failed,
}

impl Member {
    /// Starts a member. An empty disk is that of a new member, as [`Config::start`] says; otherwise it goes on from
    /// its durable state: a torn last record is cut off, any other damage is an error.
    pub fn boot(
        config: Config,
        disk: &DiskImage,
        now: Time,
        out: &mut Vec<Output>,
    ) -> Result<Member, BootError> {
        let Booted { raft, state, initial_members, log_end, rewrite_log, event } =
            Booted::read(&config, disk)?;
        let mut member = Member {
            life: Life::Running,
            leadership: Leadership::at_start(raft.raft.term),
            peers: Peers::default(),
            persistence: Persistence::after(log_end, initial_members),
            server: V3Server::new(AuthGate::new(&config.auth)),
            services: Services::default(),
            streams: WatchStreams::new(config.defects, state.store.revision()),
            changes: MembershipChanges::default(),
            transfers: Transfers::default(),
            storage_work: StorageWork::default(),
            corruption: CorruptionCheck::default(),
            core: Core {
                now,
                wall_ahead_ms: config.wall_ahead_ms,
                config,
                raft,
                state,
                last_sequence: 0,
                service_answers: ServiceAnswers::default(),
            },
        };
        let cx = &mut member.core.cx(out);
        cx.set_election_timeout();
        cx.report(event);
        if cx.state.index > 0 {
            cx.report_members(false);
        }
        if rewrite_log {
            member.persistence.rewrite_log(cx);
        }
        member.persistence.sync_first(cx);
        member.settle(out);
        member.stop_if_removed(out);
        Ok(member)
    }
}

impl Machine for Member {
    type Input = Input;
    type Output = Output;

    fn step(&mut self, now: Time, input: Input, out: &mut Vec<Output>) {
        debug_assert!(now >= self.core.now, "the local clock is monotonic");
        self.core.now = now;
        match self.life {
            Life::Running => {}
            Life::Stopped => return step_stopped(input, out),
            Life::Failed => return,
        }
        match input {
            Input::Tick => self.tick(out),
            Input::ClockSet { wall_ahead_ms } => self.core.wall_ahead_ms = wall_ahead_ms,
            Input::Peer(message) => self.peer_message(message, out),
            Input::Client { session, frame } => self.client_frame(session, frame, out),
            Input::SessionClosed { session } => self.session_closed(session, out),
            Input::Stalled { session, stream } => self.streams.stalled(ClientStream { session, stream }),
            Input::Flowing { session, stream } => {
                self.streams.flows(&mut self.core.cx(out), ClientStream { session, stream });
            }
            Input::DiskFailed(failure) => return self.disk_failed(failure, out),
            Input::DiskDone { token } => {
                if !self.storage_work.defragmented(&mut self.core.cx(out), token) {
                    self.persistence.synced(token);
                }
            }
        }
        if self.life == Life::Failed {
            return;
        }
        self.settle(out);
        self.stop_if_removed(out);
    }
}

impl Member {
    /// Stops rather than trust a disk that failed (etcd: `Fatal` in `server/etcdserver/raft.go`).
    fn disk_failed(&mut self, failure: DiskFailure, out: &mut Vec<Output>) {
        if altered!(self.core.config.defects, failed_sync_forgotten::retry(&failure, out), false) {
            return;
        }
        self.life = Life::Failed;
        out.push(Output::Event(MemberEvent::Failed { failure }));
    }

    /// Stops, as its log is older than what it acknowledged.
    fn forgot(&mut self, forgotten: ForgottenEntries, out: &mut Vec<Output>) {
        let ForgottenEntries { commit, last_index } = forgotten;
        self.life = Life::Failed;
        out.push(Output::Event(MemberEvent::Forgot { commit, last_index }));
    }

    /// Does everything that follows from the last input, until nothing more does.
    fn settle(&mut self, out: &mut Vec<Output>) {
        loop {
            self.take_ready(out);
            let cx = &mut self.core.cx(out);
            if let Some(leader) = self.leadership.report_change(cx) {
                self.server.reads.leader_changed(cx);
                self.transfers.leader_changed(cx, leader);
            }
            self.server.leases.clock.advance(cx);
            self.server.advance_lease_calls(cx);
            self.server.writes.quota.advance(cx);
            self.services.advance(cx, &mut self.server);
            self.corruption.answer(cx);
            self.release_early_frames(out);
            let cx = &mut self.core.cx(out);
            self.server.writes.propose(cx);
            self.changes.propose(cx, &self.peers);
            self.server.ask_read_index(cx);
            if !self.core.raft.has_ready() && !self.release_persisted(out) {
                return;
            }
        }
    }
}

impl Member {
    /// Advances all parts by one tick of the local clock.
    fn tick(&mut self, out: &mut Vec<Output>) {
        let cx = &mut self.core.cx(out);
        // It could not campaign: its vote would wait for the disk behind the snapshot.
        if !cx.is_taking_over_snapshot() && !cx.would_lead_before_its_disk() {
            cx.raft.tick();
            cx.set_election_timeout();
        }
        self.server.leases.clock.tick(cx);
        self.corruption.tick(cx);
        self.server.expire(cx);
        self.transfers.expire(cx);
        self.changes.expire(cx);
        self.refuse_early_frames(out);
        let cx = &mut self.core.cx(out);
        self.services.tick(cx, &mut self.server);
        self.peers.retry_lost_snapshots(cx);
        self.storage_work.compact(cx);
        self.streams.tick(cx);
    }

    /// Ends this member's part if it was removed. No caller is kept waiting.
    fn stop_if_removed(&mut self, out: &mut Vec<Output>) {
        let cx = &mut self.core.cx(out);
        if self.life == Life::Stopped || !cx.is_gone(cx.config.id) {
            return;
        }
        self.life = Life::Stopped;
        let (term, last_index) = (cx.term(), cx.raft.raft.raft_log.last_index());
        cx.report(MemberEvent::Role { role: Role::Follower, term, leader: raft::INVALID_ID, last_index });
        cx.report(MemberEvent::Removed);
        // So that it knows when it comes back: no peer would tell it again.
        self.persistence.take_last_snapshot(cx);
        let mut callers: Vec<Caller> = self.server.writes.take_callers().collect();
        callers.extend(self.transfers.take_callers());
        callers.extend(self.storage_work.take_callers());
        callers.extend(self.server.reads.take_callers());
        callers.extend(self.changes.take_callers());
        callers.extend(self.server.leases.calls.take_callers());
        callers.extend(self.services.stop(cx));
        callers.extend(self.server.gate.early.take_callers());
        self.server.leases.clock.stop();
        cx.fail(callers, &Error::Stopped);
    }

    /// The status of this member.
    pub fn status(&self) -> Status {
        self.core.status()
    }

    /// Returns true if this member believes that it leads.
    pub fn is_leader(&self) -> bool {
        self.life == Life::Running && self.core.raft.raft.state == StateRole::Leader
    }

    /// The configuration it was started with.
    pub fn config(&self) -> &Config {
        &self.core.config
    }

    /// The applied store.
    pub fn store(&self) -> &Store {
        &self.core.state.store
    }

    /// Users and roles, as far as they were applied.
    pub fn auth(&self) -> &AuthStore {
        &self.core.state.auth
    }

    /// The hash of the store at its current revision.
    pub fn hash(&self) -> HashKv {
        self.core.state.hash()
    }
}

/// Answers a call to a removed member.
fn step_stopped(input: Input, out: &mut Vec<Output>) {
    if let Input::Client { session, frame: ClientFrame::Call { call, .. } } = input {
        let frame = ServerFrame::Reply { call, result: Err(Error::Stopped) };
        out.push(Output::Client { session, frame });
    }
}
