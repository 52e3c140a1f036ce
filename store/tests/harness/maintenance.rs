//! Requests of the maintenance service, and their answers, in short.

use super::cluster::Cluster;
use revline_store::api::{
    Alarm, AlarmAction, AlarmKind, AlarmRequest, MaintenanceRequest, MaintenanceResponse,
};
use revline_store::bytes::Bytes;
use revline_store::error::Error;
use revline_store::frame::{Call, Reply};
use revline_store::machine::MemberId;

pub fn defragment() -> Call {
    Call::Maintenance(MaintenanceRequest::Defragment)
}

pub fn alarm(action: AlarmAction, member: MemberId, alarm: AlarmKind) -> Call {
    Call::Maintenance(MaintenanceRequest::Alarm(AlarmRequest { action, member, alarm }))
}

/// The answer of a member before time passes.
pub fn ask(cluster: &mut Cluster, member: MemberId, request: MaintenanceRequest) -> MaintenanceResponse {
    match cluster.ask(member, Call::Maintenance(request)) {
        Ok(Reply::Maintenance(response)) => response,
        other => panic!("not a success of the maintenance service: {other:?}"),
    }
}

/// The alarms that stand.
pub fn alarms(cluster: &mut Cluster, member: MemberId) -> Vec<Alarm> {
    match ask(cluster, member, MaintenanceRequest::Alarm(AlarmRequest::default())) {
        MaintenanceResponse::Alarm { alarms, .. } => alarms,
        other => panic!("not alarms: {other:?}"),
    }
}

/// A snapshot, with the revision in its header.
pub fn snapshot_of(result: &Result<Reply, Error>) -> (i64, Bytes) {
    match result {
        Ok(Reply::Maintenance(MaintenanceResponse::Snapshot { header, bytes })) => {
            (header.revision, bytes.clone())
        }
        other => panic!("not a snapshot: {other:?}"),
    }
}
