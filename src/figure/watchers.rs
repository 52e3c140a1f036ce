//! Watchers: what many watchers of one key do to one small server, and what proxies spare it.

use super::fan_out::{Carried, FanOut, WRITERS, small_server};
use super::runs::{FigureError, Runs};
use super::spread::seeds_in_words;
use super::watch_proxies::{ANNOUNCED_PER_S, ANNOUNCEMENT, announced};
use crate::reports::figure::{Axis, Figure, Look, Panel, Series, Table};

/// From the first write to the window, and the window, in simulated milliseconds: at the server, and behind proxies.
const OVERLOAD_MS: (u64, u64) = (2_000, 6_000);
const CARRIED_MS: (u64, u64) = (200, 200);

/// The proxies before the server, where there are any.
const PROXIES: usize = 20;

pub(super) fn draw(runs: &mut Runs<'_>) -> Result<Figure, FigureError> {
    let many = runs.usual_or_quick(vec![10, 20, 50, 100, 200, 500, 1_000, 2_000], vec![10, 100]);
    let lines = runs
        .usual_or_quick(vec![(500, 0), (100, 0), (500, PROXIES), (100, PROXIES)], vec![(500, 0), (500, 2)]);
    let is_quick = runs.usual_or_quick(false, true);
    let load_of = |watchers, writes_per_s, proxies| {
        // Where the server is overloaded, it takes a while until that shows, and what it sends comes in bursts.
        let (warm_up_ms, window_ms) = match proxies {
            _ if is_quick => (100, 100),
            0 => OVERLOAD_MS,
            _ => CARRIED_MS,
        };
        FanOut { members: 1, proxies, watchers, writes_per_s, warm_up_ms, window_ms }
    };
    let seeds = runs.seeds(1, 1);
    let mut worlds = Vec::new();
    for &(writes_per_s, proxies) in &lines {
        for &watchers in &many {
            let load = load_of(watchers, writes_per_s, proxies);
            worlds.extend(seeds.clone().map(|seed| (load, seed)));
        }
    }
    let carried = runs.each(&worlds, |(load, seed)| load.carry(*seed))?;
    let mut table = Table::new([
        "source",
        "watchers",
        "proxies",
        "offered_writes_per_s",
        "seed",
        "writes_per_s",
        "events_per_s",
        "write_latency_mean_ms",
        "write_latency_p99_ms",
        "event_latency_mean_ms",
        "event_latency_p99_ms",
    ]);
    for ((load, seed), carried) in worlds.iter().zip(&carried) {
        table.push([
            "simulation".to_owned(),
            load.watchers.to_string(),
            load.proxies.to_string(),
            load.writes_per_s.to_string(),
            seed.to_string(),
            Table::number(carried.writes_per_s),
            Table::number(carried.events_per_s),
            Table::number(carried.write_ms.mean()),
            Table::number(carried.write_ms.percentile(99)),
            Table::number(carried.event_ms.mean()),
            Table::number(carried.event_ms.percentile(99)),
        ]);
    }
    let [source, events] = [ANNOUNCEMENT.to_owned(), Table::number(ANNOUNCED_PER_S)];
    let unknown = || String::new();
    table.push([
        source,
        unknown(),
        unknown(),
        unknown(),
        unknown(),
        unknown(),
        events,
        unknown(),
        unknown(),
        unknown(),
        unknown(),
    ]);
    let mean = |load: &FanOut, of: fn(&Carried) -> f64| {
        let own =
            worlds.iter().zip(&carried).filter(|((own, _), _)| own == load).map(|(_, carried)| of(carried));
        let own: Vec<f64> = own.collect();
        own.iter().sum::<f64>() / own.len().max(1) as f64
    };
    let series = |of: fn(&Carried) -> f64| {
        let line = |&(writes_per_s, proxies): &(u64, usize)| {
            let point = |&watchers: &usize| {
                let load = load_of(watchers, writes_per_s, proxies);
                (watchers as f64, mean(&load, of))
            };
            let place =
                if proxies == 0 { "at the server".to_owned() } else { format!("behind {proxies} proxies") };
            Series::line(format!("{writes_per_s} writes/s, {place}"), many.iter().map(point).collect())
        };
        lines.iter().map(line).collect::<Vec<Series>>()
    };
    let span = (many[0] as f64, many[many.len() - 1] as f64);
    let mut events = series(|carried| carried.events_per_s);
    events.push(announced(span));
    let mut writes = series(|carried| carried.writes_per_s);
    // The same colours in both panels; what was announced says nothing of writes.
    writes.push(Series::line("", Vec::new()).look(Look::Dashed));
    Ok(Figure {
        title: "Watchers of one key on one small server".to_owned(),
        caption: format!(
            "Simulated: 1 member, and proxies of the same make; each has {}. Parameters of the simulation, not measured on a machine. {WRITERS} clients write one key at \
             the rate of the legend, in turns; each waits for its answer. Counted from {} to {} s after the first write, behind proxies from {} to {} s. Dashed: {ANNOUNCEMENT}, which says that the gRPC \
             proxy can serve a million events per second; no more of its numbers was at hand, so none is drawn. Each point: {}. \
             Every guarantee was judged in every run, and held.",
            small_server(),
            seconds(OVERLOAD_MS.0),
            seconds(OVERLOAD_MS.0 + OVERLOAD_MS.1),
            seconds(CARRIED_MS.0),
            seconds(CARRIED_MS.0 + CARRIED_MS.1),
            seeds_in_words(&seeds)
        ),
        panels: vec![
            Panel {
                title: "Acknowledged writes".to_owned(),
                x: Axis::log("watchers of the key"),
                y: Axis::linear("writes acknowledged (1/s)"),
                series: writes,
            },
            Panel {
                title: "Delivered events".to_owned(),
                x: Axis::log("watchers of the key"),
                y: Axis::log("events delivered (1/s)"),
                series: events,
            },
        ],
        table,
    })
}

fn seconds(ms: u64) -> f64 {
    ms as f64 / 1e3
}
