//! A node with a machine of its own: it echoes the numbers of its clients' calls.

use super::*;
use crate::agenda::Agenda;
use crate::alarms_seen::AlarmsSeen;
use crate::clock::Clock;
use crate::counters::Counters;
use crate::cx::Cx;
use crate::fault_id::FaultId;
use crate::marks::Reached;
use crate::members_seen::MembersSeen;
use crate::network::{Network, NetworkConfig};
use crate::recorder::Recorder;
use crate::tasks::Ready;
use crate::trace::Trace;
use revline_store::frame::ClientFrame;
use std::sync::Arc;

const NODE: NodeName = NodeName(7);
const WORK_NS: u64 = 500;

/// The machine: it outputs the numbers of the calls that it is told of, and panics at call 13.
struct Echo {
    incarnation: u64,
}

enum Said {
    Tick,
    Call(u64),
}

impl Machine for Echo {
    type Input = Said;
    type Output = u64;

    fn step(&mut self, _: Time, input: Said, out: &mut Vec<u64>) {
        if let Said::Call(call) = input {
            assert_ne!(call, 13, "an unlucky call");
            out.push(100 * self.incarnation + call);
        }
    }
}

/// Its host keeps the time and content of every output.
#[derive(Default)]
struct EchoHost {
    carried_out: Vec<(u64, u64)>,
    ends: Vec<End>,
    refuses: bool,
}

impl Host for EchoHost {
    type Machine = Echo;

    fn starts(&mut self, _: &mut Around<'_>) {}

    fn boot(&self, incarnation: u64, _: Time, _: &mut Vec<u64>) -> Result<Echo, String> {
        if self.refuses { Err("refused".to_owned()) } else { Ok(Echo { incarnation }) }
    }

    fn tick_ms(&self) -> u64 {
        100
    }

    fn input(&mut self, _: &mut Around<'_>, _: u64, told: Told) -> Option<Said> {
        match told {
            Told::Tick => Some(Said::Tick),
            Told::Client { frame, .. } => match *frame {
                ClientFrame::CancelCall { call } => Some(Said::Call(call)),
                _ => None,
            },
            _ => None,
        }
    }

    fn nature(input: &Said) -> Nature {
        if matches!(input, Said::Tick) { Nature::Tick } else { Nature::Message }
    }

    fn work_ns(cpu: &CpuConfig, _: Nature, outputs: &[u64]) -> u64 {
        if cpu.is_free() { 0 } else { WORK_NS * outputs.len() as u64 }
    }

    fn carry_out(&mut self, around: &mut Around<'_>, _: u64, outputs: &mut Vec<u64>) {
        self.carried_out.extend(outputs.drain(..).map(|output| (around.cx.now_ns, output)));
    }

    fn ended(&mut self, _: &mut Around<'_>, end: &End) {
        self.ends.push(end.clone());
    }
}

/// A world of one node.
struct Alone {
    node: Node<EchoHost>,
    now_ns: u64,
    cpu: CpuConfig,
    agenda: Agenda<Due>,
    trace: Trace,
    counters: Counters,
    network: Network,
    recorder: Recorder,
    members: MembersSeen,
    alarms: AlarmsSeen,
    marks: Reached,
}

impl Alone {
    fn new(cpu: CpuConfig, host: EchoHost) -> Alone {
        let mut alone = Alone {
            node: Node::new(NODE, NodeProcess::new(Clock::new(0)), host),
            now_ns: 0,
            cpu,
            agenda: Agenda::new(Arc::new(Ready::default())),
            trace: Trace::default(),
            counters: Counters::default(),
            network: Network::new(NetworkConfig::default(), 1.into()),
            recorder: Recorder::default(),
            members: MembersSeen::default(),
            alarms: AlarmsSeen::default(),
            marks: Reached::default(),
        };
        alone.start();
        alone
    }

    fn with<T>(&mut self, act: impl FnOnce(&mut Node<EchoHost>, &mut Around<'_>) -> T) -> T {
        let cx = Cx {
            now_ns: self.now_ns,
            agenda: &mut self.agenda,
            trace: &mut self.trace,
            counters: &mut self.counters,
            marks: &mut self.marks,
        };
        let mut around = Around {
            cx,
            cpu: self.cpu,
            network: &mut self.network,
            recorder: &mut self.recorder,
            members: &mut self.members,
            alarms: &mut self.alarms,
        };
        act(&mut self.node, &mut around)
    }

    fn start(&mut self) {
        self.node.process().starting = true;
        self.with(|node, around| node.go_on(around));
    }

    fn call(&mut self, call: u64) {
        let told = Told::Client { stream: 1, frame: Box::new(ClientFrame::CancelCall { call }) };
        self.with(|node, around| node.tell(around, told));
    }

    fn pause(&mut self) {
        self.node.process().paused_by.insert(FaultId(1));
    }

    fn resume(&mut self) {
        self.node.process().paused_by.clear();
        self.with(|node, around| node.go_on(around));
    }

    /// Lets everything happen until then, ticks left out; returns the number of ticks.
    fn run_until(&mut self, until_ns: u64) -> usize {
        let mut ticks = 0;
        while self.agenda.next_due_ns().is_some_and(|due_ns| due_ns <= until_ns) {
            let Some((due_ns, due)) = self.agenda.pop() else { break };
            self.now_ns = self.now_ns.max(due_ns);
            match due {
                Due::GoOn(NODE) => self.with(|node, around| node.go_on(around)),
                Due::Tell { told, .. } => {
                    ticks += usize::from(matches!(told, Told::Tick));
                    self.with(|node, around| node.tell(around, told));
                }
                other => panic!("{other:?}"),
            }
        }
        self.now_ns = until_ns;
        ticks
    }

    fn carried_out(&self) -> &[(u64, u64)] {
        &self.node.host.carried_out
    }
}

const FREE: CpuConfig = CpuConfig { per_message_us: 0, per_reply_us: 0, per_watch_response_us: 0 };
const COSTLY: CpuConfig = CpuConfig { per_message_us: 1, ..FREE };

#[test]
fn an_input_is_taken_then_and_there_and_ticks_follow_one_another() {
    let mut alone = Alone::new(FREE, EchoHost::default());
    alone.call(1);
    assert_eq!(alone.carried_out(), [(0, 101)]);
    assert_eq!(alone.run_until(1_050_000_000), 10, "a tick each 100 ms");
}

#[test]
fn outputs_come_out_when_the_work_is_done_and_inputs_wait_meanwhile() {
    let mut alone = Alone::new(COSTLY, EchoHost::default());
    (1..=3).for_each(|call| alone.call(call));
    assert_eq!(alone.carried_out(), []);
    alone.run_until(2 * WORK_NS);
    assert_eq!(alone.carried_out(), [(WORK_NS, 101), (2 * WORK_NS, 102)]);
    alone.run_until(10 * WORK_NS);
    assert_eq!(alone.carried_out().last(), Some(&(3 * WORK_NS, 103)));
}

#[test]
fn a_process_that_stands_still_takes_its_inputs_and_finishes_its_work_when_it_goes_on() {
    let mut alone = Alone::new(COSTLY, EchoHost::default());
    alone.call(1);
    alone.pause();
    alone.call(2);
    alone.run_until(10 * WORK_NS);
    assert_eq!(alone.carried_out(), []);
    alone.resume();
    assert_eq!(alone.carried_out(), [(10 * WORK_NS, 101)]);
    alone.run_until(20 * WORK_NS);
    assert_eq!(alone.carried_out().last(), Some(&(11 * WORK_NS, 102)));
}

#[test]
fn a_crash_loses_what_waits_and_the_outputs_of_unfinished_work() {
    let mut alone = Alone::new(COSTLY, EchoHost::default());
    alone.call(1);
    alone.call(2);
    alone.with(|node, around| node.end(around, &End::Crash));
    alone.call(3);
    alone.start();
    alone.call(4);
    alone.run_until(10 * WORK_NS);
    assert_eq!(alone.carried_out(), [(WORK_NS, 204)], "of the second start");
}

#[test]
fn a_process_that_is_paused_before_it_started_starts_when_it_goes_on() {
    let mut alone = Alone::new(FREE, EchoHost::default());
    alone.with(|node, around| node.end(around, &End::Crash));
    alone.pause();
    alone.start();
    assert!(alone.node.machine().is_none());
    alone.resume();
    assert_eq!(alone.node.machine().map(|machine| machine.incarnation), Some(2));
}

#[test]
fn a_panic_ends_the_process_and_is_told_to_the_history() {
    let mut alone = Alone::new(FREE, EchoHost::default());
    alone.call(13);
    alone.call(1);
    assert!(alone.node.machine().is_none() && alone.carried_out().is_empty());
    assert_eq!(alone.node.host.ends, [End::Crash]);
    let history = alone.recorder.take();
    assert!(
        matches!(&history.observations[..], [Observation::Panicked { message, .. }] if message.contains("unlucky")),
        "{:?}",
        history.observations
    );
}

#[test]
fn a_machine_that_refuses_to_start_ends_its_process() {
    let alone = Alone::new(FREE, EchoHost { refuses: true, ..EchoHost::default() });
    assert_eq!(alone.node.host.ends, [End::Refuse("refused".to_owned())]);
    assert!(alone.node.machine().is_none() && !alone.node.process.is_up());
}
