//! How fast a lock goes from one contender to the next, in simulated time.

use madsim::task::spawn_local;
use madsim::time::Duration;
use revline_checker::history::Hold;
use revline_sim::client::{Mutex, Session};
use revline_sim::network::{LinkConfig, NetworkConfig};
use revline_sim::{SimulationConfig, World, simulate};

/// A round trip, between members and between clients and members alike.
pub const RTT_MS: u64 = 10;

/// How many contend.
pub const CONTENDERS: usize = 4;

/// How often each of them takes the lock.
const TURNS: usize = 10;

/// The TTL of their sessions, in seconds.
const TTL_S: i64 = 2;

/// By whom clients are given the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// By one another: the recipe over the plain API.
    Recipe,
    /// By the lock service.
    Service,
}

/// What was measured.
#[derive(Clone, Copy, Debug)]
pub struct HandOvers {
    /// From a client's wish to unlock until the next one knows that it holds the lock, in round trips: the mean.
    pub round_trips: f64,
    /// How many there were per second of simulated time, while nobody held the lock for longer than it takes to
    /// want to unlock it.
    pub per_second: f64,
}

/// Lets four clients of three members contend for a lock, each of which unlocks as soon as it holds it.
pub fn measure(way: Way) -> HandOvers {
    let way_us = RTT_MS * 1_000 / 2;
    let link = LinkConfig { latency_us: (way_us, way_us), ..LinkConfig::default() };
    let network = NetworkConfig { peers: link, clients: link, ..NetworkConfig::default() };
    let config = SimulationConfig { network, ..SimulationConfig::default() };
    let run = simulate(&config, false, |world| contend(world, way)).expect("the simulation does not panic");
    assert_eq!(run.history.holds.len(), CONTENDERS * TURNS, "everyone had every turn");
    hand_overs(run.history.holds)
}

async fn contend(world: World, way: Way) {
    let mut contenders = Vec::new();
    for _ in 0..CONTENDERS {
        let client = world.client("contender").await.expect("a leader");
        let session = client.session(TTL_S).await.expect("a session");
        contenders.push(spawn_local(async move {
            for _ in 0..TURNS {
                take(&session, way).await;
            }
        }));
    }
    for contender in contenders {
        contender.await.expect("a contender ends by itself");
    }
}

async fn take(session: &Session, way: Way) {
    const PATIENCE: Duration = Duration::from_secs(10);
    const IN_ORDER: &str = "nothing is wrong with the cluster";
    match way {
        Way::Recipe => {
            let held = Mutex::new(session, "lock").lock().await.expect(IN_ORDER);
            held.unlock().await.expect(IN_ORDER);
        }
        Way::Service => {
            let held = session.lock_by_service("lock", PATIENCE).await.expect(IN_ORDER);
            held.give_up().await.expect(IN_ORDER);
        }
    }
}

fn hand_overs(mut holds: Vec<Hold>) -> HandOvers {
    holds.sort_by_key(|hold| hold.from_ns);
    let until_ns = |hold: &Hold| hold.until_ns.expect("everyone gave the lock back");
    let count = (holds.len() - 1) as f64;
    let waited_ns: u64 = holds.windows(2).map(|two| two[1].from_ns - until_ns(&two[0])).sum();
    let all_ns = holds[holds.len() - 1].from_ns - holds[0].from_ns;
    HandOvers {
        round_trips: waited_ns as f64 / count / (RTT_MS * 1_000_000) as f64,
        per_second: count * 1e9 / all_ns as f64,
    }
}
