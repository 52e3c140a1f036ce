//! The alarms that stand: replicated, because every member has to refuse the same.
//!
//! etcd: `server/etcdserver/api/v3alarm/alarms.go`.

use crate::api::{Alarm, AlarmAction, AlarmKind, AlarmRequest};
use crate::error::Error;
use crate::lease::LeaseAction;
use crate::member::state::command::Action;
use crate::member::v3_server::quota::cost_bytes;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Equal on members that applied the same entries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::member) struct Alarms(BTreeSet<Alarm>);

impl Alarms {
    /// Applies a committed request; gives the alarms its response lists.
    pub fn apply(&mut self, request: &AlarmRequest) -> Vec<Alarm> {
        let alarm = Alarm { member: request.member, alarm: request.alarm };
        match request.action {
            AlarmAction::Get => {
                let all = request.alarm == AlarmKind::None;
                self.0.iter().copied().filter(|alarm| all || alarm.alarm == request.alarm).collect()
            }
            AlarmAction::Activate if request.alarm == AlarmKind::None => Vec::new(),
            AlarmAction::Activate => {
                self.0.insert(alarm);
                vec![alarm]
            }
            AlarmAction::Deactivate => self.0.take(&alarm).into_iter().collect(),
        }
    }

    /// Checks that a committed command may be applied. Depends on nothing but the entries that all members applied
    /// before (etcd: `applierV3Corrupt` and `applierV3Capped` in `server/etcdserver/apply`).
    pub fn admit(&self, action: &Action) -> Result<(), Error> {
        if self.0.is_empty() {
            return Ok(());
        }
        let exempt =
            matches!(action, Action::Alarm(_) | Action::Auth(_) | Action::Lease(LeaseAction::Checkpoint(_)));
        if !exempt && self.any(AlarmKind::Corrupt) {
            return Err(Error::Corrupt);
        }
        if cost_bytes(action) > 0 && self.any(AlarmKind::NoSpace) {
            return Err(Error::NoSpace);
        }
        Ok(())
    }

    /// Returns true if this very alarm stands.
    pub fn stands(&self, alarm: &Alarm) -> bool {
        self.0.contains(alarm)
    }

    /// Returns true if an alarm of this kind stands, of any member.
    pub fn any(&self, kind: AlarmKind) -> bool {
        self.0.iter().any(|alarm| alarm.alarm == kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(action: AlarmAction, member: u64, alarm: AlarmKind) -> AlarmRequest {
        AlarmRequest { action, member, alarm }
    }

    #[test]
    fn an_alarm_stands_until_it_is_disarmed_for_the_same_member() {
        use AlarmAction::{Activate, Deactivate, Get};
        use AlarmKind::{Corrupt, NoSpace, None};
        let mut alarms = Alarms::default();
        let (one, two) = (Alarm { member: 1, alarm: NoSpace }, Alarm { member: 2, alarm: Corrupt });
        assert_eq!(alarms.apply(&request(Activate, 1, NoSpace)), [one]);
        assert_eq!(alarms.apply(&request(Activate, 1, NoSpace)), [one], "it stood before");
        assert_eq!(alarms.apply(&request(Activate, 1, None)), []);
        assert_eq!(alarms.apply(&request(Activate, 2, Corrupt)), [two]);
        assert_eq!(alarms.apply(&request(Get, 0, None)), [one, two]);
        assert_eq!(alarms.apply(&request(Get, 7, Corrupt)), [two], "the member does not matter");
        assert_eq!(alarms.apply(&request(Deactivate, 2, NoSpace)), []);
        assert!(alarms.any(NoSpace));
        assert_eq!(alarms.apply(&request(Deactivate, 1, NoSpace)), [one]);
        assert!(!alarms.any(NoSpace) && alarms.any(Corrupt));
        assert_eq!(alarms.apply(&request(Deactivate, 2, None)), []);
        assert_eq!(alarms.apply(&request(Get, 0, None)), [two]);
    }
}
