//! The program in a world: the processes that it runs, and what it tells of itself, as what it reached, and of which random
//! parts it is made.

#[cfg(feature = "channel")]
use crate::channel::Channel;
use crate::client_host::{ChannelHost, Notes};
use crate::parts::Parts;
use crate::process::{Process, ProcessCx, ReturnValue};
use crate::processes::{Init, UserProcess};
use crate::program_notes::{Check, Observed};
use crate::state::State;
use crate::trace::{Details, Event, Fingerprint, NodeName};
use crate::world::World;
use revline_checker::history::{ClientId, History};
#[cfg(feature = "channel")]
use revline_store::machine::MemberId;
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt::Display;
use std::sync::Arc;

impl World {
    /// Runs a process of one's own beside the cluster, from now on: see [`process`](crate::process). `program` is called
    /// at each of its starts. A panic in it ends the run, as one of the program of the world does.
    ///
    /// # Panics
    /// If a client or another process has the name.
    pub fn process<P, F>(&self, name: &str, program: P) -> Process
    where
        P: Fn(ProcessCx) -> F + Send + Sync + 'static,
        F: Future + 'static,
        F::Output: ReturnValue,
    {
        let node = NodeName::client(name);
        let (world, program, own): (_, _, Arc<str>) = (self.clone(), Arc::new(program), name.into());
        let process = Process { world: self.shared.clone(), node, name: own.clone() };
        let init: Init = Arc::new(move || {
            let (world, program, name) = (world.clone(), program.clone(), own.clone());
            Box::pin(async move {
                let start = world.shared.lock().processes.user(node).map_or(0, |process| process.starts);
                let returned = program(ProcessCx::new(world.clone(), name, start)).await.returned();
                world.shared.lock().user_returned(node, returned);
            })
        });
        let mut state = self.shared.lock();
        assert!(!state.clients.has(node), "a client or another process has the name `{name}`");
        let id = state.place_client(name).0;
        self.add_channel(&mut state, node, id);
        let process_of_it = UserProcess {
            name: name.to_owned(),
            position: state.processes.users().len(),
            init,
            starts: 0,
            running: false,
            down_by: BTreeSet::new(),
            host: None,
            returned: None,
            waiting: Vec::new(),
        };
        state.processes.add_user(node, process_of_it);
        state.start_user(node);
        process
    }

    /// A channel of a new client of this name to these endpoints, members or proxies, for a gRPC client of etcd: see
    /// [`crate::channel`]. All endpoints have to show the same: members, or proxies with the same namespace.
    #[cfg(feature = "channel")]
    pub fn channel(&self, name: &str, endpoints: &[MemberId]) -> Channel {
        let mut state = self.shared.lock();
        let (id, node, own) = state.place_client(name);
        self.add_channel(&mut state, node, id);
        drop(state);
        Channel::new(self, node, &own, endpoints)
    }

    /// Gives a node the host of a channel.
    pub(crate) fn add_channel(&self, state: &mut State, node: NodeName, id: ClientId) {
        let mut around = state.split().1;
        let host = ChannelHost::new(id, &mut Notes::on(node, &mut around));
        state.clients.channels.insert(node, host);
    }

    /// Returns true if there is a process of one's own, running or not.
    pub fn has_processes(&self) -> bool {
        !self.shared.lock().processes.users().is_empty()
    }

    /// Ends every process, for ever: what the program of the world did with them is over.
    pub fn end_processes(&self) {
        self.shared.lock().end_users();
    }

    /// Notes an observation of the program's own, for its [`World::check`]s. A process has [`ProcessCx::observe`].
    pub fn observe(&self, name: &str, value: impl Serialize) {
        self.observe_as(NodeName::WORLD, name, value);
    }

    /// As [`World::observe`], of a node.
    pub(crate) fn observe_as(&self, node: NodeName, name: &str, value: impl Serialize) {
        let value = serde_json::to_value(value).unwrap_or_else(|error| {
            panic!("the observation `{name}` is no JSON: {error}");
        });
        let mut state = self.shared.lock();
        let by = if node == NodeName::WORLD { String::new() } else { state.name(node) };
        let content = Fingerprint::of(&(name, value.to_string()));
        state.record_with(node, Event::Observe { content }, || {
            Details::new(format_args!("{name} {value}")).field("name", name).field("value", &value)
        });
        let at_ns = state.now_ns;
        state.notes.observations.push(Observed { at_ns, by, name: name.to_owned(), value });
    }

    /// Adds a check of the program's own, which judges the run once it is over, with all guarantees: the history of every
    /// client, and what was observed. An error says what is wrong.
    pub fn check<E: Display>(
        &self,
        check: impl FnOnce(&History, &[Observed]) -> Result<(), E> + Send + 'static,
    ) {
        self.shared.lock().notes.checks.push(Check::new(check));
    }

    /// Notes that the program reached a state that it means to reach in some run.
    pub fn mark(&self, name: &str) {
        self.sometimes(true, name);
    }

    /// Notes that the program means to reach a state in some run, and whether it is the case now.
    pub fn sometimes(&self, reached: bool, name: &str) {
        self.shared.lock().marks.own(name, reached);
    }

    /// Says which of its random parts the program keeps: to be called before it begins.
    pub fn keep_parts(&self, parts: Parts) {
        self.shared.lock().parts = parts;
    }

    /// Returns true if a random part of the program is to be there. Its name tells it from all others; a program that asks
    /// again is told the same.
    pub fn keeps(&self, part: &str) -> bool {
        let parts = self.shared.lock().parts.clone();
        parts.keeps(part)
    }
}
