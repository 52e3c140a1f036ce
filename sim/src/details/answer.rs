//! The details of what a client learns.

use super::keys;
use super::short::Short;
use crate::trace::Details;
use revline_checker::history::{AdminResponse, KeyValue, Outcome, Response, WatchFrame};
use serde_json::Value;

/// The details of an outcome. The keys are those that the answer names, which may be fewer than were asked for.
pub(crate) fn outcome(outcome: &Outcome) -> Details {
    let (short, shown) = match outcome {
        Outcome::Ok(response) => (Outcome::Ok(response.short()), keys::of_response(response)),
        other => (other.clone(), Vec::new()),
    };
    Details::new(short).field("outcome", outcome).of_keys(shown)
}

/// The details of the outcome of a request of the cluster or the maintenance service.
pub(crate) fn admin_outcome(outcome: &Outcome<AdminResponse>) -> Details {
    Details::new(outcome).field("outcome", outcome)
}

/// The details of an answer alone, as a server sends it.
pub(super) fn response(response: &Response) -> Details {
    outcome(&Outcome::Ok(response.clone()))
}

/// The details of a response on a watch.
pub(crate) fn watch_frame(frame: &WatchFrame) -> Details {
    let mut value = serde_json::to_value(frame).unwrap_or_default();
    if let Value::Object(fields) = &mut value {
        // The time of the event is that.
        fields.remove("received_ns");
    }
    Details::new(frame.short()).field("response", &value).of_keys(keys::of_events(&frame.events))
}

/// The details of a leader that was shown.
pub(crate) fn key_value(kv: &KeyValue) -> Details {
    Details::new(kv.short()).field("kv", kv).of_keys([keys::one(&kv.key)])
}
