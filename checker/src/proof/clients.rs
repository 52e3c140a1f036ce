//! The sequence of each client: one operation after the other.

use super::{Unproven, require};
use crate::history::{ClientId, MemberId, Operation, Revision};
use crate::replay::{Position, asked};
use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;

/// A client.
#[derive(Clone, Copy, Debug, Default)]
struct Client {
    /// The end of its last operation.
    until_ns: u64,
    /// The place of its last operation that binds others.
    place: Option<Position>,
    /// The last round that it took part in.
    round: u64,
}

/// The clients. Looked up, never walked through: the order of the maps does not show.
#[derive(Clone, Debug, Default)]
pub(super) struct Clients {
    known: HashMap<ClientId, Client, FxBuildHasher>,
    /// The highest revision that each read from each member, by each endpoint.
    read: HashMap<(ClientId, Option<MemberId>, MemberId), Revision, FxBuildHasher>,
    round: u64,
    round_since_ns: u64,
    /// The number that took part in this round.
    come_round: usize,
}

impl Clients {
    /// Takes note of an operation that is over; says where the client stood before.
    pub(super) fn note(
        &mut self,
        operation: &Operation,
        until_ns: u64,
        binds: Option<Position>,
    ) -> Result<Option<Position>, Unproven> {
        let client = self.known.entry(operation.client).or_default();
        require(operation.invoke_ns >= client.until_ns, "a client had two operations open")?;
        client.until_ns = until_ns;
        if operation.invoke_ns >= self.round_since_ns && client.round < self.round {
            client.round = self.round;
            self.come_round += 1;
        }
        let before = client.place;
        client.place = binds.or(before);
        Ok(before)
    }

    /// Takes note of a read; a serializable one must not go back.
    pub(super) fn read(&mut self, operation: &Operation, revision: Revision) -> Result<(), Unproven> {
        let Some(member) = operation.answered_by() else { return Ok(()) };
        let highest = self.read.entry((operation.client, operation.member, member)).or_insert(revision);
        require(
            revision >= *highest || !operation.request.is_serializable(),
            "a serializable read went back",
        )?;
        *highest = revision.max(*highest);
        Ok(())
    }

    /// Takes note of a serializable read that was refused because of the future: its member must not have come as far
    /// before.
    pub(super) fn refused(&self, operation: &Operation) -> Result<(), Unproven> {
        let (Some(member), Some(asked)) = (operation.answered_by(), asked(&operation.request)) else {
            return Ok(());
        };
        let highest = self.read.get(&(operation.client, operation.member, member));
        require(highest.is_none_or(|highest| *highest < asked.highest), "a serializable read went back")
    }

    /// Begins a round: from now on, until every client has asked anew.
    pub(super) fn begin_round(&mut self, now_ns: u64) {
        self.round += 1;
        (self.round_since_ns, self.come_round) = (now_ns, 0);
    }

    /// True if every client that is known has asked anew since the round began, and has had its answer: what
    /// was open then is over.
    pub(super) fn is_round_over(&self) -> bool {
        self.come_round == self.known.len()
    }

    /// The number of clients.
    pub(super) fn count(&self) -> usize {
        self.known.len()
    }
}
