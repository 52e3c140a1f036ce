//! What clients ask of a member's storage (etcd: `server/etcdserver/api/v3rpc/maintenance.go`).

use super::Member;
use super::command::Action;
use super::event::MemberEvent;
use super::read_index::Query;
use super::saved_snapshot;
use super::waiting::Caller;
use crate::api::{
    Alarm, AlarmAction, AlarmKind, AlarmRequest, MaintenanceRequest, MaintenanceResponse, ResponseHeader,
    Token,
};
use crate::error::Error;
use crate::machine::{DiskToken, Output, Reply};

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
        let header = ResponseHeader::at(self.state.store.revision());
        match request {
            MaintenanceRequest::Hash => {
                let state = self.state.snapshot(self.raft.store().conf_state());
                Ok(MaintenanceResponse::Hash { header, hash: crc32c::crc32c(&state.data) })
            }
            MaintenanceRequest::HashKv { revision } => {
                let kv = self.state.store.hash_kv(*revision)?;
                let (compact_revision, hash_revision) = (kv.compact_revision, kv.revision);
                Ok(MaintenanceResponse::HashKv { header, hash: kv.hash, compact_revision, hash_revision })
            }
            MaintenanceRequest::Snapshot => {
                let bytes = saved_snapshot::encode(&self.state, self.config.cluster_id);
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
        let stood = self.state.alarms.stands(&about);
        let alarms = self.state.alarms.apply(alarm);
        if !stood && self.state.alarms.stands(&about) {
            let index = self.state.index;
            out.push(Output::Event(MemberEvent::AlarmRaised { index, alarm: about }));
        }
        let own = alarm.member == self.config.id && alarm.alarm == AlarmKind::NoSpace;
        if own && alarm.action != AlarmAction::Get {
            self.forget_no_space();
        }
        if let Some(caller) = caller {
            let header = ResponseHeader::at(self.state.store.revision());
            self.reply(caller, Ok(Reply::Maintenance(MaintenanceResponse::Alarm { header, alarms })), out);
        }
    }

    /// Writes the state anew; answered when the disk is done with it.
    fn defragment(&mut self, caller: Caller, out: &mut Vec<Output>) {
        self.state.store.defragment();
        self.forget_no_space();
        let token = self.persist.new_token();
        self.waiting.defragmentations.push((token, Some(caller)));
        self.rewrite_snapshot(token, out);
    }

    /// Answers the defragmentation that this disk operation was; false if it was none.
    pub(super) fn defragmented(&mut self, token: DiskToken, out: &mut Vec<Output>) -> bool {
        let Some(caller) = self.waiting.take_defragmentation(token) else { return false };
        if let Some(caller) = caller {
            let header = ResponseHeader::at(self.state.store.revision());
            self.reply(caller, Ok(Reply::Maintenance(MaintenanceResponse::Defragment { header })), out);
        }
        true
    }
}
