//! Calls of the cluster and the maintenance API, and their answers.

use super::{Builder, header};
use crate::history::*;

impl Builder {
    /// A call that was answered before the next thing began. Returns its index.
    pub fn admin(&mut self, client: u32, request: AdminRequest, response: AdminResponse) -> usize {
        self.admin_call(client, request, Outcome::Ok(response))
    }

    /// A call that was refused.
    pub fn admin_failed(&mut self, client: u32, request: AdminRequest, message: &str) -> usize {
        let error = Error { code: "Unknown".to_owned(), message: message.to_owned() };
        self.admin_call(client, request, Outcome::Failed(error))
    }

    /// A call whose client gave up on it.
    pub fn admin_unknown(&mut self, client: u32, request: AdminRequest) -> usize {
        self.admin_call(client, request, Outcome::Unknown("timed out".to_owned()))
    }

    fn admin_call(&mut self, client: u32, request: AdminRequest, outcome: Outcome<AdminResponse>) -> usize {
        let invoke_ns = self.tick();
        let return_ns = Some(self.tick());
        let client = ClientId(client);
        let call = AdminCall {
            client,
            member: None,
            user: None,
            requires_leader: false,
            invoke_ns,
            return_ns,
            request,
            outcome,
        };
        self.history.admin_calls.push(call);
        self.history.admin_calls.len() - 1
    }

    /// Moves a call of [`Builder::admin`] to other times.
    pub fn admin_during(&mut self, call: usize, invoke_ns: u64, return_ns: u64) {
        self.history.admin_calls[call].invoke_ns = invoke_ns;
        self.history.admin_calls[call].return_ns = Some(return_ns);
    }

    /// Names the user whose token came with a call of [`Builder::admin`].
    pub fn admin_by(&mut self, call: usize, user: &str) {
        self.history.admin_calls[call].user = Some(user.to_owned());
    }
}

/// The alarm of a member that it is full.
pub fn no_space(member: u64) -> Alarm {
    Alarm { member: MemberId(member), alarm: AlarmKind::NoSpace }
}

/// The alarm of a member that it holds something else.
pub fn corrupt(member: u64) -> Alarm {
    Alarm { member: MemberId(member), alarm: AlarmKind::Corrupt }
}

/// Ask which alarms stand.
pub fn alarms() -> AdminRequest {
    let request = AlarmRequest { action: AlarmAction::Get, member: MemberId(0), alarm: None };
    AdminRequest::Alarm(request)
}

/// Raise an alarm.
pub fn raise(Alarm { member, alarm }: Alarm) -> AdminRequest {
    AdminRequest::Alarm(AlarmRequest { action: AlarmAction::Activate, member, alarm: Some(alarm) })
}

/// Disarm an alarm.
pub fn disarm(Alarm { member, alarm }: Alarm) -> AdminRequest {
    AdminRequest::Alarm(AlarmRequest { action: AlarmAction::Deactivate, member, alarm: Some(alarm) })
}

/// The answer to a request about alarms, at a revision.
pub fn alarmed(revision: Revision, alarms: &[Alarm]) -> AdminResponse {
    AdminResponse::Alarm { header: header(revision), alarms: alarms.to_vec() }
}

/// The answer to a request about members: the voters, and the learners.
pub fn members(voters: &[u64], learners: &[u64]) -> AdminResponse {
    let listed = |is_learner| move |id: &u64| ListedMember { id: MemberId(*id), is_learner };
    let members = voters.iter().map(listed(false)).chain(learners.iter().map(listed(true))).collect();
    AdminResponse::Members { header: header(0), members }
}

/// The state of a member, and the leader that it knows; 0 for none.
pub fn status(member: u64, leader: u64) -> AdminResponse {
    let header = Header { member: MemberId(member), ..header(0) };
    AdminResponse::Status { header, leader: MemberId(leader) }
}

/// The answer to a request for a hash of keys, by a member at a revision.
pub fn hashed(
    revision: Revision,
    hash_revision: Revision,
    compact_revision: Revision,
    hash: u32,
) -> AdminResponse {
    AdminResponse::Hash { header: header(revision), hash_revision, compact_revision, hash }
}

/// The answer to any other request.
pub fn done() -> AdminResponse {
    AdminResponse::Done { header: header(0) }
}
