//! Locks: how long a client waits for one, by the recipe and by the members' service.

use super::runs::{FigureError, Runs, judged};
use super::spread::{Spread, ms, seeds_in_words};
use crate::reports::figure::{Axis, Figure, Panel, Series, Table};
use crate::sim::client::{Mutex, RecipeError, Session};
use crate::sim::network::{LinkConfig, NetworkConfig};
use crate::sim::{SimulationConfig, World};
use std::time::Duration;

/// The number of times that each client takes the lock.
const TURNS: usize = 10;

/// The TTL of sessions, in seconds: no lease runs out.
const TTL_S: i64 = 60;

/// The longest that a client waits for the lock.
const PATIENCE: Duration = Duration::from_secs(60);

/// The contention against which the round trip is varied, and the round trip against which contention is.
const CONTENDERS: [u64; 2] = [1, 8];
const RTT_MS: f64 = 10.0;

/// A way to take a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Recipe,
    Service,
}

impl Way {
    fn name(self) -> &'static str {
        match self {
            Way::Recipe => "client recipe",
            Way::Service => "Lock RPC",
        }
    }
}

/// A world: so many clients, so long a round trip between them and the members.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Contention {
    way: Way,
    contenders: u64,
    rtt_ms: f64,
}

pub(super) fn draw(runs: &mut Runs<'_>) -> Result<Figure, FigureError> {
    let many = runs.usual_or_quick(vec![1, 2, 4, 8, 16, 32], vec![1, 4]);
    let round_trips_ms =
        runs.usual_or_quick(vec![0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0], vec![1.0, RTT_MS]);
    let seeds = runs.seeds(5, 1);
    let mut points = Vec::new();
    for way in [Way::Recipe, Way::Service] {
        let by_contention = many.iter().map(|&contenders| Contention { way, contenders, rtt_ms: RTT_MS });
        let by_rtt = CONTENDERS.into_iter().flat_map(|contenders| {
            round_trips_ms.iter().map(move |&rtt_ms| Contention { way, contenders, rtt_ms })
        });
        for point in by_contention.chain(by_rtt) {
            if !points.contains(&point) {
                points.push(point);
            }
        }
    }
    let worlds: Vec<(Contention, u64)> =
        points.iter().flat_map(|&point| seeds.clone().map(move |seed| (point, seed))).collect();
    let waited = runs.each(&worlds, |&(point, seed)| measure(point, seed))?;
    let spread = |point: &Contention| {
        let own = worlds.iter().zip(&waited).filter(|((own, _), _)| own == point);
        Spread::of(own.flat_map(|(_, waited)| waited.iter().copied()).collect())
    };
    let mut table = Table::new([
        "lock",
        "contenders",
        "round_trip_ms",
        "locks",
        "latency_mean_ms",
        "latency_p50_ms",
        "latency_p99_ms",
    ]);
    for point in &points {
        let spread = spread(point);
        table.push([
            point.way.name().to_owned(),
            point.contenders.to_string(),
            Table::number(point.rtt_ms),
            spread.values().len().to_string(),
            Table::number(spread.mean()),
            Table::number(spread.percentile(50)),
            Table::number(spread.percentile(99)),
        ]);
    }
    let mean = |point: Contention| spread(&point).mean();
    let by_contention = [Way::Recipe, Way::Service].map(|way| {
        let point = |&contenders: &u64| {
            Some((contenders as f64, mean(Contention { way, contenders, rtt_ms: RTT_MS })?))
        };
        Series::line(way.name(), many.iter().filter_map(point).collect())
    });
    let by_rtt = CONTENDERS.into_iter().rev().flat_map(|contenders| {
        [Way::Recipe, Way::Service].map(|way| {
            let point = |&rtt_ms: &f64| Some((rtt_ms, mean(Contention { way, contenders, rtt_ms })?));
            let clients =
                if contenders == 1 { "1 client".to_owned() } else { format!("{contenders} clients") };
            Series::line(
                format!("{}, {clients}", way.name()),
                round_trips_ms.iter().filter_map(point).collect(),
            )
        })
    });
    Ok(Figure {
        title: "Locks: from the wish to the lock, by the client's recipe and by the Lock RPC".to_owned(),
        caption: format!(
            "Simulated: 3 members in one data centre (0.2 to 1 ms one way, a sync takes 0.1 to 1 ms); the round trip is that between clients \
             and members. Each client takes one lock {TURNS} times, and unlocks as soon as it holds it. The recipe writes its key and watches \
             those before it, all by calls of the client; the RPC is one call, whose answer is the lock. A watch from a revision that is past by then catches up at the next 100 ms, as in etcd (syncWatchersLoop): the recipe waits for that \
             where another client has written meanwhile, the RPC does not. Work costs no time. Each point: {}. Every guarantee was judged in every run, and held.",
            seeds_in_words(&seeds)
        ),
        panels: vec![
            Panel {
                title: format!("Against contention, round trip {RTT_MS} ms"),
                x: Axis::log("clients that contend"),
                y: Axis::log("mean time until the lock is held (ms)"),
                series: by_contention.into(),
            },
            Panel {
                title: "Against the round trip".to_owned(),
                x: Axis::log("round trip between client and member (ms)"),
                y: Axis::log("mean time until the lock is held (ms)"),
                series: by_rtt.collect(),
            },
        ],
        table,
    })
}

/// The times from the wish to the lock, in milliseconds.
fn measure(point: Contention, seed: u64) -> Result<Vec<f64>, FigureError> {
    let way_us = (point.rtt_ms * 500.0) as u64;
    let clients = LinkConfig { latency_us: (way_us, way_us), ..LinkConfig::default() };
    let network = NetworkConfig { clients, ..NetworkConfig::default() };
    let config = SimulationConfig { seed, network, ..SimulationConfig::default() };
    let run = judged(&config, |world| contend(world, point))?;
    run.value.map_err(|error| FigureError::Broken(format!("seed {seed}: {error}")))
}

async fn contend(world: World, point: Contention) -> Result<Vec<f64>, String> {
    let mut contenders = Vec::new();
    for _ in 0..point.contenders {
        let client = world.client("contender").await.map_err(|error| error.to_string())?;
        let session = client.session(TTL_S).await.map_err(|error| error.to_string())?;
        let world = world.clone();
        contenders.push(world.clone().spawn(async move {
            let mut waited = Vec::new();
            for _ in 0..TURNS {
                waited.push(ms(take(&world, &session, point.way).await?));
            }
            Ok::<_, RecipeError>(waited)
        }));
    }
    let mut all = Vec::new();
    for contender in contenders {
        let waited = contender.await.map_err(|_| "a contender ended".to_owned())?;
        all.extend(waited.map_err(|error| error.to_string())?);
    }
    Ok(all)
}

/// Takes the lock and gives it back; returns the time until it was held.
async fn take(world: &World, session: &Session, way: Way) -> Result<Duration, RecipeError> {
    let wished = world.elapsed();
    match way {
        Way::Recipe => {
            let held = Mutex::new(session, "lock").lock().await?;
            let waited = world.elapsed() - wished;
            held.unlock().await?;
            Ok(waited)
        }
        Way::Service => {
            let held = session.lock_by_service("lock", PATIENCE).await?;
            let waited = world.elapsed() - wished;
            held.give_up().await?;
            Ok(waited)
        }
    }
}
