//! Clients, a store and watchers in simulated time.

use super::answer::{Asked, answer};
use super::flaw::{Flaw, Trap};
use super::random::Random;
use super::request::Requests;
use super::shape::Shape;
use super::store::Store;
use super::watcher::{Moment, Watcher, event_of};
use crate::history::jsonl::Record;
use crate::history::*;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// The most that one step takes, in nanoseconds.
const STEP_NS: u64 = 1000;

/// The next step of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    /// The client, by its number, asks.
    Invoke(u32),
    /// The operation, by its number, takes effect.
    Effect(u64),
    /// Its client has the answer, or gives up.
    Return(u64),
}

/// An operation that is under way.
struct OpenOperation {
    client: u32,
    member: u64,
    invoke_ns: u64,
    request: Request,
    asked: Asked,
    /// Its client will not see the answer.
    is_lost: bool,
    /// Of a lost one: what is still to come, its effect or its client's giving up.
    steps_left: u32,
    outcome: Outcome,
}

/// A run that makes a history.
pub(super) struct Simulation<'a> {
    shape: &'a Shape,
    random: Random,
    now_ns: u64,
    steps: BinaryHeap<Reverse<(u64, u64, Step)>>,
    scheduled: u64,
    requests: Requests,
    is_compacting: bool,
    store: Store,
    open: BTreeMap<u64, OpenOperation>,
    asked: usize,
    /// The answers so far.
    known: Asked,
    /// By member: the revision that it is known to have reached.
    members: Vec<Revision>,
    /// By client and member: the revision of the last serializable read.
    serializable: BTreeMap<(u32, u64), Revision>,
    watchers: Vec<Watcher>,
    next_watch: u64,
    trap: Trap,
}

impl<'a> Simulation<'a> {
    pub fn new(shape: &'a Shape, seed: u64, trap: Trap) -> Self {
        let watchers = (0..shape.watchers).map(|number| Watcher::new(number, shape, &trap));
        let mut simulation = Simulation {
            shape,
            random: Random::new(seed),
            now_ns: STEP_NS,
            steps: BinaryHeap::new(),
            scheduled: 0,
            requests: Requests::default(),
            is_compacting: shape.compact_every > 0,
            store: Store::default(),
            open: BTreeMap::new(),
            asked: 0,
            known: Asked { revision: 1, ..Asked::default() },
            members: vec![1; shape.members.max(1) as usize],
            serializable: BTreeMap::new(),
            watchers: watchers.collect(),
            next_watch: u64::from(shape.watchers),
            trap,
        };
        for client in 0..shape.clients.max(1) {
            simulation.later(STEP_NS, Step::Invoke(client));
        }
        simulation
    }

    /// Runs to the end. `show` gets each operation when its client has done with it, and what watches deliver
    /// as it happens. Returns whether the flaw found its moment.
    pub fn run<E>(mut self, show: &mut impl FnMut(Record) -> Result<(), E>) -> Result<bool, E> {
        self.watchers.iter_mut().try_for_each(|watcher| watcher.said().try_for_each(&mut *show))?;
        while let Some(Reverse((at_ns, _, step))) = self.steps.pop() {
            // No two things happen at the same moment: so it is clear what came first.
            self.now_ns = at_ns.max(self.now_ns + 1);
            match step {
                Step::Invoke(client) => self.invoke(client),
                Step::Effect(number) => {
                    let first = self.store.revision + 1;
                    let invoke_ns = self.open.get(&number).map_or(self.now_ns, |open| open.invoke_ns);
                    self.effect(number);
                    self.watch(first, invoke_ns, show)?;
                }
                Step::Return(number) => self.finish(number, show)?,
            }
        }
        self.now_ns += STEP_NS;
        for watcher in std::mem::take(&mut self.watchers) {
            watcher.finish(self.now_ns, &mut self.random).into_iter().try_for_each(&mut *show)?;
        }
        Ok(self.trap.is_sprung())
    }

    fn later(&mut self, within_ns: u64, step: Step) {
        let at_ns = self.now_ns + 1 + self.random.below(within_ns);
        self.scheduled += 1;
        self.steps.push(Reverse((at_ns, self.scheduled, step)));
    }

    fn invoke(&mut self, client: u32) {
        if self.asked == self.shape.operations {
            return;
        }
        self.asked += 1;
        if self.asked > self.shape.operations / 2 {
            self.trap.arm(self.shape.values == u64::MAX);
        }
        let number = self.asked as u64;
        let (revision, known) = (self.store.revision, self.store.first_known());
        let request = self.requests.draw(self.shape, &mut self.random, (known, revision), self.is_compacting);
        let member = self.random.below(self.shape.members.max(1));
        let last_serializable = self.serializable.get(&(client, member)).copied().unwrap_or(0);
        let asked = Asked { last_serializable, ..self.known };
        if let Request::Compact(compact) = &request {
            self.known.may_be_compacted = self.known.may_be_compacted.max(compact.revision);
        }
        let must_be_lost =
            matches!(request, Request::Compact(_)) && self.trap.is_of(Flaw::ReadOfToldCompaction);
        let is_lost = self.random.percent(self.shape.unknown_percent) || must_be_lost;
        let mut steps_left = 1;
        if is_lost {
            self.later(2 * STEP_NS, Step::Return(number));
            if self.random.percent(60) {
                // Perhaps long after its client gave up.
                self.later(9 * STEP_NS, Step::Effect(number));
                steps_left = 2;
            }
        } else {
            self.later(STEP_NS, Step::Effect(number));
        }
        let outcome = Outcome::Unknown("timed out".to_owned());
        let invoke_ns = self.now_ns;
        let open = OpenOperation { client, member, invoke_ns, request, asked, is_lost, steps_left, outcome };
        self.open.insert(number, open);
    }

    fn effect(&mut self, number: u64) {
        let Some(mut open) = self.open.remove(&number) else { return };
        if open.is_lost {
            self.store.run(&open.request);
            open.steps_left -= 1;
            if open.steps_left > 0 {
                self.open.insert(number, open);
            }
            return;
        }
        let lag = self.random.below(5) as Revision;
        let member = open.member as usize;
        let seen = (self.store.revision - lag).max(self.members[member]);
        open.asked.may_be_compacted = self.known.may_be_compacted;
        let may_doubt = self.trap.waits_for(Flaw::UnfoundedCompacted);
        open.outcome = answer(&mut self.store, &mut open.request, seen, open.asked, &mut self.trap);
        // Nobody may ask for what would found it, before it is returned or ever.
        self.is_compacting &= !(may_doubt && self.trap.is_sprung());
        // Whoever answers for all has caught up with all.
        self.members[member] = if open.request.is_serializable() { seen } else { self.store.revision };
        self.later(STEP_NS, Step::Return(number));
        self.open.insert(number, open);
    }

    fn finish<E>(&mut self, number: u64, show: &mut impl FnMut(Record) -> Result<(), E>) -> Result<(), E> {
        let Some(mut open) = self.open.remove(&number) else { return Ok(()) };
        let client = open.client;
        self.later(STEP_NS, Step::Invoke(client));
        self.learn(&open);
        let operation = Operation {
            client: ClientId(client),
            member: Some(MemberId(open.member + 1)),
            user: None,
            invoke_ns: open.invoke_ns,
            return_ns: Some(self.now_ns),
            request: open.request.clone(),
            outcome: open.outcome.clone(),
        };
        if open.is_lost && open.steps_left > 1 {
            open.steps_left -= 1;
            self.open.insert(number, open);
        }
        show(Record::Operation(operation))
    }

    /// Records the effects of an answer on the rest of the world.
    fn learn(&mut self, open: &OpenOperation) {
        if let (Request::Range(range), Outcome::Failed(error)) = (&open.request, &open.outcome)
            && error.message.ends_with("has been compacted")
        {
            self.known.told_compacted = self.known.told_compacted.max(range.revision + 1);
        }
        let Outcome::Ok(response) = &open.outcome else { return };
        let revision = response.header().revision;
        if open.request.is_serializable() {
            let last = self.serializable.entry((open.client, open.member)).or_insert(0);
            *last = revision.max(*last);
        } else {
            self.known.revision = self.known.revision.max(revision);
        }
        if let Request::Compact(compact) = &open.request {
            self.known.compacted = self.known.compacted.max(compact.revision);
        }
    }

    /// Watchers get what there is to know of the revisions from `first` on, which a request made that was asked at
    /// `invoke_ns`.
    fn watch<E>(
        &mut self,
        first: Revision,
        invoke_ns: u64,
        show: &mut impl FnMut(Record) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.store.revision < first {
            return Ok(());
        }
        let others = match self.trap.wants_others() {
            true => self.store.changes_from(first - 30).map(|change| event_of(change, false)).collect(),
            false => Vec::new(),
        };
        for watcher in &mut self.watchers {
            watcher.take(&self.store, first);
            let moment = Moment {
                now_ns: self.now_ns,
                revision: self.store.revision,
                compacted: self.store.compacted,
                may_be_compacted: self.known.may_be_compacted,
                others: &others,
                made: (first, invoke_ns),
            };
            while watcher.is_behind() || self.random.percent(40) {
                watcher.live(&moment, &mut self.trap, &mut self.random);
                if watcher.may_break(self.shape, &self.trap, &mut self.random) {
                    watcher.resume(&mut self.next_watch, &moment, &mut self.trap);
                }
                watcher.said().try_for_each(&mut *show)?;
            }
        }
        Ok(())
    }
}
