//! A proxy that opens an upstream watch again tells its watchers once more that they were created.
//!
//! Found in: etcd PR #21881.

use super::{Defect, Description};
use crate::api::WatchResponse;

/// The defect of this file.
pub const DEFECT: Defect = Defect::ProxyCreatedResent;

pub(super) const DESCRIPTION: Description = Description {
    name: "proxy-created-resent",
    rule: "a proxy tells its watchers again that they were created",
    guarantees: &["watch-filter"],
};

/// Passes the created response of the upstream watch on to the watchers, which had theirs already.
pub(crate) fn send_again<Stream>(
    watchers: impl Iterator<Item = (Stream, i64)>,
    response: &WatchResponse,
    mut send: impl FnMut(Stream, WatchResponse),
) {
    for (stream, watch_id) in watchers {
        send(stream, WatchResponse { watch_id, ..response.clone() });
    }
}
