//! What clients ask of a member's storage (etcd: `server/etcdserver/api/v3rpc/maintenance.go`).

use super::Member;
use super::caller::Caller;
use super::command::Action;
use super::event::MemberEvent;
use super::read_index::Query;
use super::saved_snapshot;
use crate::api::{
    Alarm, AlarmAction, AlarmKind, AlarmRequest, MaintenanceRequest, MaintenanceResponse, ResponseHeader,
    Token,
};
use crate::error::Error;
use crate::machine::{Output, Reply};

impl Member {
    pub(super) fn maintenance_call(
        &mut self,
        caller: Caller,
        request: MaintenanceRequest,
        token: Option<Token>,
        out: &mut Vec<Output>,
    ) -> Result<(), Error> {
        match request {
            MaintenanceRequest::Alarm(alarm) => {
                let actor = self.actor_of(token.as_ref())?;
                self.write(caller, actor, Action::Alarm(alarm))?;
            }
            MaintenanceRequest::Defragment => self.defragment(caller, out),
            MaintenanceRequest::Hash | MaintenanceRequest::HashKv { .. } | MaintenanceRequest::Snapshot => {
                self.read_locally(caller, Query::Maintenance(request), token, out);
            }
        }
        Ok(())
    }

    /// The answer to a request that looks at what was applied here.
    pub(super) fn maintenance_answer(
        &self,
        request: &MaintenanceRequest,
    ) -> Result<MaintenanceResponse, Error> {
        let header = ResponseHeader::at(self.core.state.store.revision());
        match request {
            MaintenanceRequest::Hash => {
                let state = self.core.state.snapshot(self.core.raft.store().conf_state());
                Ok(MaintenanceResponse::Hash { header, hash: crc32c::crc32c(&state.data) })
            }
            MaintenanceRequest::HashKv { revision } => {
                let kv = self.core.state.store.hash_kv(*revision)?;
                let (compact_revision, hash_revision) = (kv.compact_revision, kv.revision);
                Ok(MaintenanceResponse::HashKv { header, hash: kv.hash, compact_revision, hash_revision })
            }
            MaintenanceRequest::Snapshot => {
                let bytes = saved_snapshot::encode(&self.core.state, self.core.config.cluster_id);
                Ok(MaintenanceResponse::Snapshot { header, bytes: bytes.into() })
            }
            MaintenanceRequest::Alarm(_) | MaintenanceRequest::Defragment => {
                unreachable!("these do more than look")
            }
        }
    }

    pub(super) fn apply_alarm(
        &mut self,
        caller: Option<Caller>,
        alarm: &AlarmRequest,
        out: &mut Vec<Output>,
    ) {
        let about = Alarm { member: alarm.member, alarm: alarm.alarm };
        let stood = self.core.state.alarms.stands(&about);
        let alarms = self.core.state.alarms.apply(alarm);
        if !stood && self.core.state.alarms.stands(&about) {
            let index = self.core.state.index;
            out.push(Output::Event(MemberEvent::AlarmRaised { index, alarm: about }));
        }
        let own = alarm.member == self.core.config.id && alarm.alarm == AlarmKind::NoSpace;
        if own && alarm.action != AlarmAction::Get {
            self.writes.quota.settled();
        }
        if let Some(caller) = caller {
            let header = ResponseHeader::at(self.core.state.store.revision());
            self.reply(caller, Ok(Reply::Maintenance(MaintenanceResponse::Alarm { header, alarms })), out);
        }
    }

    /// Writes the state anew; answered when the disk is done with it.
    fn defragment(&mut self, caller: Caller, out: &mut Vec<Output>) {
        self.core.state.store.defragment();
        self.writes.quota.settled();
        let token = self.persist.new_token();
        self.storage_work.defragmenting(token, caller);
        self.rewrite_snapshot(token, out);
    }
}
