//! The entries of the log in words of the API, for those who look at a run.

use super::membership::{Change, MembershipChange};
use super::state::command::{Action, Command};
use crate::api::{AlarmRequest, AuthRequest, Request};
use crate::auth::AuthAction;
use crate::lease::LeaseAction;
use crate::machine::MemberId;
use crate::wal::{EntryKind, WalEntry};
use raft::eraftpb::Entry;

/// The content of an entry of the log.
#[derive(Clone, Debug, PartialEq)]
pub enum Logged {
    /// None: the entry with which a leader begins its term.
    Nothing,
    /// A request of the KV service.
    Kv(Request),
    /// A change of leases.
    Lease(LeaseAction),
    /// A request about alarms.
    Alarm(AlarmRequest),
    /// A request of the auth service that needs no password.
    Auth(AuthRequest),
    /// A request of the auth service with a password, in words without it.
    Password(String),
    /// A change of members, in words.
    Members(String),
    /// Nothing that this version reads.
    Unreadable,
}

/// Reads the content of an entry, and the member that proposed it, where that is known.
pub fn logged(entry: &WalEntry) -> (Logged, Option<MemberId>) {
    match entry.kind {
        EntryKind::Normal if entry.data.is_empty() => (Logged::Nothing, None),
        EntryKind::Normal => match postcard::from_bytes::<Command>(&entry.data) {
            Ok(command) => (action(command.action), Some(command.id.member)),
            Err(_) => (Logged::Unreadable, None),
        },
        EntryKind::ConfChange => (Logged::Unreadable, None),
        EntryKind::ConfChangeV2 => match MembershipChange::read(&Entry::from(entry.clone())) {
            Some((_, None)) => (Logged::Members("leave the joint configuration".to_owned()), None),
            Some((_, Some(MembershipChange { id, change }))) => {
                (Logged::Members(words(&change)), Some(id.member))
            }
            None => (Logged::Unreadable, None),
        },
    }
}

fn action(action: Action) -> Logged {
    match action {
        Action::Kv(request) => Logged::Kv(request),
        Action::Lease(action) => Logged::Lease(action),
        Action::Alarm(request) => Logged::Alarm(request),
        Action::Auth(AuthAction::Plain(request)) => Logged::Auth(request),
        Action::Auth(AuthAction::Authenticate { name, .. }) => {
            Logged::Password(format!("authenticate {name}"))
        }
        Action::Auth(AuthAction::UserAdd { name, .. }) => Logged::Password(format!("add user {name}")),
        Action::Auth(AuthAction::UserChangePassword { name, .. }) => {
            Logged::Password(format!("change password of {name}"))
        }
    }
}

fn words(change: &Change) -> String {
    match change {
        Change::Add(member) if member.is_learner => format!("add learner {}", member.id),
        Change::Add(member) => format!("add member {}", member.id),
        Change::Promote(member) => format!("promote member {member}"),
        Change::Remove(member) => format!("remove member {member}"),
        Change::Update(member, name) => format!("name member {member} {name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::PutRequest;
    use crate::auth::Actor;
    use crate::member::state::command::RequestId;

    fn entry(kind: EntryKind, data: &[u8]) -> WalEntry {
        WalEntry { index: 7, term: 2, kind, data: data.into() }
    }

    #[test]
    fn an_entry_says_what_it_does_and_whose_it_is() {
        let put = Request::Put(PutRequest { key: "k".into(), value: "1".into(), ..PutRequest::default() });
        let id = RequestId { member: 3, incarnation: 1, sequence: 9 };
        let command = Action::Kv(put.clone()).of(id, Actor::Nobody).encode();
        assert_eq!(logged(&entry(EntryKind::Normal, &command)), (Logged::Kv(put), Some(3)));
        assert_eq!(logged(&entry(EntryKind::Normal, b"")), (Logged::Nothing, None));
    }

    #[test]
    fn what_is_no_entry_is_no_panic() {
        for kind in [EntryKind::Normal, EntryKind::ConfChange, EntryKind::ConfChangeV2] {
            assert_eq!(logged(&entry(kind, b"\xff\xff\xff")), (Logged::Unreadable, None));
        }
    }
}
