//! Watches of a report.

use super::super::error::Problem;
use super::recorded;
use super::value::prefix_end;
use crate::history::{ClientId, Event, EventKind, KeyValue, Watch, WatchEnd, WatchFrame, WatchRequest};

/// The watch as a client saw it. Its id and its client are not in the record: the caller gives them. Nor is
/// the time at which it was asked for: it counts as asked for at the beginning.
pub(super) fn watch(id: u64, client: ClientId, recorded: &recorded::Watch) -> Result<Watch, Problem> {
    let mut frames: Vec<WatchFrame> = Vec::new();
    for response in recorded.responses.iter().flatten() {
        let received_ns = u64::try_from(response.time)
            .map_err(|_| Problem::NegativeTime { what: "Time", time_ns: response.time })?;
        if let Some(before_ns) = frames.last().map(|frame| frame.received_ns).filter(|ns| *ns > received_ns) {
            return Err(Problem::EarlierFrame { received_ns, before_ns });
        }
        let events = response.events.iter().flatten().map(event).collect::<Result<Vec<_>, _>>()?;
        let canceled = (!response.error.is_empty()).then(|| response.error.clone());
        if events.is_empty() && !response.is_progress_notify && canceled.is_none() {
            // It says nothing, and must not be taken for a progress notification.
            continue;
        }
        frames.push(WatchFrame {
            received_ns,
            revision: response.revision,
            canceled,
            events,
            ..WatchFrame::default()
        });
    }
    let canceled = frames.last().is_some_and(|frame| frame.canceled.is_some());
    Ok(Watch {
        id,
        client,
        member: None,
        user: None,
        resumes: None,
        request: request(&recorded.request),
        invoke_ns: 0,
        frames,
        end: if canceled { WatchEnd::Canceled } else { WatchEnd::Open },
        end_ns: None,
    })
}

fn request(recorded: &recorded::WatchRequest) -> WatchRequest {
    WatchRequest {
        key: recorded.key.as_str().into(),
        range_end: if recorded.with_prefix { prefix_end(&recorded.key) } else { Default::default() },
        start_revision: recorded.revision,
        prev_kv: recorded.with_prev_kv,
        progress_notify: recorded.with_progress_notify,
        ..WatchRequest::default()
    }
}

fn event(recorded: &recorded::Event) -> Result<Event, Problem> {
    let key = recorded.key.as_str();
    let (kind, kv) = match recorded.r#type.as_str() {
        "put-operation" | "put" => {
            let kv = recorded::Kv {
                mod_revision: recorded.revision,
                version: i64::from(recorded.is_create == Some(true)),
                ..recorded::Kv::default()
            };
            (EventKind::Put, KeyValue { value: recorded.value.bytes(), ..kv.shown(key) })
        }
        "delete-operation" | "delete" => (
            EventKind::Delete,
            KeyValue { key: key.into(), mod_revision: recorded.revision, ..KeyValue::default() },
        ),
        other => {
            return Err(Problem::syntax("an event of the type `put-operation` or `delete-operation`", other));
        }
    };
    let prev_kv = recorded.prev_value.as_ref().map(|before| before.shown(key));
    Ok(Event { kind, kv, prev_kv, is_create: recorded.is_create })
}

/// Says of the events of a report what its form leaves out: where it writes whether an event created its key, it
/// leaves that out where it is false. Forms before 2024 do not write it at all.
pub(super) fn tell_creates(watches: &mut [Watch]) {
    let events = || watches.iter().flat_map(|watch| watch.events());
    if events().all(|(.., event)| event.is_create.is_none()) {
        return;
    }
    for frame in watches.iter_mut().flat_map(|watch| &mut watch.frames) {
        frame.events.iter_mut().for_each(|event| event.is_create = event.is_create.or(Some(false)));
    }
}
