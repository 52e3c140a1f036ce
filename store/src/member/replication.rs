//! The replicated log: messages of peers into Raft, and out of Raft messages to send, entries to append, entries to
//! apply, a snapshot to take over.

use crate::api::{AlarmKind, Event, Request};
use crate::auth::AuthAction;
use crate::defect::altered;
use crate::error::Error;
use crate::frame::Reply;
use crate::mark::{Mark, reach, reach_if};
use crate::member::Member;
use crate::member::Output;
use crate::member::caller::Caller;
use crate::member::event::MemberEvent;
use crate::member::membership::apply::Changed;
use crate::member::state::AppliedState;
use crate::member::state::command::{Action, Command};
use crate::member::v3_server::quota::Fit;
use crate::peer::{PeerContent, PeerMessage};
use raft::eraftpb::{Entry, EntryType, Snapshot};

impl Member {
    /// Takes a message of a peer.
    pub(super) fn peer_message(&mut self, message: PeerMessage, out: &mut Vec<Output>) {
        let cx = &mut self.core.cx(out);
        let campaign = message.asks_to_campaign();
        if campaign && (cx.is_taking_over_snapshot() || cx.would_lead_before_its_disk()) {
            return;
        }
        // etcd's peers close their streams to a removed member. Only its last word as the leader counts.
        if cx.is_gone(message.from()) && !campaign {
            reach(Mark::MessageOfRemovedMember);
            return;
        }
        self.peers.heard_from(message.from(), cx.now);
        match message.into_content() {
            PeerContent::Raft(message) => {
                if let Err(forgotten) = self.peers.step_raft(cx, *message) {
                    self.forgot(forgotten, out);
                }
            }
            PeerContent::Lease(message) => self.server.leases.message(cx, &mut self.server.gate, *message),
            PeerContent::Hash(message) => self.corruption.message(cx, *message),
        }
    }

    /// Takes everything Raft has ready.
    pub(super) fn take_ready(&mut self, out: &mut Vec<Output>) {
        while self.core.raft.has_ready() {
            let cx = &mut self.core.cx(out);
            let mut ready = cx.raft.ready();
            // A leader may send before its own disk is done (Raft thesis, 10.2.1).
            self.peers.send(cx, ready.take_messages());
            if !ready.snapshot().is_empty() {
                self.install_snapshot(ready.snapshot().clone(), out);
            }
            let cx = &mut self.core.cx(out);
            self.persistence.append(cx, &ready);
            for read in ready.take_read_states() {
                self.server.read_index_answered(cx, &read.request_ctx, read.index);
            }
            let committed = ready.take_committed_entries();
            let (number, must_sync) = (ready.number(), ready.must_sync());
            let persisted_messages = self.peers.send_hastily(cx, ready.take_persisted_messages());
            cx.raft.advance_append_async(ready);
            self.apply_entries(committed, out);
            let cx = &mut self.core.cx(out);
            cx.advance_applied();
            self.persistence.push(cx, number, must_sync, persisted_messages);
            self.server.answer_ready(cx);
            self.persistence.take_snapshot_if_due(cx);
        }
    }

    /// Tells Raft of the entries that became durable; false if there are none.
    pub(super) fn release_persisted(&mut self, out: &mut Vec<Output>) -> bool {
        let cx = &mut self.core.cx(out);
        let mut released = false;
        while let Some(persisted) = self.persistence.next_persisted(cx) {
            released = true;
            self.peers.send(cx, persisted.messages);
            cx.raft.on_persist_ready(persisted.number);
            cx.advance_applied();
        }
        if released {
            cx.report(MemberEvent::Persisted { last_index: cx.raft.raft.raft_log.persisted });
        }
        released
    }

    /// Takes over the leader's snapshot in place of everything applied and logged so far.
    fn install_snapshot(&mut self, snapshot: Snapshot, out: &mut Vec<Output>) {
        let cx = &mut self.core.cx(out);
        let index = snapshot.get_metadata().index;
        assert!(index > cx.state.index, "a snapshot never takes the state back");
        let before = cx.state.store.revision();
        let compacted_before = cx.state.store.compact_revision();
        let permissions = cx.state.auth.take_cache();
        *cx.state = AppliedState::from_snapshot(&snapshot, permissions, &cx.config.defects)
            .expect("a leader's snapshot is whole: it was read from its own state");
        reach_if(!cx.state.store.leases().is_empty(), Mark::SnapshotWithLeases);
        reach_if(cx.state.auth.is_enabled(), Mark::SnapshotWithAuth);
        reach_if(cx.state.alarms.any(AlarmKind::NoSpace), Mark::SnapshotWithAlarm);
        reach_if(cx.state.store.compact_revision() > compacted_before, Mark::SnapshotWithCompaction);
        self.streams.restored(cx);
        // First: nothing that was skipped may be shown to a user that may not see it any more.
        self.server.gate.restored();
        self.permissions_changed(out);
        let cx = &mut self.core.cx(out);
        self.services.restored(cx, before);
        self.persistence.install(cx, snapshot);
        let revision = cx.state.store.revision();
        cx.report(MemberEvent::SnapshotInstalled { index, revision });
        cx.report_members(false);
    }

    /// Applies committed entries: once, in order, on every member alike.
    fn apply_entries(&mut self, entries: Vec<Entry>, out: &mut Vec<Output>) {
        let Some(last) = entries.last().map(|entry| entry.index) else { return };
        for entry in entries {
            let cx = &mut self.core.cx(out);
            cx.state.advance(&entry);
            match entry.get_entry_type() {
                EntryType::EntryNormal if entry.data.is_empty() => {
                    self.server.reads.retry_now(cx.now);
                    self.server.leases.clock.promote(cx, entry.term);
                }
                EntryType::EntryNormal => self.apply_command(&Command::decode(&entry.data), out),
                EntryType::EntryConfChangeV2 => {
                    if self.changes.apply(cx, &entry) == Changed::Added {
                        self.persistence.want_snapshot();
                    }
                }
                EntryType::EntryConfChange => unreachable!("changes of members are proposed as version 2"),
            }
            self.core.cx(out).report_digest();
        }
        let revision = self.core.state.store.revision();
        self.core.cx(out).report(MemberEvent::Applied { index: last, revision });
    }

    fn apply_command(&mut self, command: &Command, out: &mut Vec<Output>) {
        let cx = &mut self.core.cx(out);
        if !cx.state.requests.first_time(command.id) {
            reach(Mark::RequestRepeated);
            return;
        }
        if let Err(error) = cx.state.admit(command) {
            reach(Mark::RefusedWhenApplied);
            if let Some(caller) = self.server.writes.applied(command.id) {
                cx.reply(caller, Err(error));
            }
            return;
        }
        let fit = self.server.writes.quota.applying(cx, &command.action);
        reach_if(fit == Fit::Beyond, Mark::BeyondQuota);
        let revision_before = cx.state.store.revision();
        match &command.action {
            Action::Kv(request) => self.apply_request(command, request, fit, out),
            Action::Lease(action) => {
                let applied = cx.state.store.apply_lease(action);
                self.server.leases.clock.applied(cx, action, applied.result.is_ok());
                self.notify(applied.revision, &applied.events, out);
                if let Some(caller) = self.server.writes.applied(command.id) {
                    let response =
                        applied.result.map(|response| response.expect("no client asks for a checkpoint"));
                    self.core.cx(out).reply(caller, told(caller, fit, response).map(Reply::Lease));
                }
            }
            Action::Alarm(alarm) => {
                let caller = self.server.writes.applied(command.id);
                let reply = cx.state.apply_alarm(alarm, cx.out);
                self.server.writes.quota.alarm_applied(cx, alarm);
                if let Some(caller) = caller {
                    cx.reply(caller, Ok(Reply::Maintenance(reply)));
                }
            }
            Action::Auth(action) => self.apply_auth(command, action, out),
        }
        self.core.cx(out).report_hash(revision_before);
    }

    fn apply_request(&mut self, command: &Command, request: &Request, fit: Fit, out: &mut Vec<Output>) {
        let (id, cx) = (command.id, &mut self.core.cx(out));
        let proposed_here = (id.member, id.incarnation) == (cx.config.id, cx.config.incarnation);
        let stripped =
            altered!(cx.config.defects, txn_range_stripped::stripped(request, proposed_here), None);
        let applied = cx.state.store.apply(stripped.as_ref().unwrap_or(request));
        self.notify(applied.revision, &applied.events, out);
        let Some(caller) = self.server.writes.applied(id) else { return };
        match (request, applied.result) {
            (Request::Compaction(compaction), Ok(response)) if compaction.physical => {
                self.storage_work.compacting(caller, compaction.revision, response);
            }
            (_, result) => self.core.cx(out).reply(caller, told(caller, fit, result).map(Reply::Kv)),
        }
    }

    fn apply_auth(&mut self, command: &Command, action: &AuthAction, out: &mut Vec<Output>) {
        let (cx, server) = (&mut self.core.cx(out), &mut self.server);
        let before = (cx.state.auth.is_enabled(), cx.state.auth.revision());
        let caller = server.writes.applied(command.id);
        let result = match action {
            AuthAction::Authenticate { .. } => {
                match server.gate.give_token(cx, &mut server.reads, command.id, caller, action) {
                    Some(result) => result,
                    None => return,
                }
            }
            _ => cx.state.auth.apply(action, cx.header()),
        };
        if result.is_ok() {
            server.gate.changed(action);
        }
        if before != (cx.state.auth.is_enabled(), cx.state.auth.revision()) {
            altered!(
                cx.config.defects,
                auth_skips_applied_index::after_change(|saved| self.persistence.save(cx, saved)),
                ()
            );
            self.permissions_changed(out);
        }
        if let Some(caller) = caller {
            self.core.cx(out).reply(caller, result.map(Reply::Auth));
        }
    }

    /// Tells watches and services of these changes, all of one request.
    fn notify(&mut self, revision: i64, events: &[Event], out: &mut Vec<Output>) {
        if !events.is_empty() {
            let cx = &mut self.core.cx(out);
            self.streams.notify(cx, revision, events);
            self.services.notify(cx, events);
        }
    }

    /// Rechecks watches after a change of permissions: a watch that may no longer read its range is told so, and
    /// nothing more. (etcd looks at permissions only when a watch is created.)
    fn permissions_changed(&mut self, out: &mut Vec<Output>) {
        let cx = &mut self.core.cx(out);
        if cx.state.auth.is_enabled() {
            self.streams.recheck(cx);
            self.services.recheck(cx, &mut self.server);
        }
    }
}

/// The answer to a command that was applied, if it did not fit any more. The services of this member have
/// to know that it was.
fn told<T>(caller: Caller, fit: Fit, result: Result<T, Error>) -> Result<T, Error> {
    match caller {
        Caller::Client { .. } if fit == Fit::Beyond => result.and(Err(Error::NoSpace)),
        Caller::Client { .. } | Caller::Service(_) => result,
    }
}
