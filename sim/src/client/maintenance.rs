//! The maintenance API in the words of an operator. It is no operation on keys, and so none of the history; the
//! trace has it. A hash of keys is an observation, whoever asked for it.

use super::manner::Manner;
use super::{CallError, Client};
use revline_store::api::{
    Alarm, AlarmAction, AlarmKind, AlarmRequest, MaintenanceRequest, MaintenanceResponse,
};
use revline_store::bytes::Bytes;
use revline_store::machine::{Call, Reply};

/// A hash of keys, with what it covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeysHash {
    /// CRC-32C of the keys.
    pub hash: u32,
    /// The revision up to which they were hashed.
    pub revision: i64,
    /// The compacted revision then; -1 for none.
    pub compact_revision: i64,
}

/// A member's state as it was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedSnapshot {
    /// The revision of everything in it.
    pub revision: i64,
    /// The state.
    pub bytes: Bytes,
}

impl Client {
    /// The alarms that stand.
    pub async fn alarms(&self) -> Result<Vec<Alarm>, CallError> {
        self.alarm(AlarmRequest::default()).await
    }

    /// Disarms an alarm; answers with it, or with none if it did not stand.
    pub async fn disarm(&self, alarm: Alarm) -> Result<Vec<Alarm>, CallError> {
        let Alarm { member, alarm } = alarm;
        self.alarm(AlarmRequest { action: AlarmAction::Deactivate, member, alarm }).await
    }

    /// Raises an alarm by hand. The history does not have it: it knows of those that members raise.
    pub async fn raise_alarm(&self, member: u64, alarm: AlarmKind) -> Result<Vec<Alarm>, CallError> {
        self.world.lock().alarms.by_hand(Alarm { member, alarm });
        self.alarm(AlarmRequest { action: AlarmAction::Activate, member, alarm }).await
    }

    async fn alarm(&self, request: AlarmRequest) -> Result<Vec<Alarm>, CallError> {
        match self.maintenance(MaintenanceRequest::Alarm(request)).await? {
            MaintenanceResponse::Alarm { alarms, .. } => Ok(alarms),
            other => unreachable!("the answer to another kind of request: {other:?}"),
        }
    }

    /// A hash of everything the endpoint holds.
    pub async fn hash(&self) -> Result<u32, CallError> {
        match self.maintenance(MaintenanceRequest::Hash).await? {
            MaintenanceResponse::Hash { hash, .. } => Ok(hash),
            other => unreachable!("the answer to another kind of request: {other:?}"),
        }
    }

    /// A hash of the keys the endpoint holds up to `revision`; 0 for the current one.
    pub async fn hash_kv(&self, revision: i64) -> Result<KeysHash, CallError> {
        match self.maintenance(MaintenanceRequest::HashKv { revision }).await? {
            MaintenanceResponse::HashKv { hash, compact_revision, hash_revision, .. } => {
                Ok(KeysHash { hash, revision: hash_revision, compact_revision })
            }
            other => unreachable!("the answer to another kind of request: {other:?}"),
        }
    }

    /// Lets the endpoint write its state anew.
    pub async fn defragment(&self) -> Result<(), CallError> {
        match self.maintenance(MaintenanceRequest::Defragment).await? {
            MaintenanceResponse::Defragment { .. } => Ok(()),
            other => unreachable!("the answer to another kind of request: {other:?}"),
        }
    }

    /// Saves the endpoint's state.
    pub async fn snapshot(&self) -> Result<SavedSnapshot, CallError> {
        match self.maintenance(MaintenanceRequest::Snapshot).await? {
            MaintenanceResponse::Snapshot { header, bytes } => {
                Ok(SavedSnapshot { revision: header.revision, bytes })
            }
            other => unreachable!("the answer to another kind of request: {other:?}"),
        }
    }

    async fn maintenance(&self, request: MaintenanceRequest) -> Result<MaintenanceResponse, CallError> {
        match self.ask(Call::Maintenance(request), Manner::default()).await? {
            Reply::Maintenance(response) => Ok(response),
            other => unreachable!("the answer to another kind of call: {other:?}"),
        }
    }
}
