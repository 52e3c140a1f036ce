//! Reads: what a linearizable read costs, and how old the answer of a serializable one is.

use super::runs::{FigureError, Runs, judged};
use super::spread::{Spread, ms, seeds_in_words};
use crate::reports::figure::{Axis, Figure, Panel, Series, Table};
use crate::sim::client::{Client, GetOptions};
use crate::sim::entropy::Rng;
use crate::sim::network::{LinkConfig, NetworkConfig};
use crate::sim::{SimulationConfig, World};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The way between a client and the member beside it, in microseconds.
const CLIENT_WAY_US: u64 = 100;

/// Between two writes, in milliseconds.
const WRITE_EVERY_MS: u64 = 5;

/// The time for which clients read, in simulated milliseconds.
const LOAD_MS: u64 = 3_000;

/// A way to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Way {
    name: &'static str,
    at_leader: bool,
    serializable: bool,
}

const WAYS: [Way; 3] = [
    Way { name: "linearizable, at a follower", at_leader: false, serializable: false },
    Way { name: "linearizable, at the leader", at_leader: true, serializable: false },
    Way { name: "serializable, at a follower", at_leader: false, serializable: true },
];

/// A read that was answered.
#[derive(Clone, Copy, Debug)]
struct Read {
    invoked: Duration,
    returned: Duration,
    revision: i64,
}

/// The latencies of reads of one kind, and how old their answers were, in milliseconds.
#[derive(Clone, Debug, Default)]
struct Measured {
    took: Vec<f64>,
    stale: Vec<f64>,
}

pub(super) fn draw(runs: &mut Runs<'_>) -> Result<Figure, FigureError> {
    let round_trips_ms =
        runs.usual_or_quick(vec![0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0], vec![1.0, 10.0]);
    let seeds = runs.seeds(5, 1);
    let worlds: Vec<(f64, u64)> =
        round_trips_ms.iter().flat_map(|&rtt| seeds.clone().map(move |seed| (rtt, seed))).collect();
    let measured = runs.each(&worlds, |&(rtt_ms, seed)| {
        let link = |us: u64| LinkConfig { latency_us: (us, us), ..LinkConfig::default() };
        let peers = link((rtt_ms * 500.0) as u64);
        let network = NetworkConfig { peers, clients: link(CLIENT_WAY_US), ..NetworkConfig::default() };
        let config = SimulationConfig { seed, network, ..SimulationConfig::default() };
        judged(&config, read)?.value.ok_or_else(|| FigureError::Broken(format!("seed {seed}: no reads")))
    })?;
    let mut table = Table::new([
        "round_trip_ms",
        "read",
        "reads",
        "latency_mean_ms",
        "latency_p99_ms",
        "stale_reads_percent",
        "staleness_mean_ms",
        "staleness_p99_ms",
    ]);
    let (mut latency, mut staleness) = (Vec::new(), Vec::new());
    for (at, way) in WAYS.iter().enumerate() {
        let (mut took, mut mean, mut p99) = (Vec::new(), Vec::new(), Vec::new());
        for &rtt in &round_trips_ms {
            let own =
                worlds.iter().zip(&measured).filter(|((own, _), _)| *own == rtt).map(|(_, all)| &all[at]);
            let all = own.fold(Measured::default(), |mut all, own| {
                all.took.extend(&own.took);
                all.stale.extend(&own.stale);
                all
            });
            let is_stale = all.stale.iter().filter(|stale| **stale > 0.0).count() as f64;
            let share = is_stale / all.stale.len().max(1) as f64 * 100.0;
            let (latency, stale) = (Spread::of(all.took), Spread::of(all.stale));
            table.push([
                Table::number(rtt),
                way.name.to_owned(),
                latency.values().len().to_string(),
                Table::number(latency.mean()),
                Table::number(latency.percentile(99)),
                Table::number(share),
                Table::number(stale.mean()),
                Table::number(stale.percentile(99)),
            ]);
            took.extend(latency.mean().map(|mean| (rtt, mean)));
            mean.extend(stale.mean().map(|mean| (rtt, mean)));
            p99.extend(stale.percentile(99).map(|p99| (rtt, p99)));
        }
        latency.push(Series::line(way.name, took));
        if way.serializable {
            staleness.push(Series::line("serializable, 99 %", p99));
            staleness.push(Series::line("serializable, mean", mean));
        } else if !way.at_leader {
            staleness.push(Series::line("linearizable, 99 %: always 0", p99));
        }
    }
    staleness.rotate_left(1);
    Ok(Figure {
        title: "Reads: latency, and the age of the answer, against the round trip between members".to_owned(),
        caption: format!(
            "Simulated: 3 members; a client beside each ({} ms to its member and back); the round trip between members is that of the \
             horizontal axis. The client beside the leader writes one key every {WRITE_EVERY_MS} ms, for {LOAD_MS} ms. Staleness: the time, \
             until a read was invoked, since the acknowledgement of the first write that its answer lacks; 0 if it lacks none. Each point: {}. Every guarantee was judged in every run, and held.",
            2.0 * CLIENT_WAY_US as f64 / 1e3,
            seeds_in_words(&seeds)
        ),
        panels: vec![
            Panel {
                title: "Latency (mean)".to_owned(),
                x: Axis::log("round trip between members (ms)"),
                y: Axis::log("latency of a read (ms)"),
                series: latency,
            },
            Panel {
                title: "Staleness".to_owned(),
                x: Axis::log("round trip between members (ms)"),
                y: Axis::linear("staleness of an answer (ms)"),
                series: staleness,
            },
        ],
        table,
    })
}

/// Writes beside the leader and reads in each way.
async fn read(world: World) -> Option<Vec<Measured>> {
    let leader = world.leader().await.ok()?;
    let follower = world.members().into_iter().find(|&member| member != leader)?;
    let writer = world.client_at(vec![leader], None);
    writer.put("k", "0").await.ok()?;
    let end = world.elapsed() + Duration::from_millis(LOAD_MS);
    let readers = WAYS.map(|way| {
        let client = world.client_at(vec![if way.at_leader { leader } else { follower }], None);
        let options = GetOptions { serializable: way.serializable, ..GetOptions::default() };
        world.spawn(read_until(world.clone(), end, client, options, way.name))
    });
    let written: Arc<Mutex<Vec<(i64, Duration)>>> = Arc::default();
    while world.elapsed() < end {
        let (writer, times, written) = (writer.clone(), world.clone(), written.clone());
        world.spawn(async move {
            if let Ok(answer) = writer.put("k", "1").await {
                let mut written = written.lock().unwrap_or_else(PoisonError::into_inner);
                written.push((answer.header.revision, times.elapsed()));
            }
        });
        world.sleep(Duration::from_millis(WRITE_EVERY_MS)).await;
    }
    let mut all = Vec::new();
    for reader in readers {
        all.push(reader.await.ok()?);
    }
    let mut written = written.lock().unwrap_or_else(PoisonError::into_inner).clone();
    written.sort_unstable();
    Some(all.iter().map(|reads| measured(reads, &written)).collect())
}

async fn read_until(
    world: World,
    end: Duration,
    client: Client,
    options: GetOptions,
    name: &'static str,
) -> Vec<Read> {
    let (mut pauses, mut reads) = (world.generator(name), Vec::new());
    // The first call opens the connection, which takes longer.
    let _ = client.get_with("k", options).await;
    while world.elapsed() < end {
        world.sleep(Duration::from_micros(pauses.gen_range(0..10_000))).await;
        let invoked = world.elapsed();
        if let Ok(answer) = client.get_with("k", options).await {
            reads.push(Read { invoked, returned: world.elapsed(), revision: answer.header.revision });
        }
    }
    reads
}

/// Holds reads against the writes, which are in the order of revisions. Revisions are acknowledged in order.
fn measured(reads: &[Read], written: &[(i64, Duration)]) -> Measured {
    let stale = |read: &Read| {
        let lacks = written.iter().find(|(revision, _)| *revision > read.revision);
        lacks.map_or(0.0, |(_, acknowledged)| ms(read.invoked.saturating_sub(*acknowledged)))
    };
    Measured {
        took: reads.iter().map(|read| ms(read.returned - read.invoked)).collect(),
        stale: reads.iter().map(stale).collect(),
    }
}
