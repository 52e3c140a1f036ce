//! The beliefs of clients, as the history has them.

use super::{Client, LeaderSeen};
use crate::details;
use crate::recorder::{HoldIndex, ObserverIndex};
use crate::state::Shared;
use crate::trace::{Event, Fingerprint, NodeName};
use crate::translate;
use revline_checker::history::{Hold, HoldKind, ObservedLeader, WatchEnd};
use revline_store::bytes::Bytes;

/// The record of a lock or a leadership that a client believes to hold.
pub(super) struct RecordedHold {
    world: Shared,
    node: NodeName,
    hold: HoldIndex,
}

impl RecordedHold {
    /// The client believes from now on that it holds something: what it is, its name and the key that stands for it.
    pub fn begin(
        client: &Client,
        (kind, name, key): (HoldKind, &Bytes, &Bytes),
        lease: i64,
        create_revision: i64,
        acquired_revision: i64,
    ) -> RecordedHold {
        let mut state = client.world.lock();
        let hold = Hold {
            client: client.id(),
            kind,
            name: name.clone(),
            key: key.clone(),
            lease,
            create_revision,
            acquired_revision,
            from_ns: state.now_ns,
            until_ns: None,
        };
        let index = state.recorder.hold(hold.clone());
        let number = state.recorder.number_of_hold(index);
        let (created, since) = (create_revision, acquired_revision);
        let event = Event::Hold { hold: number, created, since };
        state.record_with(client.node, event, || details::hold(&hold));
        RecordedHold { world: client.world.clone(), node: client.node, hold: index }
    }

    /// The position of the hold in the history.
    pub fn index(&self) -> HoldIndex {
        self.hold
    }

    /// The client does not believe so any more.
    pub fn end(self) {
        if std::thread::panicking() {
            return;
        }
        let mut state = self.world.lock();
        let now_ns = state.now_ns;
        state.recorder.hold_ended(self.hold, now_ns);
        let hold = state.recorder.number_of_hold(self.hold);
        state.record(self.node, Event::Release { hold });
    }
}

/// The record of an observer of an election; it ends with this.
pub(super) struct RecordedObserver {
    world: Shared,
    node: NodeName,
    observer: ObserverIndex,
}

impl RecordedObserver {
    /// The client begins to observe an election.
    pub fn begin(client: &Client, name: &Bytes) -> RecordedObserver {
        let mut state = client.world.lock();
        let now_ns = state.now_ns;
        let observer = state.recorder.observer(client.id(), None, name.clone(), now_ns);
        RecordedObserver { world: client.world.clone(), node: client.node, observer }
    }

    /// A leader was shown.
    pub fn leader(&mut self, seen: &LeaderSeen) {
        let mut state = self.world.lock();
        let kv = translate::key_value(&seen.kv);
        let observer = state.recorder.number_of_observer(self.observer);
        let (revision, content) = (seen.revision, Fingerprint::of(&kv));
        let frame = ObservedLeader { received_ns: state.now_ns, revision: seen.revision, kv };
        state.recorder.observed(self.observer, frame);
        let event = Event::Observed { observer, revision, content };
        state.record_with(self.node, event, || details::key_value(&translate::key_value(&seen.kv)));
    }
}

impl Drop for RecordedObserver {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let mut state = self.world.lock();
            let now_ns = state.now_ns;
            state.recorder.observer_ended(self.observer, WatchEnd::Closed, now_ns);
        }
    }
}
