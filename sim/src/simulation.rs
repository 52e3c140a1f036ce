//! One run of a world, from its seed to its history.

use crate::agenda::Agenda;
use crate::alarms_seen::AlarmsSeen;
use crate::caught;
use crate::client_host::Clients;
use crate::config::{MAX_MEMBERS, SimulationConfig};
use crate::counters::Counters;
use crate::drive::{AHEAD_NS, Drive};
use crate::lease_bounds::LeaseBounds;
use crate::marks::{Marks, Reached};
use crate::members_seen::MembersSeen;
use crate::network::Network;
use crate::node::Nodes;
use crate::node::member::new_node;
use crate::node::proxy::proxies;
use crate::parts::Parts;
use crate::process::carry_out;
use crate::processes::Processes;
use crate::program_notes::{Check, Observed, ProgramNotes};
use crate::proxy_place::check_places;
use crate::recorder::Recorder;
use crate::state::{Shared, State};
use crate::tasks::{Ready, Tasks};
use crate::trace::{Trace, node_of};
use crate::world::World;
use madsim::runtime::Runtime;
use madsim::time::TimeHandle;
use revline_checker::history::{ClientId, History};
use revline_store::member::Start;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tracing::level_filters::LevelFilter;

/// The result of a run.
#[derive(Debug)]
pub struct Run<T> {
    /// The value that the program in the world returned.
    pub value: T,
    /// The history.
    pub history: History,
    /// The trace of all events.
    pub trace: Trace,
    /// The same in numbers.
    pub counters: Counters,
    /// The marks that it reached.
    pub marks: Marks,
    /// The time that passed in the world, in nanoseconds.
    pub simulated_ns: u64,
    /// The names of the clients.
    pub clients: BTreeMap<ClientId, String>,
    /// The observations of the program and its processes ([`World::observe`]).
    pub observations: Vec<Observed>,
    /// The checks of the program's own ([`World::check`]), for whoever judges the run.
    pub checks: Vec<Check>,
}

impl<T> Run<T> {
    /// The same run, with another value made of that of its program.
    pub fn map<U>(self, map: impl FnOnce(T) -> U) -> Run<U> {
        let Run { value, history, trace, counters, marks, simulated_ns, clients, observations, checks } =
            self;
        let value = map(value);
        Run { value, history, trace, counters, marks, simulated_ns, clients, observations, checks }
    }
}

/// The program in the world, or the world itself, panicked: a bug, not a verdict. A member or a proxy that panics is
/// no such thing: the history tells of it, and `boots` is violated.
#[derive(Clone, Debug, Default, PartialEq, Error)]
#[error("the simulation panicked: {message}")]
pub struct Panicked {
    /// The message of the panic.
    pub message: String,
    /// The history until then.
    pub history: Box<History>,
    /// The names of the clients.
    pub clients: BTreeMap<ClientId, String>,
    /// The observations until then.
    pub observations: Vec<Observed>,
}

/// Runs `program` in a new world, on a thread of its own, and waits for it.
///
/// A thread of its own, because madsim seeds the hash maps of the standard library once per thread.
pub fn simulate<T, P, F>(config: &SimulationConfig, keep_trace: bool, program: P) -> Result<Run<T>, Panicked>
where
    T: Send,
    P: FnOnce(World) -> F + Send,
    F: Future<Output = T>,
{
    on_own_thread(config, keep_trace, 0, program)
}

/// Runs a program as [`simulate`] does, faster: one that knows the clock of the world alone, so that it waits by
/// [`World::sleep`] and [`World::timeout`], and spawns by [`World::spawn`].
///
/// The clock of madsim, with its sleeps and its tasks, may be off by a millisecond there, in both directions.
pub fn simulate_by_world_clock<T, P, F>(
    config: &SimulationConfig,
    keep_trace: bool,
    program: P,
) -> Result<Run<T>, Panicked>
where
    T: Send,
    P: FnOnce(World) -> F + Send,
    F: Future<Output = T>,
{
    // Logs have the time of madsim's clock.
    let ahead_ns = if LevelFilter::current() == LevelFilter::OFF { AHEAD_NS } else { 0 };
    on_own_thread(config, keep_trace, ahead_ns, program)
}

fn on_own_thread<T, P, F>(
    config: &SimulationConfig,
    keep_trace: bool,
    ahead_ns: u64,
    program: P,
) -> Result<Run<T>, Panicked>
where
    T: Send,
    P: FnOnce(World) -> F + Send,
    F: Future<Output = T>,
{
    assert!((1..=MAX_MEMBERS).contains(&config.members), "1 to {MAX_MEMBERS} members");
    if let Err(wrong) = check_places(&config.proxies) {
        panic!("{wrong}");
    }
    std::thread::scope(|scope| {
        let run = scope.spawn(|| {
            let mut world = None;
            let run = catch_unwind(AssertUnwindSafe(|| {
                run_on_this_thread(config, Trace::new(keep_trace), ahead_ns, program, &mut world)
            }));
            run.map_err(|panic| {
                let message = caught::message(&*panic);
                match world {
                    Some(world) => panicked(&world, message),
                    None => Panicked { message, ..Panicked::default() },
                }
            })
        });
        run.join().unwrap_or_else(|panic| resume_unwind(panic))
    })
}

/// Runs `program` in a new world; leaves the world in `world`, for a panic.
fn run_on_this_thread<T, P, F>(
    config: &SimulationConfig,
    trace: Trace,
    ahead_ns: u64,
    program: P,
    world: &mut Option<Shared>,
) -> Run<T>
where
    P: FnOnce(World) -> F,
    F: Future<Output = T>,
{
    let runtime = Runtime::with_seed_and_config(config.seed, madsim::Config::default());
    runtime.block_on(async move {
        let ready = Arc::new(Ready::default());
        let shared = Shared::new(State {
            time: TimeHandle::current(),
            now_ns: 0,
            agenda: Agenda::new(ready.clone()),
            tasks: Tasks::new(ready.clone()),
            ready: ready.clone(),
            trace,
            network: Network::new(config.network, config.seeds()),
            nodes: nodes(config),
            members: MembersSeen::default(),
            bounds: LeaseBounds::new(config),
            cpu: config.cpu,
            clients: Clients::default(),
            processes: Processes::default(),
            recorder: Recorder::default(),
            settled: Vec::new(),
            alarms: AlarmsSeen::default(),
            administrator: None,
            counters: Counters::default(),
            marks: Reached::default(),
            parts: Parts::default(),
            notes: ProgramNotes::default(),
        });
        // Those of an earlier run on this thread, if it panicked.
        revline_store::mark::take().for_each(drop);
        *world = Some(shared.clone());
        start(&mut shared.lock(), config);
        let world = World::new(shared.clone(), config.clone());
        let value = Drive::new(shared.clone(), ready, ahead_ns, async move { program(world).await }).await;
        let run = {
            let mut state = shared.lock();
            Run {
                value,
                history: state.recorder.take(),
                marks: marks(&mut state),
                counters: state.counters,
                simulated_ns: state.now_ns,
                clients: state.client_names(),
                observations: std::mem::take(&mut state.notes.observations),
                checks: std::mem::take(&mut state.notes.checks),
                trace: std::mem::take(&mut state.trace),
            }
        };
        end_processes(&shared).await;
        end_tasks(&shared);
        run
    })
}

/// The panic of a world, with everything that was seen of it.
fn panicked(world: &Shared, message: String) -> Panicked {
    let mut state = world.lock_panicked();
    let history = Box::new(state.recorder.take());
    let observations = std::mem::take(&mut state.notes.observations);
    Panicked { message, history, clients: state.client_names(), observations }
}

fn marks(state: &mut State) -> Marks {
    state.note_states();
    let counters = state.counters;
    state.marks.take(&counters)
}

/// Starts every process, before the program begins.
fn start(state: &mut State, config: &SimulationConfig) {
    state.bounds.declare(&mut state.recorder, state.now_ns, 0);
    (1..=config.members).for_each(|id| state.members.add(id, false));
    for node in [state.member_nodes(), state.proxy_nodes()].concat() {
        state.process(node).starting = true;
        state.with_node(node, |node, around| node.go_on(around));
    }
}

/// Ends the processes of a world that is over, as its tasks are ended, and lets madsim drop what they hold.
async fn end_processes(shared: &Shared) {
    if shared.lock().processes.users().is_empty() {
        return;
    }
    shared.lock().end_users();
    carry_out(shared);
    madsim::time::sleep(Duration::from_millis(1)).await;
    let ended = shared.lock().processes.take_users();
    drop(ended);
}

/// Ends the tasks of a world that is over: they hold the world, and the world holds them. Dropping one may spawn another.
fn end_tasks(shared: &Shared) {
    loop {
        let ended = {
            let mut state = shared.lock();
            state.tasks.clear();
            state.tasks.take_ended()
        };
        if ended.is_empty() {
            return;
        }
        drop(ended);
    }
}

fn nodes(config: &SimulationConfig) -> Nodes {
    let member = |id| (node_of(id), new_node(config, id, Start::New));
    Nodes { members: (1..=config.members).map(member).collect(), proxies: proxies(config) }
}
