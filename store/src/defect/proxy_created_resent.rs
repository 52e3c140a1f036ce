//! A proxy that opens an upstream watch again tells its watchers once more that they were created.
//!
//! Found in: etcd PR #21881.

use super::{Defect, Description};
use crate::api::WatchResponse;
use crate::frame::ServerFrame;
use crate::proxy::{Broadcast, ProxyOutput, send_down};

/// The defect of this file.
pub const DEFECT: Defect = Defect::ProxyCreatedResent;

pub(super) const DESCRIPTION: Description = Description {
    name: "proxy-created-resent",
    rule: "a proxy tells its watchers again that they were created",
    guarantees: &["watch-filter"],
};

/// Passes the created response of the upstream watch on to the watchers, which had theirs already.
pub(crate) fn send_again(broadcast: &Broadcast, response: &WatchResponse, out: &mut Vec<ProxyOutput>) {
    for watcher in broadcast.watchers.values() {
        let response = WatchResponse { watch_id: watcher.id, ..response.clone() };
        send_down(watcher.stream.0, ServerFrame::Watch { stream: watcher.stream.1, response }, out);
    }
}
