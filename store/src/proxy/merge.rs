//! Two broadcasts of one subject become one where they meet.

use super::broadcast::{Broadcast, BroadcastId};
use super::machine::Proxy;
use super::{ProxyEvent, ProxyOutput};
use crate::frame::ClientFrame;

impl Proxy {
    /// Merges a broadcast that began or moved on with others of its subject, as far as they have met.
    pub(super) fn merge_with_others(&mut self, id: BroadcastId, out: &mut Vec<ProxyOutput>) {
        while let Some(subject) = self.broadcasts.get(id).map(|broadcast| &broadcast.subject) {
            let all: Vec<_> = self.broadcasts.of(subject).collect();
            if all.len() < 2 {
                return;
            }
            let pair = all
                .iter()
                .find_map(|one| all.iter().find(|other| may_merge(one, other)).map(|other| (one.0, other.0)));
            let Some((from, into)) = pair else { return };
            self.merge(from, into, out);
        }
    }

    /// Moves the watchers of one broadcast to another. None of them wants an event that the other told already.
    fn merge(&mut self, from: BroadcastId, into: BroadcastId, out: &mut Vec<ProxyOutput>) {
        let Some(mut ended) = self.broadcasts.remove(from) else { return };
        self.drop_watched_by(from);
        if let Some(stream) = ended.stream.take() {
            self.send_up(ClientFrame::CloseStream { stream }, out);
        }
        for (id, mut watcher) in std::mem::take(&mut ended.watchers) {
            watcher.next = watcher.next.max(ended.next);
            self.broadcasts.place(id, watcher, into);
        }
        for key in &ended.progress_for {
            if let Some(waits) = self.streams.open.get_mut(key).and_then(|stream| stream.progress.as_mut()) {
                waits.remove(&from);
                waits.insert(into);
            }
        }
        let asks = !ended.progress_for.is_empty() || !ended.notify.is_empty();
        let Some(broadcast) = self.broadcasts.get_mut(into) else { return };
        broadcast.progress_for.append(&mut ended.progress_for);
        broadcast.notify.append(&mut ended.notify);
        out.push(ProxyOutput::Event(ProxyEvent::Merged { watchers: broadcast.watchers.len() }));
        if asks {
            self.ask_position(into, out);
        }
    }
}

/// Returns true if the watchers of the first may move to the second: it tells events as they happen, and told none
/// yet that they want.
fn may_merge(
    (from_id, from): &(BroadcastId, &Broadcast),
    (into_id, into): &(BroadcastId, &Broadcast),
) -> bool {
    let met =
        from.next > into.next || (from.next == into.next && (from_id > into_id || !from.has_caught_up()));
    from_id != into_id && from.is_open() && from.waiting.is_empty() && into.has_caught_up() && met
}
