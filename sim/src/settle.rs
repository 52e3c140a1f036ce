//! Settling a world: faults are healed, the cluster serves again, and the host inspects the state of every member.
//!
//! The evidence for the guarantees "recovers", "member-agreement" and "durable".

use crate::client::{CallError, Client, ClientPlace, GetOptions};
use crate::due::Due;
use crate::node::{AnyNode, End};
use crate::probe::{FIRST_KEY, Probe, administer, make_room_if_little};
use crate::trace::node_of;
use crate::world::World;
use madsim::time::Duration;
use revline_checker::history::Observation;
use revline_store::error::Error;
use revline_store::machine::MemberId;

/// The time that members have to be inspected.
const INSPECTION: Duration = Duration::from_millis(10);

/// The time between two attempts.
const RETRY: Duration = Duration::from_millis(100);

/// All keys.
const EVERYTHING: GetOptions =
    GetOptions { prefix: false, from_key: true, serializable: false, revision: 0, limit: 0 };

impl World {
    /// Heals everything, waits until the cluster serves again, and inspects the state of every member: the evidence for
    /// "recovers", "member-agreement" and "durable". Gives up when the bound is over, which is evidence, too.
    pub async fn settle(&self, bound: Duration) {
        self.heal().await;
        Settling::begin(self, bound).run().await;
    }
}

/// A world that settles until its time is over.
struct Settling<'a> {
    world: &'a World,
    bound: Duration,
    until: Duration,
}

impl<'a> Settling<'a> {
    /// A world that begins to settle, with everything healed, and has so long.
    fn begin(world: &'a World, bound: Duration) -> Settling<'a> {
        let mut state = world.shared.lock();
        let (at_ns, bound_ns) = (state.now_ns, bound.as_nanos() as u64);
        state.recorder.observe(Observation::Healed { at_ns, bound_ns });
        Settling { world, bound, until: Duration::from_nanos(at_ns) + bound }
    }

    fn in_time(&self) -> bool {
        self.world.elapsed() < self.until
    }

    /// Waits until the cluster serves, then observes the state of every member. Gives up when the time is over.
    async fn run(mut self) {
        let probe = self.probe("probe", Vec::new());
        self.until_administered(&probe).await;
        self.until_written(&probe).await;
        self.until_members_known(&probe).await;
        self.look_through_proxies().await;
        self.ask_members().await;
        // On slow disks probes take longer than that, and what they wrote has to reach every member, too.
        self.until = self.until.max(self.world.elapsed() + self.bound);
        while self.in_time() && !self.caught_up() {
            self.world.sleep(RETRY).await;
        }
        while self.in_time() && probe.get_with(FIRST_KEY, EVERYTHING).await.is_err() {
            self.world.sleep(RETRY).await;
        }
        for member in self.world.members() {
            let reader = self.probe(&format!("probe at m{member}"), vec![member]);
            let serializable = GetOptions { serializable: true, ..EVERYTHING };
            let _ = administer(self.world, &reader).await;
            let _ = reader.get_with(FIRST_KEY, serializable).await;
            self.world.shared.lock().agenda.soon(Due::Inspect(member));
        }
        self.world.sleep(INSPECTION).await;
        self.until_alike().await;
        let mut state = self.world.shared.lock();
        for observation in std::mem::take(&mut state.settled) {
            state.recorder.observe(observation);
        }
    }

    /// A client that looks at the state of the cluster.
    fn probe(&self, name: &str, endpoints: Vec<MemberId>) -> Client {
        let (name, first) = (name.to_owned(), Some(0));
        self.world.client_in_place(ClientPlace { name, endpoints, first, ..ClientPlace::default() })
    }

    async fn until_administered(&self, client: &Client) {
        while self.in_time() && !administer(self.world, client).await {
            self.world.sleep(RETRY).await;
        }
    }

    async fn until_written(&self, client: &Client) {
        while self.in_time()
            && let Err(error) = client.put("revline/probe", "settled").await
        {
            // Auth was turned on since.
            if error == CallError::Failed(Error::UserEmpty) {
                administer(self.world, client).await;
            }
            self.world.sleep(RETRY).await;
        }
    }

    /// Asks for the members, if any was added, removed or wiped, and ends the processes of all others.
    async fn until_members_known(&self, client: &Client) {
        while self.in_time() && self.membership_changed() {
            if let Ok(list) = client.member_list(true).await {
                let present: Vec<MemberId> = list.members.iter().map(|member| member.id).collect();
                return self.end_absent(&present);
            }
            self.world.sleep(RETRY).await;
        }
    }

    /// Ends the processes of members that were removed and do not know it yet.
    fn end_absent(&self, present: &[MemberId]) {
        let mut state = self.world.shared.lock();
        let (nodes, mut around) = state.split();
        for node in nodes.members.values_mut().filter(|node| !present.contains(&node.host.id)) {
            around.members.forget(node.host.id);
            if node.process().is_up() {
                node.end(&mut around, &End::Leave);
            }
        }
    }

    /// Checks that every proxy serves again: a write, a linearizable read and one from its own state.
    async fn look_through_proxies(&self) {
        let chosen = self.chosen(self.world.proxies());
        for proxy in self.world.proxies().into_iter().filter(|&proxy| self.world.serves(proxy)) {
            let client = self.probe(&format!("probe at {}", node_of(proxy)), vec![proxy]);
            self.until_administered(&client).await;
            self.until_written(&client).await;
            for serializable in [false, true] {
                let _ = client.get_with(FIRST_KEY, GetOptions { serializable, ..EVERYTHING }).await;
            }
            make_room_if_little(self.world).await;
            let probe =
                Probe { world: self.world, server: proxy, client, until: self.until, bound: self.bound };
            probe.any_server().await;
            if chosen == Some(proxy) {
                probe.turns().await;
            }
        }
    }

    /// Asks every member for every service.
    async fn ask_members(&self) {
        let chosen = self.chosen(self.world.members());
        for member in self.world.members().into_iter().filter(|&member| self.world.serves(member)) {
            let client = self.probe(&format!("probe of services at m{member}"), vec![member]);
            self.until_administered(&client).await;
            make_room_if_little(self.world).await;
            let probe =
                Probe { world: self.world, server: member, client, until: self.until, bound: self.bound };
            probe.any_server().await;
            probe.member().await;
            if chosen == Some(member) {
                probe.turns().await;
                probe.change().await;
            }
        }
    }

    /// The one of several servers that serve which is asked for what is dear.
    fn chosen(&self, servers: Vec<MemberId>) -> Option<MemberId> {
        let mut serving = servers;
        serving.retain(|&server| self.world.serves(server));
        let count = u64::try_from(serving.len()).ok().filter(|count| *count > 0)?;
        serving.get((self.world.seed() % count) as usize).copied()
    }

    /// Inspects all members again, at one moment, until they are alike: a lease may have run out between two looks.
    async fn until_alike(&self) {
        while self.in_time() && !alike(&self.world.shared.lock().settled) {
            if self.caught_up() {
                let mut state = self.world.shared.lock();
                state.settled.clear();
                for member in state.present() {
                    state.agenda.soon(Due::Inspect(member));
                }
            }
            self.world.sleep(INSPECTION).await;
        }
    }

    /// True if every member that runs is at the same revision.
    fn caught_up(&self) -> bool {
        let mut state = self.world.shared.lock();
        let mut present = state.present();
        present.retain(|&id| state.process(node_of(id)).running);
        let mut revisions = present.into_iter().map(|id| state.members.revision(id));
        let first = revisions.next();
        revisions.all(|revision| Some(revision) == first)
    }

    /// True if any member was added, removed or wiped.
    fn membership_changed(&self) -> bool {
        let state = self.world.shared.lock();
        let counters = &state.counters;
        counters.members_added + counters.members_removed + counters.disks_wiped > 0
            || state.members.any_gone()
    }
}

/// True if all members that were inspected are at one revision, of keys and of users.
fn alike(settled: &[Observation]) -> bool {
    let mut revisions = settled.iter().filter_map(|observation| match observation {
        Observation::Settled { revision, auth_revision, .. } => Some((*revision, *auth_revision)),
        _ => None,
    });
    let first = revisions.next();
    revisions.all(|revision| Some(revision) == first)
}
