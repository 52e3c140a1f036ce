//! The process of a machine as the world sees it: whether it runs, what its clock shows, what waits for it.

use crate::caught::MachinePanic;
use crate::clock::Clock;
use crate::fault::FaultId;
use crate::machine_slot::MemberSlot;
use crate::recorder::fingerprint;
use crate::state::{Due, Shared, State, member_of};
use crate::trace::{Kind, NodeName};
use revline_checker::history::{MemberId as JudgedMember, Observation};
use revline_store::machine::Time;
use std::collections::{BTreeMap, BTreeSet};
use std::future::poll_fn;
use std::task::{Poll, Waker};

/// A process, from one start to the next. Its clock is that of the machine it runs on.
#[derive(Debug)]
pub(crate) struct Process {
    pub clock: Clock,
    /// Which start of the process this is.
    pub incarnation: u64,
    pub running: bool,
    /// It was told to start, and has not yet.
    pub starting: bool,
    /// The faults in force that keep it down.
    pub down_by: BTreeSet<FaultId>,
    /// Those that let it stand still, once it runs.
    pub paused_by: BTreeSet<FaultId>,
    /// The drift of its clock by each fault in force, in parts per million too fast.
    pub drifts_ppm: BTreeMap<FaultId, i64>,
    /// Until then it is busy with its last input.
    busy_until_ns: u64,
    /// Wakes it when it is not any more.
    worker: Option<Waker>,
}

impl Process {
    pub fn new(clock: Clock) -> Process {
        Process {
            clock,
            incarnation: 0,
            running: false,
            starting: false,
            down_by: BTreeSet::new(),
            paused_by: BTreeSet::new(),
            drifts_ppm: BTreeMap::new(),
            busy_until_ns: 0,
            worker: None,
        }
    }

    /// Whether it ended by itself: no fault keeps it down, and it is not about to start.
    pub fn has_ended(&self) -> bool {
        !self.running && !self.starting && self.down_by.is_empty()
    }

    pub fn started(&mut self) {
        self.incarnation += 1;
        self.running = true;
        self.starting = false;
        self.busy_until_ns = 0;
    }

    pub fn stopped(&mut self) {
        self.running = false;
        self.starting = false;
        self.worker = None;
    }
}

/// What waits for a process, in the order in which it came.
#[derive(Debug)]
pub(crate) struct Inbox<T> {
    waiting: Vec<T>,
    reader: Option<Waker>,
}

impl<T> Inbox<T> {
    pub fn new() -> Inbox<T> {
        Inbox { waiting: Vec::new(), reader: None }
    }

    pub fn push(&mut self, incoming: T) {
        self.waiting.push(incoming);
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
    }

    /// Takes everything; if there is nothing, arranges for `waker` to be woken.
    pub fn take(&mut self, into: &mut Vec<T>, waker: &Waker) -> bool {
        if self.waiting.is_empty() {
            self.reader = Some(waker.clone());
            return false;
        }
        std::mem::swap(&mut self.waiting, into);
        true
    }

    pub fn clear(&mut self) {
        self.waiting.clear();
        self.reader = None;
    }
}

/// The time on a process's own clock.
pub(crate) fn local_now(world: &Shared, node: NodeName) -> Time {
    let mut state = world.lock();
    let now_ns = state.now_ns;
    Time(state.process(node).clock.local_ns(now_ns))
}

/// Lets a process work for so long: whatever comes meanwhile waits.
pub(crate) async fn work(world: &Shared, node: NodeName, work_ns: u64) {
    if work_ns == 0 {
        return;
    }
    world.lock().begin_work(node, work_ns);
    poll_fn(|context| {
        let mut state = world.lock();
        let now_ns = state.now_ns;
        let process = state.process(node);
        if now_ns >= process.busy_until_ns {
            return Poll::Ready(());
        }
        process.worker = Some(context.waker().clone());
        Poll::Pending
    })
    .await;
}

impl State {
    /// The process on a node, of a member or a proxy.
    pub fn process(&mut self, node: NodeName) -> &mut Process {
        if node.is_proxy() { &mut self.proxy(node).process } else { &mut self.slot(member_of(node)).process }
    }

    pub fn is_running(&self, node: NodeName) -> bool {
        if node.is_proxy() {
            self.proxies.get(&node).is_some_and(|slot| slot.process.running)
        } else {
            self.members.get(&member_of(node)).is_some_and(MemberSlot::is_running)
        }
    }

    /// The machine of a process panicked: the process ends, as if it had lost power.
    pub fn process_panicked(&mut self, node: NodeName, panic: &MachinePanic) {
        self.record(Kind::Panic, node, [fingerprint(panic.message.as_str()), 0, 0]);
        self.recorder.observe(Observation::Panicked {
            at_ns: self.now_ns,
            member: JudgedMember(node.0),
            message: panic.to_string(),
        });
        if node.is_proxy() {
            self.proxy_crashed(node);
        } else {
            self.process_crashed(member_of(node));
        }
    }

    /// Whether this start of the process still runs.
    pub fn still_runs(&mut self, node: NodeName, incarnation: u64) -> bool {
        self.is_running(node) && self.process(node).incarnation == incarnation
    }

    fn begin_work(&mut self, node: NodeName, work_ns: u64) {
        let now_ns = self.now_ns;
        let process = self.process(node);
        process.busy_until_ns = now_ns + work_ns;
        let incarnation = process.incarnation;
        self.agenda.at(now_ns + work_ns, Due::Worked { node, incarnation });
    }

    /// A process is done with what it was busy with.
    pub fn worked(&mut self, node: NodeName, incarnation: u64) {
        if self.still_runs(node, incarnation)
            && let Some(worker) = self.process(node).worker.take()
        {
            worker.wake();
        }
    }
}
