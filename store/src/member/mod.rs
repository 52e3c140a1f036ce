//! A member of the cluster: Raft, the log, the store and the watches, as one machine.
//!
//! The way of one write: [`calls`] takes it from the client and proposes it; [`ready`] appends what Raft
//! hands out to the log, and [`persist`] waits for the disk; [`apply`] applies what is committed, answers
//! the client and tells the watches. A linearizable read goes by [`read_index`], what only the
//! leader knows of leases by [`lease_calls`]; [`leases`] ends those that expired. Locks and elections are
//! [`services`] on top of all that. [`boot`] brings a member back from its disk.
//!
//! etcd: `server/etcdserver/server.go` and `raft.go`.

mod alarms;
mod apply;
mod auth_apply;
mod auth_calls;
mod auth_watches;
mod boot;
mod calls;
mod cluster_calls;
mod command;
mod config;
mod corruption;
mod early_frames;
mod election_timeout;
mod event;
mod io;
mod lease_calls;
mod leases;
mod log_file;
mod log_store;
mod maintenance_calls;
mod membership;
mod membership_apply;
mod own_snapshot;
mod peers;
mod persist;
mod quota;
mod read_index;
mod ready;
mod restore;
mod saved_snapshot;
mod services;
mod state;
mod streams;
mod ticks;
mod waiting;

pub use boot::BootError;
pub use config::{Config, Start};
pub(crate) use corruption::{HashContent, HashMessage};
pub use event::{MemberEvent, Role};
pub use io::{Input, Output};
pub use restore::restore_snapshot;
pub use saved_snapshot::RestoreError;
pub use state::SnapshotError;

use crate::api::{AuthenticateRequest, ResponseHeader};
use crate::auth::{AuthStore, Tokens};
use crate::lease::Primary;
use crate::machine::{Machine, MemberId, Reply, ServerFrame, Status, Time};
use crate::mvcc::{HashKv, Store};
use crate::watch::Hub;
use auth_watches::WatchOwners;
use cluster_calls::Changes;
use command::RequestId;
use corruption::CorruptionCheck;
use early_frames::EarlyFrame;
use lease_calls::LeaseCall;
use log_store::LogStore;
use persist::PersistQueue;
use quota::Quota;
use raft::{RawNode, StateRole};
use read_index::ReadIndex;
use services::Services;
use state::AppliedState;
use std::collections::BTreeMap;
use streams::Streams;
use waiting::{Caller, Waiting};

/// A member of the cluster. See the [module](self).
pub struct Member {
    config: Config,
    now: Time,
    raft: RawNode<LogStore>,
    state: AppliedState,
    hub: Hub,
    streams: Streams,
    persist: PersistQueue,
    reads: ReadIndex,
    waiting: Waiting,
    quota: Quota,
    corruption: CorruptionCheck,
    /// When the leases expire, while this member leads.
    primary: Option<Primary>,
    /// Questions about leases that only a leader can answer.
    lease_calls: Vec<LeaseCall>,
    /// The voters the cluster was founded with, if this member was one of them.
    founders: Vec<MemberId>,
    changes: Changes,
    services: Services,
    /// When each peer was last heard from.
    heard: BTreeMap<MemberId, Time>,
    /// It is no member any more, and says nothing but that.
    removed: bool,
    /// Whether this life of the member has applied all that an earlier one may have shown. The commit index
    /// on the disk may be older than what was applied before a crash, so that a restarted member would
    /// take back what its serializable reads showed. etcd opens its client port only once an entry of its
    /// own, published after the start, was applied (`server/embed/etcd.go`, `ReadyNotify`); here a
    /// serializable read waits as a linearizable one does, until the first of them was answered.
    caught_up: bool,
    next_sequence: u64,
    /// What was last reported as [`MemberEvent::Role`].
    standing: (Role, u64, MemberId),
    /// Followers that were sent a snapshot, and when to take it for lost.
    snapshots_sent: BTreeMap<MemberId, Time>,
    /// How users show who they are.
    tokens: Tokens,
    /// What is being checked until a token is given, by the command that will give it.
    authenticating: BTreeMap<RequestId, AuthenticateRequest>,
    /// What shows a token that is not known yet.
    early: Vec<EarlyFrame>,
    watch_owners: WatchOwners,
}

impl Machine for Member {
    type Input = Input;
    type Output = Output;

    fn step(&mut self, now: Time, input: Input, out: &mut Vec<Output>) {
        debug_assert!(now >= self.now, "the local clock is monotonic");
        self.now = now;
        if self.removed {
            return self.step_removed(input, out);
        }
        match input {
            Input::Tick => self.tick(out),
            Input::Peer(message) => self.peer_message(message, out),
            Input::Client { session, frame } => self.client_frame(session, frame, out),
            Input::SessionClosed { session } => self.session_closed(session),
            Input::Stalled { session, stream } => self.stream_stalled(session, stream),
            Input::Flowing { session, stream } => self.stream_flows(session, stream, out),
            Input::DiskDone { token } => {
                if !self.defragmented(token, out) {
                    self.persist.done(token);
                }
            }
        }
        self.settle(out);
        self.stop_if_removed(out);
    }
}

impl Member {
    /// Does everything that follows from the last input, until nothing more does.
    fn settle(&mut self, out: &mut Vec<Output>) {
        loop {
            self.handle_ready(out);
            self.report_standing(out);
            self.advance_leases();
            self.advance_lease_calls(out);
            self.advance_quota();
            self.advance_services(out);
            self.answer_hash_questions(out);
            self.release_early(out);
            self.propose_held();
            self.propose_changes(out);
            self.ask_read_index(out);
            if !self.raft.has_ready() && !self.release_persisted(out) {
                return;
            }
        }
    }

    /// Where this member stands.
    pub fn status(&self) -> Status {
        Status {
            member: self.config.id,
            leader: self.raft.raft.leader_id,
            term: self.raft.raft.term,
            applied_index: self.state.index,
            commit_index: self.raft.raft.raft_log.committed,
            revision: self.state.store.revision(),
            compact_revision: self.state.store.compact_revision(),
            db_size_bytes: self.state.store.size_bytes(),
            db_size_in_use_bytes: self.state.store.size_in_use_bytes(),
        }
    }

    /// Whether this member believes that it leads.
    pub fn is_leader(&self) -> bool {
        !self.removed && self.raft.raft.state == StateRole::Leader
    }

    /// The configuration it was started with.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The store, as far as it was applied.
    pub fn store(&self) -> &Store {
        &self.state.store
    }

    /// Users and roles, as far as they were applied.
    pub fn auth(&self) -> &AuthStore {
        &self.state.auth
    }

    /// The hash of the store at its current revision.
    pub fn hash(&self) -> HashKv {
        self.state.store.hash_kv(0).expect("the current revision is never compacted")
    }

    fn next_id(&mut self) -> RequestId {
        self.next_sequence += 1;
        RequestId {
            member: self.config.id,
            incarnation: self.config.incarnation,
            sequence: self.next_sequence,
        }
    }

    fn fill_header(&self, header: &mut ResponseHeader) {
        header.cluster_id = self.config.cluster_id;
        header.member_id = self.config.id;
        header.raft_term = self.raft.raft.term;
    }

    fn reply(
        &mut self,
        caller: Caller,
        mut result: Result<Reply, crate::error::Error>,
        out: &mut Vec<Output>,
    ) {
        let (session, call) = match caller {
            Caller::Client { session, call } => (session, call),
            Caller::Service(call) => return self.services.answered(call, result),
        };
        match &mut result {
            Ok(Reply::Kv(response)) => self.fill_header(response.header_mut()),
            Ok(Reply::Lease(response)) => self.fill_header(response.header_mut()),
            Ok(Reply::Lock(response)) => self.fill_header(response.header_mut()),
            Ok(Reply::Election(response)) => self.fill_header(response.header_mut()),
            Ok(Reply::Cluster(response)) => self.fill_header(&mut response.header),
            Ok(Reply::Maintenance(response)) => self.fill_header(response.header_mut()),
            Ok(Reply::Auth(response)) => self.fill_header(response.header_mut()),
            Ok(Reply::MovedLeader | Reply::Status(_)) | Err(_) => {}
        }
        let frame = ServerFrame::Reply { call, result };
        out.push(Output::Client { session, frame });
    }

    /// Reports a change of role, term or leader, and what follows from a new leader.
    fn report_standing(&mut self, out: &mut Vec<Output>) {
        let raft = &self.raft.raft;
        let standing = (Role::from(raft.state), raft.term, raft.leader_id);
        if standing == self.standing {
            return;
        }
        let leader_before = std::mem::replace(&mut self.standing, standing).2;
        let (role, term, leader) = standing;
        let last_index = self.last_index_brought_along();
        out.push(Output::Event(MemberEvent::Role { role, term, leader, last_index }));
        if leader != leader_before && leader != raft::INVALID_ID {
            self.leader_changed(leader, out);
        }
    }

    /// The last index of the log; of a leader, without the entries of its own term.
    fn last_index_brought_along(&self) -> u64 {
        let (log, term) = (&self.raft.raft.raft_log, self.raft.raft.term);
        let mut index = log.last_index();
        while self.is_leader() && log.term(index) == Ok(term) {
            index -= 1;
        }
        index
    }
}
