//! Callers that wait for what they proposed.

use super::command::RequestId;
use super::services::ServiceCall;
use crate::api::Response;
use crate::machine::{DiskToken, MemberId, SessionId, Time};
use std::collections::{BTreeMap, VecDeque};

/// Who gets the reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    Client {
        session: SessionId,
        call: u64,
    },
    /// A service of this member, which uses the member as a client does.
    Service(ServiceCall),
}

impl Caller {
    /// Whether it came on this connection.
    pub fn is_of(&self, its_session: SessionId) -> bool {
        matches!(self, Caller::Client { session, .. } if *session == its_session)
    }
}

/// A write on its way through the log.
#[derive(Debug)]
pub(super) struct Proposal {
    pub caller: Caller,
    pub deadline: Time,
}

/// A command that was not proposed yet.
#[derive(Debug)]
pub(super) struct Held {
    pub id: RequestId,
    /// The command, encoded.
    pub data: Vec<u8>,
    pub proposal: Proposal,
}

/// A hand-over of leadership under way.
#[derive(Debug)]
pub(super) struct Transfer {
    pub caller: Caller,
    pub target: MemberId,
    pub deadline: Time,
}

/// A compaction that is to be answered when it is physically done.
#[derive(Debug)]
pub(super) struct PhysicalCompaction {
    pub caller: Caller,
    pub revision: i64,
    pub response: Response,
}

/// Everything that waits for the cluster, other than reads.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    /// Proposed, as far as this member could; what became of it is not known.
    proposed: BTreeMap<RequestId, Proposal>,
    /// Not proposed yet, because there is no leader to take it.
    held: VecDeque<Held>,
    /// Raft works on the last one.
    pub transfers: Vec<Transfer>,
    pub compactions: Vec<PhysicalCompaction>,
    /// Being written; the caller may be gone.
    pub defragmentations: Vec<(DiskToken, Option<Caller>)>,
}

impl Waiting {
    /// Keeps a command back until there is a leader.
    pub fn hold(&mut self, held: Held) {
        self.held.push_back(held);
    }

    pub fn take_held(&mut self) -> Option<Held> {
        self.held.pop_front()
    }

    /// Puts back what could not be proposed after all.
    pub fn hold_first(&mut self, held: Held) {
        self.held.push_front(held);
    }

    pub fn proposed(&mut self, id: RequestId, proposal: Proposal) {
        self.proposed.insert(id, proposal);
    }

    /// The caller of an entry that was applied, if it is ours and still waits.
    pub fn applied(&mut self, id: RequestId) -> Option<Caller> {
        self.proposed.remove(&id).map(|proposal| proposal.caller)
    }

    /// Whether somebody waits for this command.
    pub fn is_waiting(&self, id: RequestId) -> bool {
        self.proposed.contains_key(&id) || self.held.iter().any(|held| held.id == id)
    }

    /// Callers whose command was proposed and not seen again: it may still be applied.
    pub fn take_expired(&mut self, now: Time) -> Vec<Caller> {
        self.proposed
            .extract_if(.., |_, proposal| now >= proposal.deadline)
            .map(|(_, proposal)| proposal.caller)
            .collect()
    }

    /// Callers whose command never left this member.
    pub fn take_expired_held(&mut self, now: Time) -> Vec<Caller> {
        let mut expired = Vec::new();
        self.held.retain(|held| {
            let keep = now < held.proposal.deadline;
            if !keep {
                expired.push(held.proposal.caller);
            }
            keep
        });
        expired
    }

    /// Everybody who waits, to be told that it is in vain.
    pub fn take_all(&mut self) -> Vec<Caller> {
        let waiting = std::mem::take(self);
        let defragmentations = waiting.defragmentations;
        // The disk goes on with these.
        self.defragmentations = defragmentations.iter().map(|(token, _)| (*token, None)).collect();
        let proposed = waiting.proposed.into_values().map(|proposal| proposal.caller);
        let held = waiting.held.into_iter().map(|held| held.proposal.caller);
        let transfers = waiting.transfers.into_iter().map(|transfer| transfer.caller);
        let compactions = waiting.compactions.into_iter().map(|compaction| compaction.caller);
        let defragmentations = defragmentations.into_iter().filter_map(|(_, caller)| caller);
        proposed.chain(held).chain(transfers).chain(compactions).chain(defragmentations).collect()
    }

    /// The caller of a defragmentation that is done; the outer `None`: there is none of that name.
    pub fn take_defragmentation(&mut self, token: DiskToken) -> Option<Option<Caller>> {
        let at = self.defragmentations.iter().position(|(named, _)| *named == token)?;
        Some(self.defragmentations.remove(at).1)
    }

    /// Takes back what a caller asked for, if it never left this member.
    pub fn withdraw(&mut self, caller: Caller) -> bool {
        let before = self.held.len();
        self.held.retain(|held| held.proposal.caller != caller);
        self.held.len() < before
    }

    /// Forgets callers that went away. What they proposed goes on; what was held back does not.
    pub fn forget(&mut self, gone: impl Fn(&Caller) -> bool) {
        self.proposed.retain(|_, proposal| !gone(&proposal.caller));
        self.held.retain(|held| !gone(&held.proposal.caller));
        self.transfers.retain(|transfer| !gone(&transfer.caller));
        self.compactions.retain(|compaction| !gone(&compaction.caller));
        for (_, caller) in &mut self.defragmentations {
            caller.take_if(|caller| gone(caller));
        }
    }
}
