//! A node: a machine, the process that runs it, and its host.
//!
//! The agenda steps machines: an event that reaches a node becomes an input of its machine ([`Host::input`]), and the machine
//! takes it then and there, unless its process stands still or works. Simulated work lies between a step and its outputs:
//! inputs that arrive meanwhile wait, in order. Ending the process loses the machine, the inputs that wait and the outputs
//! of unfinished work; the host, with its disk if it has one, stays.

pub(crate) mod member;
pub(crate) mod member_events;
mod process;
pub(crate) mod proxy;
mod set;
#[cfg(test)]
mod tests;

pub(crate) use process::NodeProcess;
pub(crate) use set::{AnyNode, Nodes};

use crate::around::Around;
use crate::caught::{self, MachinePanic};
use crate::cpu::CpuConfig;
use crate::due::{Due, Told};
use crate::fault_id::FaultId;
use crate::trace::{Event, Fingerprint, NodeName};
use revline_checker::history::{MemberId as JudgedMember, Observation};
use revline_store::machine::{Machine, Time};
use std::collections::VecDeque;

/// The host of one kind of machine: it boots the machine, turns the events that reach the node into inputs, and carries out
/// outputs. It outlives the process.
pub(crate) trait Host {
    /// The machine.
    type Machine: Machine;

    /// Prepares a start of the process.
    fn starts(&mut self, around: &mut Around<'_>);

    /// Boots the machine of the start with this number. An error is the reason why it refuses to start.
    fn boot(
        &self,
        incarnation: u64,
        now: Time,
        out: &mut Vec<<Self::Machine as Machine>::Output>,
    ) -> Result<Self::Machine, String>;

    /// The length of a tick, in milliseconds of the node's clock.
    fn tick_ms(&self) -> u64;

    /// The input that follows from an event, if any does.
    fn input(
        &mut self,
        around: &mut Around<'_>,
        incarnation: u64,
        told: Told,
    ) -> Option<<Self::Machine as Machine>::Input>;

    /// The nature of an input: a tick or not, and if taking it costs the work of a message.
    fn nature(input: &<Self::Machine as Machine>::Input) -> Nature;

    /// The time that sending these outputs costs besides, in nanoseconds.
    fn work_ns(cpu: &CpuConfig, nature: Nature, outputs: &[<Self::Machine as Machine>::Output]) -> u64;

    /// Carries out the outputs of a step, in order, and leaves `outputs` empty.
    fn carry_out(
        &mut self,
        around: &mut Around<'_>,
        incarnation: u64,
        outputs: &mut Vec<<Self::Machine as Machine>::Output>,
    );

    /// The end of the process, once it has to end by itself, or at what it last did; and the fault that keeps it
    /// down then, if one does.
    fn ending(&mut self) -> Option<(End, Option<FaultId>)> {
        None
    }

    /// True if no process of this node will be started again.
    fn is_retired(&self, _: &Around<'_>) -> bool {
        false
    }

    /// The process ended.
    fn ended(&mut self, around: &mut Around<'_>, end: &End);
}

/// The nature of an input, as far as its node cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nature {
    /// A tick: the next one follows it.
    Tick,
    /// A message.
    Message,
    /// The completion of a disk operation: no message.
    Completion,
}

/// The time after which the host's supervisor starts a process again that ended as its disk failed.
const RESTART_AFTER_NS: u64 = 500_000_000;

/// The end of a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Loss of power, or a panic of its machine.
    Crash,
    /// The end that its machine makes as its disk failed, with the reason: the process starts again after a while.
    Fail(String),
    /// The end of its machine for ever.
    Leave,
    /// The refusal of its machine to start, with the reason.
    Refuse(String),
}

/// A step whose outputs have not been carried out.
#[derive(Clone, Copy, Debug)]
struct Working {
    until_ns: u64,
    nature: Nature,
}

/// A machine with its process and its host.
pub(crate) struct Node<H: Host> {
    name: NodeName,
    process: NodeProcess,
    pub host: H,
    /// `None` while no process runs.
    machine: Option<H::Machine>,
    /// The inputs that wait for the process.
    waiting: VecDeque<<H::Machine as Machine>::Input>,
    working: Option<Working>,
    outputs: Vec<<H::Machine as Machine>::Output>,
}

impl<H: Host> Node<H> {
    /// A node whose process was never started.
    pub fn new(name: NodeName, process: NodeProcess, host: H) -> Node<H> {
        Node {
            name,
            process,
            host,
            machine: None,
            waiting: VecDeque::new(),
            working: None,
            outputs: Vec::new(),
        }
    }

    /// The machine, while its process runs.
    pub fn machine(&self) -> Option<&H::Machine> {
        self.machine.as_ref()
    }

    /// True if the next input is taken at once.
    fn is_idle(&self) -> bool {
        self.working.is_none()
            && self.waiting.is_empty()
            && !self.process.starting
            && !self.process.is_paused()
    }

    fn now(&self, around: &Around<'_>) -> Time {
        Time(self.process.clock.local_ns(around.cx.now_ns))
    }

    fn boot(&mut self, around: &mut Around<'_>) {
        self.process.started();
        self.host.starts(around);
        let (now, incarnation) = (self.now(around), self.process.incarnation);
        match caught::step(|| self.host.boot(incarnation, now, &mut self.outputs)) {
            Ok(Ok(machine)) => self.machine = Some(machine),
            Ok(Err(why)) => return self.end(around, &End::Refuse(why)),
            Err(panic) => return self.panicked(around, &panic),
        }
        self.carry_out(around);
        if self.process.running {
            self.schedule_tick(around);
        }
    }

    fn schedule_tick(&self, around: &mut Around<'_>) {
        let wait_ns = self.process.clock.true_duration_ns(self.host.tick_ms() * 1_000_000);
        let tick = Due::Tell { node: self.name, incarnation: self.process.incarnation, told: Told::Tick };
        around.cx.agenda.at(around.cx.now_ns + wait_ns, tick);
    }

    fn step(&mut self, around: &mut Around<'_>, input: <H::Machine as Machine>::Input) {
        let now = self.now(around);
        let Some(machine) = &mut self.machine else { return };
        let nature = H::nature(&input);
        if let Err(panic) = caught::step(|| machine.step(now, input, &mut self.outputs)) {
            return self.panicked(around, &panic);
        }
        match H::work_ns(&around.cpu, nature, &self.outputs) {
            0 => self.stepped(around, nature),
            work_ns => {
                let until_ns = around.cx.now_ns + work_ns;
                self.working = Some(Working { until_ns, nature });
                around.cx.agenda.at(until_ns, Due::GoOn(self.name));
            }
        }
    }

    /// The work of a step is done.
    fn stepped(&mut self, around: &mut Around<'_>, nature: Nature) {
        self.carry_out(around);
        if nature == Nature::Tick && self.process.running {
            self.schedule_tick(around);
        }
    }

    fn carry_out(&mut self, around: &mut Around<'_>) {
        let mut outputs = std::mem::take(&mut self.outputs);
        self.host.carry_out(around, self.process.incarnation, &mut outputs);
        outputs.clear();
        self.outputs = outputs;
        self.end_if_due(around);
    }

    /// Ends the process if its host says so; true if it did.
    fn end_if_due(&mut self, around: &mut Around<'_>) -> bool {
        let Some((end, fault)) = self.host.ending() else { return false };
        self.process.down_by.extend(fault);
        self.end(around, &end);
        true
    }

    /// Ends the process as if it had lost power, and tells the history why.
    pub fn panicked(&mut self, around: &mut Around<'_>, panic: &MachinePanic) {
        let what = Fingerprint::of(panic.message.as_str());
        around.cx.record_words(self.name, Event::Panic { what }, &panic.message);
        around.recorder.observe(Observation::Panicked {
            at_ns: around.cx.now_ns,
            member: JudgedMember(self.name.0),
            message: panic.to_string(),
        });
        self.end(around, &End::Crash);
    }
}

impl<H: Host> AnyNode for Node<H> {
    fn process(&mut self) -> &mut NodeProcess {
        &mut self.process
    }

    fn is_retired(&self, around: &Around<'_>) -> bool {
        self.host.is_retired(around)
    }

    fn tell(&mut self, around: &mut Around<'_>, told: Told) {
        if !self.process.running {
            return;
        }
        let input = self.host.input(around, self.process.incarnation, told);
        if self.end_if_due(around) {
            return;
        }
        if let Some(input) = input {
            if self.is_idle() {
                return self.step(around, input);
            }
            self.waiting.push_back(input);
            self.go_on(around);
        }
    }

    fn go_on(&mut self, around: &mut Around<'_>) {
        if self.process.is_paused() {
            return;
        }
        if self.process.starting {
            self.boot(around);
        }
        if let Some(working) = self.working {
            if around.cx.now_ns < working.until_ns {
                return;
            }
            self.working = None;
            self.stepped(around, working.nature);
        }
        while self.working.is_none()
            && let Some(input) = self.waiting.pop_front()
        {
            self.step(around, input);
        }
    }

    fn end(&mut self, around: &mut Around<'_>, end: &End) {
        self.process.stopped();
        self.machine = None;
        self.waiting.clear();
        self.working = None;
        self.outputs.clear();
        self.host.ended(around, end);
        if matches!(end, End::Fail(_)) {
            self.process.restarting = true;
            around.cx.agenda.at(around.cx.now_ns + RESTART_AFTER_NS, Due::Restart(self.name));
        }
        around.network.break_streams_of(&mut around.cx, self.name);
    }
}
