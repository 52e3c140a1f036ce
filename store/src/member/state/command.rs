//! The commands in the entries of the log, and how a repeated one is recognised.

use crate::api::{AlarmRequest, Request};
use crate::auth::{Actor, AuthAction};
use crate::lease::LeaseAction;
use crate::machine::MemberId;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The name of a request in the whole cluster, for ever: the member that proposed it, the life of that member, and the
/// request in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(in crate::member) struct RequestId {
    pub member: MemberId,
    pub incarnation: u64,
    pub sequence: u64,
}

/// The content of a normal entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::member) struct Command {
    pub id: RequestId,
    pub actor: Actor,
    pub action: Action,
}

/// The effect of a command (`etcdserverpb.InternalRaftRequest`). New kinds go at the end: stored logs hold the
/// position.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::member) enum Action {
    Kv(Request),
    Lease(LeaseAction),
    Alarm(AlarmRequest),
    Auth(AuthAction),
}

impl Action {
    /// This action, as a command of an actor.
    pub fn of(self, id: RequestId, actor: Actor) -> Command {
        Command { id, actor, action: self }
    }
}

impl Command {
    pub fn encode(&self) -> Vec<u8> {
        postcard::to_stdvec(self).expect("a command is always encodable")
    }

    /// Returns true if the data of an entry reads as a command that writes to the store.
    pub fn is_write(data: &[u8]) -> bool {
        let command: Result<Command, _> = postcard::from_bytes(data);
        command.is_ok_and(|command| match command.action {
            Action::Kv(request) => command.id.member != 0 && !request.is_read_only(),
            Action::Lease(_) | Action::Alarm(_) | Action::Auth(_) => false,
        })
    }

    /// Every entry of the log was encoded by a member of this version, so this cannot fail on a log
    /// that passed its checksums.
    pub fn decode(data: &[u8]) -> Command {
        postcard::from_bytes(data).expect("an entry of the log is a command")
    }
}

/// The number of a member's last requests that are remembered one by one.
const WINDOW: u64 = 4096;

/// The requests that were applied, as far as they can still be repeated.
///
/// A proposal that a follower forwards to its leader is a datagram: it may arrive twice, and then
/// stands in the log twice. (etcd's peers talk over streams and cannot repeat one.) This is part of the
/// replicated state: every member skips the same entries.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(in crate::member) struct AppliedRequests {
    by_member: BTreeMap<MemberId, Recent>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Recent {
    incarnation: u64,
    newest: u64,
    sequences: BTreeSet<u64>,
}

impl AppliedRequests {
    /// Notes that `id` is applied now; false if it was before, or is too old to tell.
    pub fn first_time(&mut self, id: RequestId) -> bool {
        let recent = self.by_member.entry(id.member).or_default();
        if id.incarnation < recent.incarnation {
            return false;
        }
        if id.incarnation > recent.incarnation {
            *recent = Recent { incarnation: id.incarnation, ..Recent::default() };
        }
        if id.sequence + WINDOW <= recent.newest || !recent.sequences.insert(id.sequence) {
            return false;
        }
        recent.newest = recent.newest.max(id.sequence);
        while recent.sequences.first().is_some_and(|&oldest| oldest + WINDOW <= recent.newest) {
            recent.sequences.pop_first();
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(incarnation: u64, sequence: u64) -> RequestId {
        RequestId { member: 1, incarnation, sequence }
    }

    #[test]
    fn a_request_is_applied_once_in_whatever_order_it_comes() {
        let mut applied = AppliedRequests::default();
        assert!(applied.first_time(id(1, 2)));
        assert!(applied.first_time(id(1, 1)));
        assert!(!applied.first_time(id(1, 2)));
        assert!(!applied.first_time(id(1, 1)));
        assert!(applied.first_time(RequestId { member: 2, ..id(1, 1) }));
    }

    #[test]
    fn a_request_from_an_earlier_life_or_from_before_the_window_is_not_applied() {
        let mut applied = AppliedRequests::default();
        assert!(applied.first_time(id(2, 1)));
        assert!(!applied.first_time(id(1, 7)));
        assert!(applied.first_time(id(2, WINDOW + 2)));
        assert!(!applied.first_time(id(2, 2)));
        assert!(applied.first_time(id(2, 3)));
    }
}
