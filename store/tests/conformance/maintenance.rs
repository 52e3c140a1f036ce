//! The maintenance service in words:
//!
//! ```text
//! alarms | alarm-activate MEMBER KIND | alarm-deactivate MEMBER KIND     KIND: no-space, corrupt or none
//! hash-kv [REVISION] | defragment
//! ```

use revline_store::api::{
    Alarm, AlarmAction, AlarmKind, AlarmRequest, MaintenanceRequest, MaintenanceResponse,
};

use crate::parse::{self, Result, Words};

/// The request, if it is one of this service.
pub fn request(words: &Words<'_>) -> Result<Option<MaintenanceRequest>> {
    let alarm = |action| -> Result<MaintenanceRequest> {
        words.end(3)?;
        let alarm = match words.place(2)? {
            "no-space" => AlarmKind::NoSpace,
            "corrupt" => AlarmKind::Corrupt,
            "none" => AlarmKind::None,
            other => return Err(format!("unknown alarm `{other}`")),
        };
        Ok(MaintenanceRequest::Alarm(AlarmRequest { action, member: parse::number(words.place(1)?)?, alarm }))
    };
    Ok(Some(match words.place(0)? {
        "alarms" => MaintenanceRequest::Alarm(AlarmRequest::default()),
        "alarm-activate" => alarm(AlarmAction::Activate)?,
        "alarm-deactivate" => alarm(AlarmAction::Deactivate)?,
        "hash-kv" => MaintenanceRequest::HashKv { revision: words.place(1).map_or(Ok(0), parse::number)? },
        "defragment" => MaintenanceRequest::Defragment,
        _ => return Ok(None),
    }))
}

/// The answer, a line for each alarm.
pub fn show(response: &MaintenanceResponse) -> Vec<String> {
    let revision = response.header().revision;
    match response {
        MaintenanceResponse::Alarm { alarms, .. } => {
            let line = |alarm: &Alarm| format!("  member {}: {:?}", alarm.member, alarm.alarm);
            let head = format!("revision {revision}, {} alarms", alarms.len());
            std::iter::once(head).chain(alarms.iter().map(line)).collect()
        }
        MaintenanceResponse::HashKv { hash, compact_revision, hash_revision, .. } => vec![format!(
            "revision {revision}, hash {hash:08x}, up to {hash_revision}, compacted {compact_revision}"
        )],
        MaintenanceResponse::Defragment { .. } => vec![format!("revision {revision}")],
        MaintenanceResponse::Hash { .. } | MaintenanceResponse::Snapshot { .. } => {
            vec![format!("revision {revision}, more than can be shown")]
        }
    }
}
