//! Hand-overs of leadership (`Maintenance.MoveLeader`; etcd: `server/etcdserver/server.go`, `MoveLeader`).

use crate::error::Error;
use crate::frame::Reply;
use crate::machine::{MemberId, Time};
use crate::mark::{Mark, reach_if};
use crate::member::caller::Caller;
use crate::member::cx::Cx;

/// The hand-overs that are not answered yet. Raft works on the last one.
#[derive(Debug, Default)]
pub(super) struct Transfers(Vec<Transfer>);

/// A hand-over of leadership under way.
#[derive(Debug)]
struct Transfer {
    caller: Caller,
    target: MemberId,
    deadline: Time,
}

impl Transfers {
    /// Begins to hand leadership over. Only the leader can.
    pub fn begin(&mut self, cx: &mut Cx<'_>, caller: Caller, target: MemberId) -> Result<(), Error> {
        if !cx.is_leader() {
            return Err(Error::NotLeader);
        }
        if !cx.raft.store().conf_state().voters.contains(&target) {
            return Err(Error::BadLeaderTransferee);
        }
        if target == cx.config.id {
            cx.reply(caller, Ok(Reply::MovedLeader));
            return Ok(());
        }
        let deadline = cx.now + cx.config.election_timeout();
        self.0.push(Transfer { caller, target, deadline });
        cx.raft.transfer_leader(target);
        Ok(())
    }

    /// Answers all hand-overs: there is a new leader.
    pub fn leader_changed(&mut self, cx: &mut Cx<'_>, leader: MemberId) {
        for transfer in std::mem::take(&mut self.0) {
            let moved = transfer.target == leader;
            reach_if(!moved, Mark::TransferFailed);
            let result = if moved { Ok(Reply::MovedLeader) } else { Err(Error::Timeout) };
            cx.reply(transfer.caller, result);
        }
    }

    /// Answers the callers that waited too long.
    pub fn expire(&mut self, cx: &mut Cx<'_>) {
        let now = cx.now;
        let expired = self.0.extract_if(.., |transfer| now >= transfer.deadline);
        cx.fail(expired.map(|transfer| transfer.caller), &Error::Timeout);
    }

    /// Forgets callers that went away.
    pub fn forget(&mut self, gone: impl Fn(&Caller) -> bool) {
        self.0.retain(|transfer| !gone(&transfer.caller));
    }

    /// Takes all callers.
    pub fn take_callers(&mut self) -> impl Iterator<Item = Caller> {
        std::mem::take(&mut self.0).into_iter().map(|transfer| transfer.caller)
    }
}
