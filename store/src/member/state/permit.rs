//! Committed commands that are refused when they are applied, by every member alike.
//!
//! etcd: `server/etcdserver/apply/auth.go`, `applierV3Corrupt` and `applierV3Capped`.

use crate::api::{AlarmAction, PermissionType};
use crate::error::Error;
use crate::lease::LeaseAction;
use crate::member::state::AppliedState;
use crate::member::state::command::{Action, Command};

impl AppliedState {
    /// Checks that a committed command may be applied. Depends on nothing but the entries that all members applied
    /// before.
    pub fn admit(&self, command: &Command) -> Result<(), Error> {
        self.alarms.admit(&command.action)?;
        self.permit(command)
    }

    fn permit(&self, command: &Command) -> Result<(), Error> {
        let (auth, leases, actor) = (&self.auth, self.store.leases(), &command.actor);
        if !auth.is_enabled() {
            return Ok(());
        }
        match &command.action {
            Action::Kv(request) => auth.permit_request(actor, request, leases),
            Action::Lease(LeaseAction::Grant(_)) => auth.permit_known(actor),
            Action::Lease(LeaseAction::Revoke(revoke)) => {
                auth.permit_known(actor)?;
                let lease = leases.get(revoke.id);
                lease.map_or(Ok(()), |lease| auth.permit_keys_of(actor, PermissionType::Write, lease))
            }
            Action::Lease(LeaseAction::Checkpoint(_)) => Ok(()),
            Action::Alarm(alarm) if alarm.action == AlarmAction::Get => auth.permit_known(actor),
            Action::Alarm(_) => auth.permit_admin(actor),
            Action::Auth(action) => auth.permit_auth(actor, action),
        }
    }
}
