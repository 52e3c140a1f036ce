//! The recorder of a run's history: operations and watches of clients, and the observations of the host.

use revline_checker::bytes::Bytes;
use revline_checker::history::{
    AdminCall, AdminRequest, AdminResponse, ClientId, History, Hold, MemberId, Observation, ObservedLeader,
    Observer, Operation, Outcome, Request, Watch, WatchEnd, WatchFrame, WatchRequest,
};
use revline_checker::history::{Error, Response};
use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};
use xxhash_rust::xxh3::Xxh3;

/// Names an operation within the history: its position.
pub(crate) type OperationIndex = usize;

/// Names a watch within the history: its position, which is also its id.
pub(crate) type WatchIndex = usize;

/// Names a call of the cluster or the maintenance service within the recording: its position.
pub(crate) type AdminIndex = usize;

/// Names a lock or leadership that a client believed to hold within the history: its position.
pub(crate) type HoldIndex = usize;

/// Names an observer within the history: its position, which is also its id.
pub(crate) type ObserverIndex = usize;

#[derive(Debug, Default)]
pub(crate) struct Recorder {
    history: History,
    /// The calls that concern another cluster.
    left_out: BTreeSet<AdminIndex>,
    /// The latest moment that was noted.
    newest_ns: u64,
    /// The latest moment at which a client learned something.
    learned_ns: u64,
}

impl Recorder {
    /// The moment of a question. Several things happen at one nanosecond of simulated time, one after the other: a
    /// question after an answer has a later moment than that, so that the order can be seen in the history.
    fn asked(&mut self, at_ns: u64) -> u64 {
        let at_ns = at_ns.max(self.learned_ns + 1);
        self.newest_ns = self.newest_ns.max(at_ns);
        at_ns
    }

    /// The moment at which a client learned something: not before anything that was asked before.
    fn learned(&mut self, at_ns: u64) -> u64 {
        self.newest_ns = self.newest_ns.max(at_ns);
        self.learned_ns = self.newest_ns;
        self.newest_ns
    }

    pub fn invoke(&mut self, client: ClientId, request: Request, at_ns: u64) -> OperationIndex {
        let at_ns = self.asked(at_ns);
        self.history.operations.push(Operation {
            client,
            member: None,
            user: None,
            invoke_ns: at_ns,
            return_ns: None,
            request,
            outcome: Outcome::Unknown("the recording ended first".to_owned()),
        });
        self.history.operations.len() - 1
    }

    /// Sets the prefix of a client's keys: they are recorded without it.
    pub fn namespace(&mut self, client: ClientId, prefix: Bytes) {
        let other = self.history.namespaces.insert(client, prefix);
        debug_assert!(other.is_none(), "a client has one namespace");
    }

    /// Notes the user of an operation's token.
    pub fn by_user(&mut self, operation: OperationIndex, user: Option<String>) {
        self.history.operations[operation].user = user;
    }

    /// Notes the user of a watch's token.
    pub fn watched_by(&mut self, watch: WatchIndex, user: Option<String>) {
        self.history.watches[watch].user = user;
    }

    pub fn sent_to(&mut self, operation: OperationIndex, member: MemberId) {
        self.history.operations[operation].member = Some(member);
    }

    /// Notes the outcome; returns its fingerprint.
    pub fn returned(&mut self, operation: OperationIndex, outcome: Outcome, at_ns: u64) -> u64 {
        let fingerprint = match &outcome {
            Outcome::Ok(response) => fingerprint::<Response>(response),
            Outcome::Failed(error) => fingerprint::<Error>(error),
            Outcome::Unknown(why) => fingerprint::<str>(why),
        };
        let at_ns = self.learned(at_ns);
        let operation = &mut self.history.operations[operation];
        debug_assert!(operation.return_ns.is_none(), "an operation returns once");
        operation.outcome = outcome;
        operation.return_ns = Some(at_ns);
        fingerprint
    }

    pub fn watch(
        &mut self,
        client: ClientId,
        member: Option<MemberId>,
        resumes: Option<u64>,
        request: WatchRequest,
        at_ns: u64,
    ) -> WatchIndex {
        let at_ns = self.asked(at_ns);
        let index = self.history.watches.len();
        let watch = Watch::new(index as u64, client, request, at_ns);
        self.history.watches.push(Watch { member, resumes, ..watch });
        index
    }

    /// Notes a frame; returns its fingerprint.
    pub fn watch_frame(&mut self, watch: WatchIndex, mut frame: WatchFrame) -> u64 {
        frame.received_ns = self.learned(frame.received_ns);
        let mut hasher = Xxh3::new();
        (frame.revision, frame.created, frame.canceled.is_some(), frame.compact_revision).hash(&mut hasher);
        for event in &frame.events {
            (event.kind, &event.kv, &event.prev_kv).hash(&mut hasher);
        }
        self.history.watches[watch].frames.push(frame);
        hasher.finish()
    }

    pub fn watch_ended(&mut self, watch: WatchIndex, end: WatchEnd, at_ns: u64) {
        let at_ns = self.learned(at_ns);
        // A watcher may outlive the recording: its task ends with the world.
        if let Some(watch) = self.history.watches.get_mut(watch).filter(|watch| watch.end == WatchEnd::Open) {
            watch.end = end;
            watch.end_ns = Some(at_ns);
        }
    }

    pub fn hold(&mut self, hold: Hold) -> HoldIndex {
        self.history.holds.push(hold);
        self.history.holds.len() - 1
    }

    /// The clients that believe now that they hold a lock or lead, in the order of their ids.
    pub fn holders(&self) -> Vec<ClientId> {
        let open = self.history.holds.iter().filter(|hold| hold.until_ns.is_none());
        let clients: BTreeSet<ClientId> = open.map(|hold| hold.client).collect();
        clients.into_iter().collect()
    }

    /// The number of a hold among those of its client, from 1 on.
    pub fn number_of_hold(&self, hold: HoldIndex) -> u64 {
        let Some((last, before)) = self.history.holds.get(..=hold).and_then(<[Hold]>::split_last) else {
            return 0;
        };
        1 + before.iter().filter(|hold| hold.client == last.client).count() as u64
    }

    /// The number of an observer among those of its client, from 1 on.
    pub fn number_of_observer(&self, observer: ObserverIndex) -> u64 {
        let Some((last, before)) = self.history.observers.get(..=observer).and_then(<[Observer]>::split_last)
        else {
            return 0;
        };
        1 + before.iter().filter(|observer| observer.client == last.client).count() as u64
    }

    pub fn hold_ended(&mut self, hold: HoldIndex, at_ns: u64) {
        // As with watches, a client may outlive the recording.
        if let Some(hold) = self.history.holds.get_mut(hold) {
            hold.until_ns.get_or_insert(at_ns);
        }
    }

    /// Notes an observer. `member` shows the leaders; `None` where the client finds them by itself.
    pub fn observer(
        &mut self,
        client: ClientId,
        member: Option<MemberId>,
        name: Bytes,
        at_ns: u64,
    ) -> ObserverIndex {
        let at_ns = self.asked(at_ns);
        let index = self.history.observers.len();
        let observer = Observer::new(index as u64, client, name, at_ns);
        self.history.observers.push(Observer { member, ..observer });
        index
    }

    pub fn observed(&mut self, observer: ObserverIndex, mut frame: ObservedLeader) {
        frame.received_ns = self.learned(frame.received_ns);
        if let Some(observer) = self.history.observers.get_mut(observer) {
            observer.frames.push(frame);
        }
    }

    pub fn observer_ended(&mut self, observer: ObserverIndex, end: WatchEnd, at_ns: u64) {
        let at_ns = self.learned(at_ns);
        if let Some(observer) = self.history.observers.get_mut(observer) {
            observer.end = end;
            observer.end_ns = Some(at_ns);
        }
    }

    /// Notes a call of the cluster or the maintenance service.
    pub fn ask(
        &mut self,
        client: ClientId,
        user: Option<String>,
        (request, requires_leader): (AdminRequest, bool),
        at_ns: u64,
    ) -> AdminIndex {
        let invoke_ns = self.asked(at_ns);
        self.history.admin_calls.push(AdminCall {
            client,
            member: None,
            user,
            requires_leader,
            invoke_ns,
            return_ns: None,
            request,
            outcome: Outcome::Unknown("the recording ended first".to_owned()),
        });
        self.history.admin_calls.len() - 1
    }

    /// Notes the endpoint of such a call.
    pub fn asked_at(&mut self, admin: AdminIndex, member: MemberId) {
        self.history.admin_calls[admin].member = Some(member);
    }

    /// Leaves such a call out of the history.
    pub fn leave_out(&mut self, admin: AdminIndex) {
        self.left_out.insert(admin);
    }

    /// Notes the outcome of such a call.
    pub fn answered(&mut self, admin: AdminIndex, outcome: Outcome<AdminResponse>, at_ns: u64) {
        let at_ns = self.learned(at_ns);
        let call = &mut self.history.admin_calls[admin];
        (call.outcome, call.return_ns) = (outcome, Some(at_ns));
    }

    pub fn observe(&mut self, observation: Observation) {
        self.history.observations.push(observation);
    }

    pub fn take(&mut self) -> History {
        // A simulated cluster begins with nothing in its store.
        let mut history = History { is_of_new_store: true, ..std::mem::take(&mut self.history) };
        let mut index = 0;
        history.admin_calls.retain(|_| {
            index += 1;
            !self.left_out.contains(&(index - 1))
        });
        history
    }
}

/// A hash that is the same in every build.
pub(crate) fn fingerprint<T: Hash + ?Sized>(value: &T) -> u64 {
    let mut hasher = Xxh3::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use revline_checker::history::RangeRequest;

    #[test]
    fn what_is_asked_after_an_answer_is_later_and_no_answer_is_before_its_question() {
        let mut recorder = Recorder::default();
        let read = || Request::Range(RangeRequest::default());
        let lost = || Outcome::Unknown("lost".to_owned());
        let first = recorder.invoke(ClientId(0), read(), 5);
        let beside = recorder.invoke(ClientId(1), read(), 5);
        recorder.returned(first, lost(), 5);
        let after = recorder.invoke(ClientId(0), read(), 5);
        recorder.returned(beside, lost(), 5);
        let history = recorder.take();
        let times = |index: usize| (history.operations[index].invoke_ns, history.operations[index].return_ns);
        assert_eq!((times(first), times(beside)), ((5, Some(5)), (5, Some(6))));
        assert_eq!(times(after), (6, None));
    }
}
