//! Recovery: the time to the first acknowledged write after the leader is lost.

use super::runs::{FigureError, Runs, judged};
use super::spread::{Spread, ms, seeds_in_words};
use crate::reports::figure::{Axis, Figure, Look, Panel, Series, Table};
use crate::sim::entropy::Rng;
use crate::sim::fault::{Crash, Target};
use crate::sim::{SimulationConfig, World};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The length of a tick, in milliseconds.
const TICK_MS: u64 = 100;

/// Between two writes that are tried, in milliseconds.
const WRITE_EVERY_MS: u64 = 10;

/// The longest that a run waits for a write.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) fn draw(runs: &mut Runs<'_>) -> Result<Figure, FigureError> {
    let ticks = runs.usual_or_quick(vec![5, 10, 20, 30], vec![5, 10]);
    let seeds = runs.seeds(200, 5);
    let worlds: Vec<(usize, u64)> =
        ticks.iter().flat_map(|&ticks| seeds.clone().map(move |seed| (ticks, seed))).collect();
    let took = runs.each(&worlds, |&(election_ticks, seed)| {
        let config = SimulationConfig { seed, election_ticks, ..SimulationConfig::default() };
        judged(&config, lose_leader)?
            .value
            .ok_or_else(|| FigureError::Broken(format!("seed {seed}: no write within {PATIENCE:?}")))
    })?;
    let mut table = Table::new(["election_timeout_ms", "seed", "recovery_ms"]);
    for ((ticks, seed), took) in worlds.iter().zip(&took) {
        let timeout_ms = *ticks as u64 * TICK_MS;
        table.push([timeout_ms.to_string(), seed.to_string(), Table::number(ms(*took))]);
    }
    let spreads: Vec<(f64, Spread)> = ticks
        .iter()
        .map(|wanted| {
            let own = worlds.iter().zip(&took).filter(|((ticks, _), _)| ticks == wanted);
            ((*wanted as u64 * TICK_MS) as f64, Spread::of(own.map(|(_, took)| ms(*took)).collect()))
        })
        .collect();
    Ok(Figure {
        title: "Recovery: from the loss of the leader to the first acknowledged write".to_owned(),
        caption: format!(
            "Simulated: 3 members in one data centre (0.2 to 1 ms one way, a sync takes 0.1 to 1 ms). At a random moment the leader \
             loses power for good; the others' clients try a write every {WRITE_EVERY_MS} ms. A follower that hears nothing for one \
             election timeout, up to twice as long, campaigns, after it asked whether it would win (PreVote). Each election timeout: {}; etcd's default is 1000 ms. Every guarantee was judged in every run, and held.",
            seeds_in_words(&seeds)
        ),
        panels: vec![distribution(&spreads), against_timeout(&spreads)],
        table,
    })
}

/// Loses the leader, and returns the time to the next acknowledged write.
async fn lose_leader(world: World) -> Option<Duration> {
    let leader = world.leader().await.ok()?;
    let rest = world.members().into_iter().filter(|&member| member != leader).collect();
    let client = world.client_at(rest, None);
    client.put("k", "before").await.ok()?;
    let moment_us = world.generator("moment").gen_range(0..1_000_000);
    world.sleep(Duration::from_micros(moment_us)).await;
    let lost = world.elapsed();
    world.strike(&Crash { target: Target::Leader });
    let first: Arc<Mutex<Option<Duration>>> = Arc::default();
    while world.elapsed() < lost + PATIENCE {
        let (client, times, heard) = (client.clone(), world.clone(), first.clone());
        world.spawn(async move {
            if client.put("k", "after").await.is_ok() {
                heard.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(times.elapsed());
            }
        });
        world.sleep(Duration::from_millis(WRITE_EVERY_MS)).await;
        let heard = *first.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(heard) = heard {
            return Some(heard - lost);
        }
    }
    None
}

/// The share of runs that recovered within a time.
fn distribution(spreads: &[(f64, Spread)]) -> Panel {
    let series = spreads.iter().map(|(timeout_ms, spread)| {
        let count = spread.values().len() as f64;
        let mut points = Vec::new();
        for (at, &took) in (0..).zip(spread.values()) {
            points.extend([(took, f64::from(at) / count * 100.0), (took, f64::from(at + 1) / count * 100.0)]);
        }
        Series::line(format!("timeout {timeout_ms} ms"), points).look(Look::Plain)
    });
    Panel {
        title: "Share of seeds that recovered within a time".to_owned(),
        x: Axis::linear("time since the loss (ms)"),
        y: Axis::percent("recovered (% of seeds)"),
        series: series.collect(),
    }
}

/// The median and its neighbours, against the election timeout.
fn against_timeout(spreads: &[(f64, Spread)]) -> Panel {
    let of = |name: &str, percent: usize| {
        let point = |(timeout_ms, spread): &(f64, Spread)| Some((*timeout_ms, spread.percentile(percent)?));
        Series::line(name, spreads.iter().filter_map(point).collect())
    };
    let times = |name: &str, factor: f64| {
        let points = spreads.iter().map(|(timeout_ms, _)| (*timeout_ms, timeout_ms * factor)).collect();
        Series::line(name, points).look(Look::Dashed)
    };
    Panel {
        title: "Time to recover against the election timeout".to_owned(),
        x: Axis::linear("election timeout (ms)"),
        y: Axis::linear("time to recover (ms)"),
        series: vec![
            of("99 %", 99),
            of("median", 50),
            of("1 %", 1),
            times("1 and 2 timeouts", 1.0),
            times("", 2.0),
        ],
    }
}
