//! Leases, as far as they are not in the applied state: the leader's clock, and the calls that only it can answer.

mod calls;
mod clock;

use crate::lease::LeaseMessage;
use crate::member::cx::Cx;
use crate::member::v3_server::auth_gate::AuthGate;
use calls::LeaseCalls;
use clock::LeaseClock;

/// The lease clock of a member, and the calls about leases that wait for it or for the leader's.
#[derive(Debug, Default)]
pub(in crate::member) struct Leases {
    pub clock: LeaseClock,
    pub calls: LeaseCalls,
}

impl Leases {
    /// A question of a peer to this member as its leader, or the leader's answer.
    pub fn message(&mut self, cx: &mut Cx<'_>, gate: &mut AuthGate, message: LeaseMessage) {
        self.calls.message(cx, &self.clock, gate, message);
    }

    /// Answers the calls that can be answered now, and asks the leader the others; true if this member has to make
    /// sure that it leads.
    pub fn advance_calls(&mut self, cx: &mut Cx<'_>, gate: &mut AuthGate) -> bool {
        self.calls.advance(cx, &mut self.clock, gate)
    }
}
