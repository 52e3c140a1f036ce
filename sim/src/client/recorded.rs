//! What clients believe, as the history has it.

use super::Client;
use super::observe::LeaderSeen;
use crate::recorder::{HoldIndex, ObserverIndex};
use crate::state::Shared;
use crate::trace::{Event, Fingerprint, NodeName};
use crate::translate;
use revline_checker::history::{Hold, HoldKind, ObservedLeader, WatchEnd};
use revline_store::bytes::Bytes;

impl Client {
    /// The client's own clock, in nanoseconds.
    pub(super) fn now_ns(&self) -> u64 {
        self.world.lock().now_ns
    }

    /// The client believes from now on that it holds something.
    pub(super) fn hold_began(
        &self,
        (kind, name, key): (HoldKind, &Bytes, &Bytes),
        lease: i64,
        create_revision: i64,
        acquired_revision: i64,
    ) -> HoldIndex {
        let mut state = self.world.lock();
        let from_ns = state.now_ns;
        let (name, key) = (translate::bytes(name), translate::bytes(key));
        let client = self.id();
        let hold = Hold {
            client,
            kind,
            name,
            key,
            lease,
            create_revision,
            acquired_revision,
            from_ns,
            until_ns: None,
        };
        let index = state.recorder.hold(hold);
        let hold = state.recorder.number_of_hold(index);
        let (created, since) = (create_revision, acquired_revision);
        state.record(self.node, Event::Hold { hold, created, since });
        index
    }

    /// It does not believe so any more.
    pub(super) fn hold_ended(&self, hold: HoldIndex) {
        if std::thread::panicking() {
            return;
        }
        let mut state = self.world.lock();
        let now_ns = state.now_ns;
        state.recorder.hold_ended(hold, now_ns);
        let hold = state.recorder.number_of_hold(hold);
        state.record(self.node, Event::Release { hold });
    }

    /// The client begins to observe an election.
    pub(super) fn observer_began(&self, name: &Bytes) -> Recorded {
        let mut state = self.world.lock();
        let now_ns = state.now_ns;
        let observer = state.recorder.observer(self.id(), None, translate::bytes(name), now_ns);
        Recorded { world: self.world.clone(), node: self.node, observer }
    }
}

/// The record of one who observes; it ends with this.
pub(super) struct Recorded {
    world: Shared,
    node: NodeName,
    observer: ObserverIndex,
}

impl Recorded {
    /// A leader was shown.
    pub fn leader(&mut self, seen: &LeaderSeen) {
        let mut state = self.world.lock();
        let kv = translate::key_value(&seen.kv);
        let observer = state.recorder.number_of_observer(self.observer);
        let (revision, content) = (seen.revision, Fingerprint::of(&kv));
        let frame = ObservedLeader { received_ns: state.now_ns, revision: seen.revision, kv };
        state.recorder.observed(self.observer, frame);
        state.record(self.node, Event::Observed { observer, revision, content });
    }
}

impl Drop for Recorded {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let mut state = self.world.lock();
            let now_ns = state.now_ns;
            state.recorder.observer_ended(self.observer, WatchEnd::Closed, now_ns);
        }
    }
}
