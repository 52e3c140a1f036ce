//! A simulated world with a cluster in it, as a test or a scenario sees it.

use crate::around::Around;
use crate::bound::Impossible;
use crate::client::{CallError, Client, ClientPlace, SavedSnapshot};
use crate::client_host::{ClientHost, Notes, Placed};
use crate::config::SimulationConfig;
use crate::counters::Counters;
use crate::entropy::{Generator, generator};
use crate::fault::{Active, FaultCx, FaultKind, InForce, Topology, Undo};
use crate::fault_id::FaultId;
use crate::node::member::{MAX_MEMBER_ID, new_node, restored_node};
use crate::node::proxy::node_before;
use crate::node::{AnyNode, End};
use crate::prefix::Prefix;
use crate::proxy_place::{prefix_behind, proxy_ids};
use crate::sleep::TimedOut;
use crate::spawn::JoinHandle;
use crate::state::Shared;
use crate::trace::{Event, Fingerprint, NodeName, node_of};
use madsim::time::Duration;
use revline_checker::history::{MemberId as JudgedMember, Observation};
use revline_store::disk::File;
use revline_store::machine::{Machine, MemberId};
use revline_store::member::{RestoreError, Start};
use revline_store::proxy::{ProxyInput, ProxyOutput};
use std::sync::{Arc, Mutex, MutexGuard};
use thiserror::Error;

/// A cluster that did not serve in time.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WorldError {
    /// No leader.
    #[error("no leader within {0:?}")]
    NoLeader(Duration),
    /// A call without an answer.
    #[error(transparent)]
    Call(#[from] CallError),
}

/// A simulated world. Clones are the same world.
#[derive(Clone)]
pub struct World {
    pub(crate) shared: Shared,
    pub(crate) config: SimulationConfig,
    faults: Arc<Mutex<InForce>>,
}

impl World {
    pub(crate) fn new(shared: Shared, config: SimulationConfig) -> World {
        World { shared, config, faults: Arc::default() }
    }

    fn faults(&self) -> MutexGuard<'_, InForce> {
        self.faults.lock().expect("the world runs on one thread")
    }

    /// A new client that may use every member, once there is a leader: as a client that dials waits for an
    /// answer. Its random numbers are derived from the seed and its `name`; ids count from 0.
    pub async fn client(&self, name: &str) -> Result<Client, WorldError> {
        self.leader().await?;
        let (name, endpoints) = (name.to_owned(), self.members());
        Ok(self.client_in_place(ClientPlace { name, endpoints, ..ClientPlace::default() }))
    }

    /// A new client that uses these endpoints, members or proxies, beginning with `first`. It is named after them.
    pub fn client_at(&self, endpoints: Vec<MemberId>, first: Option<usize>) -> Client {
        self.client_in(&Prefix::default(), endpoints, first)
    }

    /// As [`World::client_at`], in a namespace: the client puts this prefix before every key, and takes it off
    /// again. All endpoints have to show the same: members, or proxies with the same namespace.
    pub fn client_in(&self, namespace: &Prefix, endpoints: Vec<MemberId>, first: Option<usize>) -> Client {
        let at: Vec<String> = endpoints.iter().map(|&id| node_of(id).to_string()).collect();
        let (name, namespace) = (format!("at {}", at.join(" ")), namespace.clone());
        self.client_in_place(ClientPlace { name, endpoints, first, namespace })
    }

    /// A new client. All endpoints have to show the same: members, or proxies with the same namespace.
    pub fn client_in_place(&self, place: ClientPlace) -> Client {
        let ClientPlace { name, endpoints, first, namespace } = place;
        let behind = |&id: &MemberId| prefix_behind(&self.config.proxies, id);
        let prefix = endpoints.first().map(behind).unwrap_or_default();
        assert!(
            endpoints.iter().all(|id| behind(id) == prefix),
            "the endpoints of a client show one namespace"
        );
        let mut state = self.shared.lock();
        let (id, node, own) = state.place_client(&name);
        let first = first.unwrap_or((node.0 - NodeName::FIRST_CLIENT) as usize);
        let placed = Placed { id, endpoints, first, namespace, behind: prefix };
        let mut around = state.split().1;
        let notes = &mut Notes::on(node, &mut around);
        let host = ClientHost::new(placed, self.config.client, self.config.defects, notes);
        state.clients.hosts.insert(node, host);
        drop(state);
        Client::new(self.shared.clone(), node, id, &own)
    }

    /// The seed of the world.
    pub fn seed(&self) -> u64 {
        self.config.seed
    }

    /// Runs a program as the process of a client, and so does all that it spawns, as the keepalives of its sessions:
    /// they stand still while the client is paused ([`PauseClient`](crate::fault::PauseClient)).
    pub fn run_client<F>(&self, client: &Client, program: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.shared.lock().processes.add(client.node());
        self.shared.spawn(client.node(), program)
    }

    /// The members of the cluster, without those that are known to be removed.
    pub fn members(&self) -> Vec<MemberId> {
        self.shared.lock().present()
    }

    /// The proxies of the world.
    pub fn proxies(&self) -> Vec<MemberId> {
        proxy_ids(&self.config.proxies)
    }

    /// Returns true if a member or a proxy can serve: its process is up, and so is that of an endpoint, if it has any.
    pub(crate) fn serves(&self, server: MemberId) -> bool {
        let ids = proxy_ids(&self.config.proxies);
        let endpoints = match ids.iter().position(|&id| id == server) {
            Some(at) => self.config.proxies[at].endpoints.as_slice(),
            None if !self.members().contains(&server) => return false,
            None => &[],
        };
        let is_up = self.shared.lock().process(node_of(server)).is_up();
        is_up && (endpoints.is_empty() || endpoints.iter().any(|&endpoint| self.serves(endpoint)))
    }

    /// Hosts a machine of one's own, as one hosts a proxy: clients and proxies may use it as an endpoint under this id,
    /// and it may use `endpoints`, which it calls by their positions. It ticks every `tick_ms` of its own clock. `boot`
    /// makes the machine at each start of its process.
    ///
    /// # Panics
    /// If `id` is not that of a proxy (101 to 999), or another proxy's.
    pub fn host<M>(
        &self,
        id: MemberId,
        endpoints: &[MemberId],
        tick_ms: u64,
        boot: impl Fn() -> M + Send + 'static,
    ) where
        M: Machine<Input = ProxyInput, Output = ProxyOutput> + Send + 'static,
    {
        let node = node_of(id);
        assert!(node.is_proxy(), "no proxy has the id {id}");
        let hosted = node_before(&self.config, id, endpoints, tick_ms, boot);
        let mut state = self.shared.lock();
        let other = state.nodes.proxies.insert(node, hosted);
        assert!(other.is_none(), "two proxies have the id {id}");
        state.start_process(node);
    }

    /// A proxy loses power, until [`World::restart_proxy`]. It keeps nothing.
    pub fn crash_proxy(&self, id: MemberId) {
        FaultCx::new(&mut self.shared.lock(), FaultId::BY_HAND, self.config.seed).crash(node_of(id));
    }

    /// The process of a proxy that crashed starts again.
    pub fn restart_proxy(&self, id: MemberId) {
        Undo::Crash(node_of(id)).undo(&mut self.shared.lock(), FaultId::BY_HAND);
    }

    /// Waits until a member leads, and says which. Gives up after a minute of simulated time.
    pub async fn leader(&self) -> Result<MemberId, WorldError> {
        const LIMIT: Duration = Duration::from_secs(60);
        let step = Duration::from_millis(10);
        let mut waited = Duration::ZERO;
        while waited < LIMIT {
            if let Some(leader) = self.shared.lock().leader() {
                return Ok(leader);
            }
            self.sleep(step).await;
            waited += step;
        }
        Err(WorldError::NoLeader(LIMIT))
    }

    /// Lets simulated time pass.
    pub async fn sleep(&self, duration: Duration) {
        self.shared.sleep(duration).await;
    }

    /// Lets simulated time pass until then, counted from the beginning of the world.
    pub async fn sleep_until(&self, at: Duration) {
        let wait = at.saturating_sub(self.elapsed());
        if !wait.is_zero() {
            self.sleep(wait).await;
        }
    }

    /// Waits for something for so long at most.
    pub async fn timeout<F: Future>(&self, duration: Duration, future: F) -> Result<F::Output, TimedOut> {
        self.shared.timeout(duration, future).await
    }

    /// Runs a task besides, as part of the process that runs now.
    pub fn spawn<F>(&self, task: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.shared.spawn_here(task)
    }

    /// Simulated time since the world began.
    pub fn elapsed(&self) -> Duration {
        Duration::from_nanos(self.shared.lock().now_ns)
    }

    /// A generator of random numbers for the program: a function of the world's seed and of `name`, so that other seeds
    /// are other scripts. The world itself draws from generators of its own.
    ///
    /// ```
    /// use revline_sim::entropy::Rng;
    /// use revline_sim::{SimulationConfig, simulate};
    ///
    /// let draw = |seed| {
    ///     let config = SimulationConfig { seed, ..SimulationConfig::default() };
    ///     let run = simulate(&config, false, |world| async move {
    ///         let mut generator = world.generator("writes");
    ///         [0; 4].map(|_: u8| generator.gen_range(0..1_000))
    ///     });
    ///     run.expect("the simulation does not panic").value
    /// };
    /// assert_eq!(draw(1), draw(1));
    /// assert_ne!(draw(1), draw(2));
    /// ```
    pub fn generator(&self, name: &str) -> Generator {
        generator(self.config.seed, &format!("program {name}"))
    }

    /// The counters so far.
    pub fn counters(&self) -> Counters {
        self.shared.lock().counters
    }

    /// Lets a fault strike, until [`World::heal`] or [`World::heal_one`]. It may be of a kind of one's own.
    ///
    /// # Panics
    /// If it cannot strike in such a world: it names a member that there never was, or needs a proxy and there is none.
    pub async fn fault(&self, fault: impl FaultKind) -> FaultId {
        self.strike(&fault)
    }

    /// As [`World::fault`], without waiting.
    pub fn strike(&self, fault: &dyn FaultKind) -> FaultId {
        if let Err(Impossible { what, .. }) = fault.check(&self.topology()) {
            panic!("the fault `{fault}` cannot strike: {what}");
        }
        let name = self.faults().name(fault);
        self.strike_as(&name, fault)
    }

    /// The world that faults are checked against, with every member that there ever was.
    fn topology(&self) -> Topology {
        let state = self.shared.lock();
        let newest = state.nodes.members.keys().map(|node| node.0).max();
        let has_proxies = !state.nodes.proxies.is_empty();
        let has_processes = !state.processes.users().is_empty();
        Topology { members: newest.unwrap_or(0), has_proxies, members_change: false, has_processes }
    }

    /// As [`World::strike`], of a fault with a name that no other has, unchecked.
    pub fn strike_as(&self, name: &str, fault: &dyn FaultKind) -> FaultId {
        let struck = {
            let mut state = self.shared.lock();
            let seed = self.config.seeds().at(state.now_ns);
            Active::strike(&mut state, seed, name, fault)
        };
        self.faults().add(struck)
    }

    /// Heals one fault. One that is healed already stays so.
    pub fn heal_one(&self, id: FaultId) {
        let healed = self.faults().remove(id);
        if let Some(healed) = healed {
            healed.heal(&mut self.shared.lock());
        }
    }

    /// Heals every fault that is in force.
    pub async fn heal(&self) {
        let ids = self.faults().ids();
        for id in ids {
            self.heal_one(id);
        }
    }

    /// Sets the administrator, as which the host checks that the cluster recovered. Unused while auth is off.
    pub fn set_administrator(&self, user: &str, password: &str) {
        self.shared.lock().administrator = Some((user.to_owned(), password.to_owned()));
    }

    /// Starts the process of a member that was added to the cluster: its disk is empty, and the leader sends it the
    /// state. Nothing happens if there was ever a member with this id.
    ///
    /// # Panics
    /// If `id` is 0 or above [`MAX_MEMBER_ID`].
    pub fn start_added(&self, id: MemberId) {
        assert!((1..=MAX_MEMBER_ID).contains(&id), "ids of members are 1 to {MAX_MEMBER_ID}");
        let mut state = self.shared.lock();
        if state.nodes.members.contains_key(&node_of(id)) {
            return;
        }
        state.nodes.members.insert(node_of(id), new_node(&self.config, id, Start::Joining));
        state.members.add(id, false);
        state.counters.members_added += 1;
        state.start_process(node_of(id));
    }

    /// Loses a member's computer with everything on its disk. The member cannot come back under its id, its process
    /// would refuse to start: remove it, and add another.
    pub fn wipe(&self, id: MemberId) {
        let mut state = self.shared.lock();
        let end = |node: &mut dyn AnyNode, around: &mut Around<'_>| {
            if node.process().is_up() {
                node.end(around, &End::Crash);
            }
        };
        if state.with_node(node_of(id), end).is_none() {
            return;
        }
        state.member_host(id).disk.wipe();
        state.counters.disks_wiped += 1;
        state.record(node_of(id), Event::Wipe {});
        // Where nothing was durable yet, nothing that was is lost.
        if state.member_host(id).kept_something {
            let (at_ns, member) = (state.now_ns, JudgedMember(id));
            let what = "everything on it was lost".to_owned();
            state.recorder.observe(Observation::Damaged { at_ns, member, what });
        }
    }

    /// Founds a new cluster from a saved snapshot, with `ids` as its members, which were never used before. No client
    /// of the old cluster goes there by itself, and the history has no word of its members; but it has the answers to
    /// clients, so that nothing may be asked that contradicts the line of the old cluster.
    ///
    /// # Panics
    /// If an id is above [`MAX_MEMBER_ID`].
    pub fn restore(&self, saved: &SavedSnapshot, ids: &[MemberId]) -> Result<(), RestoreError> {
        for &id in ids {
            assert!(id <= MAX_MEMBER_ID, "ids of members are 1 to {MAX_MEMBER_ID}");
            let node = restored_node(&self.config, &saved.bytes, id, ids)?;
            let mut state = self.shared.lock();
            for (file, (bytes, content)) in
                [File::Wal, File::Snapshot].into_iter().zip(node.host.disk.content())
            {
                let (bytes, content) = (bytes as u64, Fingerprint(content));
                state.record(node_of(id), Event::DiskReplace { file, bytes, content });
            }
            state.nodes.members.insert(node_of(id), node);
            state.members.add(id, true);
        }
        for &id in ids {
            self.shared.lock().start_process(node_of(id));
        }
        Ok(())
    }

    /// Counts a member of a restored cluster that served.
    pub fn count_restored(&self) {
        self.shared.lock().counters.members_restored += 1;
    }

    /// Takes a member for removed from the cluster. If its process runs, it runs on until it learns of that.
    pub fn forget_member(&self, id: MemberId) {
        self.shared.lock().members.forget(id);
    }

    /// True if there is, or was, a member with this id.
    pub fn was_started(&self, id: MemberId) -> bool {
        self.shared.lock().nodes.members.contains_key(&node_of(id))
    }
}
