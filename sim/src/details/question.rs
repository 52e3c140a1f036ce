//! The details of what a client asks, and of what it believes.

use super::keys;
use super::short::Short;
use crate::trace::Details;
use crate::translate;
use revline_checker::history::{Hold, Request};
use revline_store::frame::Call;

/// The details of a call.
pub(crate) fn asked(call: &Call) -> Details {
    match translate::admin::request(call) {
        Some(request) => Details::new(&request).field("request", &request),
        None => question(&translate::request(call)),
    }
}

/// The details of a request about keys.
pub(super) fn question(request: &Request) -> Details {
    Details::new(request.short()).field("request", request).of_keys(keys::of_request(request))
}

/// The details of a lock or a leadership that a client believes to hold.
pub(crate) fn hold(hold: &Hold) -> Details {
    Details::new(hold)
        .field("name", &hold.name)
        .field("key", &hold.key)
        .field("lease", &hold.lease)
        .of_keys([keys::one(&hold.key)])
}
