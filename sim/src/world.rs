//! A simulated world with a cluster in it, as a test or a scenario sees it.

use crate::client::{CallError, Client, ClientPlace, GetOptions};
use crate::counters::Counters;
use crate::fault::{Active, FaultCx, FaultId, FaultKind, InForce, Undo};
use crate::machine_slot::Incoming;
use crate::prefix::Prefix;
use crate::proxy_place::proxy_ids;
use crate::simulation::SimulationConfig;
use crate::sleep::TimedOut;
use crate::state::{Shared, node_of};
use crate::tasks::JoinHandle;
use madsim::time::Duration;
use revline_checker::history::Observation;
use revline_store::machine::MemberId;
use std::sync::{Arc, Mutex, MutexGuard};
use thiserror::Error;

/// The cluster did not do in time what it should have.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WorldError {
    /// No leader.
    #[error("no leader within {0:?}")]
    NoLeader(Duration),
    /// A call without an answer.
    #[error(transparent)]
    Call(#[from] CallError),
}

/// How long members have to say where they stand.
const INSPECTION: Duration = Duration::from_millis(10);

/// The smallest key there can be.
const FIRST_KEY: &str = "\0";

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
    /// answer. What is drawn for it is derived from the seed and its `name`; ids count from 0.
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

    /// The members of the cluster, as far as it is known who was removed.
    pub fn members(&self) -> Vec<MemberId> {
        self.shared.lock().present()
    }

    /// The proxies of the world.
    pub fn proxies(&self) -> Vec<MemberId> {
        proxy_ids(&self.config.proxies)
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

    /// Runs a task besides, as part of what runs now.
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

    /// What happened so far, in numbers.
    pub fn counters(&self) -> Counters {
        self.shared.lock().counters
    }

    /// Lets a fault strike, until [`World::heal`] or [`World::heal_one`]. It may be of a kind of one's own.
    pub async fn fault(&self, fault: impl FaultKind) -> FaultId {
        self.strike(&fault)
    }

    /// As [`World::fault`], without waiting.
    pub fn strike(&self, fault: &dyn FaultKind) -> FaultId {
        let name = self.faults().name(fault);
        self.strike_as(&name, fault)
    }

    /// As [`World::strike`], of a fault with a name that no other has.
    pub fn strike_as(&self, name: &str, fault: &dyn FaultKind) -> FaultId {
        let struck = Active::strike(&mut self.shared.lock(), self.config.seed, name, fault);
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

    /// Heals everything, waits until the cluster serves again, and looks at what every member holds: the
    /// evidence for "recovers", "member-agreement" and "durable". Gives up, leaving the evidence of that,
    /// when the bound is over.
    pub async fn settle(&self, bound: Duration) {
        self.heal().await;
        let healed = self.elapsed();
        {
            let mut state = self.shared.lock();
            let (at_ns, bound_ns) = (state.now_ns, bound.as_nanos() as u64);
            state.recorder.observe(Observation::Healed { at_ns, bound_ns });
        }
        let probe = self.probe("probe", Vec::new());
        let in_time = || self.elapsed() < healed + bound;
        while in_time() && !self.administer(&probe).await {
            self.sleep(Duration::from_millis(100)).await;
        }
        while in_time() && probe.put("revline/probe", "settled").await.is_err() {
            self.sleep(Duration::from_millis(100)).await;
        }
        while in_time() && self.shared.lock().membership_changed() {
            if let Ok(list) = probe.member_list(true).await {
                self.keep_members(&list.members.iter().map(|member| member.id).collect::<Vec<_>>());
                break;
            }
            self.sleep(Duration::from_millis(100)).await;
        }
        self.look_through_proxies(&in_time).await;
        while in_time() && !self.caught_up() {
            self.sleep(Duration::from_millis(100)).await;
        }
        let everything = GetOptions { from_key: true, ..GetOptions::default() };
        while in_time() && probe.get_with(FIRST_KEY, everything).await.is_err() {
            self.sleep(Duration::from_millis(100)).await;
        }
        for member in self.members() {
            let reader = self.probe(&format!("probe at m{member}"), vec![member]);
            let serializable = GetOptions { serializable: true, ..everything };
            let _ = self.administer(&reader).await;
            let _ = reader.get_with(FIRST_KEY, serializable).await;
            self.shared.lock().push_incoming(member, Incoming::Inspect);
        }
        self.sleep(INSPECTION).await;
        // A lease may have run out between two looks: then all are looked at again, at one moment.
        while in_time() && !self.shared.lock().settled_alike() {
            if self.caught_up() {
                let mut state = self.shared.lock();
                state.settled.clear();
                for member in state.present() {
                    state.push_incoming(member, Incoming::Inspect);
                }
            }
            self.sleep(INSPECTION).await;
        }
        let mut state = self.shared.lock();
        for observation in std::mem::take(&mut state.settled) {
            state.recorder.observe(observation);
        }
    }

    /// A client that looks how things stand.
    fn probe(&self, name: &str, endpoints: Vec<MemberId>) -> Client {
        let (name, first) = (name.to_owned(), Some(0));
        self.client_in_place(ClientPlace { name, endpoints, first, ..ClientPlace::default() })
    }

    /// Whatever befell proxies, each serves again: a write, a linearizable read and one from its own state.
    async fn look_through_proxies(&self, in_time: &impl Fn() -> bool) {
        for proxy in self.proxies() {
            let client = self.probe(&format!("probe at {}", node_of(proxy)), vec![proxy]);
            while in_time() && !self.administer(&client).await {
                self.sleep(Duration::from_millis(100)).await;
            }
            while in_time() && client.put("revline/probe", "settled").await.is_err() {
                self.sleep(Duration::from_millis(100)).await;
            }
            for serializable in [false, true] {
                let everything = GetOptions { from_key: true, serializable, ..GetOptions::default() };
                let _ = client.get_with(FIRST_KEY, everything).await;
            }
        }
    }

    /// Says who looks after the cluster: whoever looks whether it recovered does so as this user. Should auth be off,
    /// it does so as nobody.
    pub fn set_administrator(&self, user: &str, password: &str) {
        self.shared.lock().administrator = Some((user.to_owned(), password.to_owned()));
    }

    /// Makes a client the administrator's; false if it has to be tried again.
    async fn administer(&self, client: &Client) -> bool {
        let administrator = self.shared.lock().administrator.clone();
        let Some((user, password)) = administrator else { return true };
        let answer = client.authenticate(&user, &password).await;
        matches!(answer, Ok(()) | Err(CallError::Failed(revline_store::error::Error::AuthNotEnabled)))
    }

    /// Whether every member that runs is at the same revision.
    fn caught_up(&self) -> bool {
        let state = self.shared.lock();
        let mut revisions =
            state.members.values().filter(|slot| slot.is_running() && !slot.gone).map(|slot| slot.revision);
        let first = revisions.next();
        revisions.all(|revision| Some(revision) == first)
    }
}
