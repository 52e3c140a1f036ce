//! Applying what is committed: once, in order, on every member alike.

use super::Member;
use super::caller::Caller;
use super::command::{Action, Command, RequestId};
use super::event::MemberEvent;
use super::quota::Fit;
use crate::api::Request;
use crate::defect::Defect;
use crate::error::Error;
use crate::lease::LeaseAction;
use crate::machine::{Output, Reply};
use raft::eraftpb::{Entry, EntryType};

impl Member {
    pub(super) fn apply_entries(&mut self, entries: Vec<Entry>, out: &mut Vec<Output>) {
        let Some(last) = entries.last().map(|entry| entry.index) else { return };
        for entry in entries {
            self.core.state.advance(&entry);
            match entry.get_entry_type() {
                EntryType::EntryNormal if entry.data.is_empty() => {
                    self.reads.retry_now(self.core.now);
                    self.promote(entry.term);
                }
                EntryType::EntryNormal => self.apply_command(&Command::decode(&entry.data), out),
                EntryType::EntryConfChangeV2 => self.apply_membership(&entry, out),
                EntryType::EntryConfChange => unreachable!("changes of members are proposed as version 2"),
            }
            self.report_digest(out);
        }
        let revision = self.core.state.store.revision();
        out.push(Output::Event(MemberEvent::Applied { index: last, revision }));
    }

    fn apply_command(&mut self, command: &Command, out: &mut Vec<Output>) {
        if !self.core.state.requests.first_time(command.id) {
            return;
        }
        if let Err(error) = self.core.state.alarms.admit(&command.action) {
            if let Some(caller) = self.writes.applied(command.id) {
                self.reply(caller, Err(error), out);
            }
            return;
        }
        if let Err(error) = self.permit_command(command) {
            if let Some(caller) = self.writes.applied(command.id) {
                self.reply(caller, Err(error), out);
            }
            return;
        }
        let fit = self.writes.quota.applying(&self.core.cx(out), &command.action);
        let revision_before = self.core.state.store.revision();
        match &command.action {
            Action::Kv(request) => self.apply_request(command.id, request, fit, out),
            Action::Lease(action) => self.apply_lease(command.id, action, fit, out),
            Action::Alarm(alarm) => {
                let caller = self.writes.applied(command.id);
                self.apply_alarm(caller, alarm, out);
            }
            Action::Auth(action) => self.apply_auth(command.id, action, out),
        }
        self.report_hash(revision_before, out);
    }

    fn apply_request(&mut self, id: RequestId, request: &Request, fit: Fit, out: &mut Vec<Output>) {
        let proposed_here =
            (id.member, id.incarnation) == (self.core.config.id, self.core.config.incarnation);
        let applied = match request {
            // Nobody here waits for what they find.
            Request::Txn(txn) if !proposed_here && self.core.config.defects.has(Defect::TxnRangeStripped) => {
                self.core.state.store.apply(&Request::Txn(txn.without_ranges()))
            }
            _ => self.core.state.store.apply(request),
        };
        if !applied.events.is_empty() {
            self.notify_watches(applied.revision, &applied.events, out);
        }
        if let Some(caller) = self.writes.applied(id) {
            match (request, applied.result) {
                (Request::Compaction(compaction), Ok(response)) if compaction.physical => {
                    let revision = compaction.revision;
                    self.storage_work.compacting(caller, revision, response);
                }
                (_, result) => self.reply(caller, told(caller, fit, result).map(Reply::Kv), out),
            }
        }
    }

    fn apply_lease(&mut self, id: RequestId, action: &LeaseAction, fit: Fit, out: &mut Vec<Output>) {
        let applied = self.core.state.store.apply_lease(action);
        self.lease_applied(action, applied.result.is_ok());
        if !applied.events.is_empty() {
            self.notify_watches(applied.revision, &applied.events, out);
        }
        if let Some(caller) = self.writes.applied(id) {
            let response = applied.result.map(|response| response.expect("no client asks for a checkpoint"));
            self.reply(caller, told(caller, fit, response).map(Reply::Lease), out);
        }
    }

    fn report_digest(&self, out: &mut Vec<Output>) {
        let (every, state) = (self.core.config.digest_every_entries, &self.core.state);
        if every > 0 && state.index.is_multiple_of(every) {
            let (index, term, digest) = (state.index, state.term, state.digest);
            out.push(Output::Event(MemberEvent::Digest { index, term, digest }));
        }
    }

    /// Reports the hash of the store when its revision passes a multiple of the configured distance.
    fn report_hash(&self, revision_before: i64, out: &mut Vec<Output>) {
        let every = self.core.config.hash_every_revisions;
        let revision = self.core.state.store.revision();
        if every > 0 && revision / every > revision_before / every {
            let hash = self.hash();
            out.push(Output::Event(MemberEvent::Hash {
                revision,
                compact_revision: hash.compact_revision,
                hash: hash.hash,
            }));
        }
    }
}

/// What a caller is told of a command that was applied, if it did not fit any more. The services of this member have
/// to know that it was.
fn told<T>(caller: Caller, fit: Fit, result: Result<T, Error>) -> Result<T, Error> {
    match caller {
        Caller::Client { .. } if fit == Fit::Beyond => result.and(Err(Error::NoSpace)),
        Caller::Client { .. } | Caller::Service(_) => result,
    }
}
