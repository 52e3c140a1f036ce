//! Watch proxies: how many it takes to deliver a million events per second.

use super::fan_out::{Carried, FanOut, WRITERS, small_server};
use super::runs::{FigureError, Runs};
use super::spread::seeds_in_words;
use crate::reports::figure::{Axis, Figure, Look, Panel, Series, Table};
use crate::reports::number::grouped;

/// The source of the numbers that were announced.
pub(super) const ANNOUNCEMENT: &str = "\"etcd 3.2 now with massive watch scaling and easy locks\" (CoreOS, 2017, coreos.com/blog/etcd-3.2-announcement)";

/// The events per second that the announcement says the proxy can serve.
pub(super) const ANNOUNCED_PER_S: f64 = 1_000_000.0;

/// The announced rate, from one end of the horizontal axis to the other.
pub(super) fn announced(span: (f64, f64)) -> Series {
    let points = vec![(span.0, ANNOUNCED_PER_S), (span.1, ANNOUNCED_PER_S)];
    Series::line("announced for etcd 3.2's proxy", points).look(Look::Dashed)
}

pub(super) fn draw(runs: &mut Runs<'_>) -> Result<Figure, FigureError> {
    let many = runs.usual_or_quick(vec![0, 1, 2, 4, 8, 12, 16, 20, 24, 28, 32], vec![0, 2]);
    let watchers = runs.usual_or_quick(2_000, 100);
    let (warm_up_ms, window_ms) = runs.usual_or_quick((200, 200), (100, 50));
    let seeds = runs.seeds(1, 1);
    let load = |proxies| FanOut { members: 3, proxies, watchers, writes_per_s: 500, warm_up_ms, window_ms };
    let worlds: Vec<(FanOut, u64)> =
        many.iter().flat_map(|&proxies| seeds.clone().map(move |seed| (load(proxies), seed))).collect();
    let carried = runs.each(&worlds, |(load, seed)| load.carry(*seed))?;
    let mut table = Table::new([
        "source",
        "proxies",
        "watchers",
        "offered_events_per_s",
        "seed",
        "events_per_s",
        "writes_per_s",
        "event_latency_mean_ms",
        "event_latency_p99_ms",
    ]);
    for ((load, seed), carried) in worlds.iter().zip(&carried) {
        table.push([
            "simulation".to_owned(),
            load.proxies.to_string(),
            load.watchers.to_string(),
            Table::number(load.offered_per_s()),
            seed.to_string(),
            Table::number(carried.events_per_s),
            Table::number(carried.writes_per_s),
            Table::number(carried.event_ms.mean()),
            Table::number(carried.event_ms.percentile(99)),
        ]);
    }
    let unknown = || String::new();
    table.push([
        ANNOUNCEMENT.to_owned(),
        unknown(),
        unknown(),
        unknown(),
        unknown(),
        Table::number(ANNOUNCED_PER_S),
        unknown(),
        unknown(),
        unknown(),
    ]);
    let points = |of: &dyn Fn(&Carried) -> Option<f64>| {
        let point = |&proxies: &usize| {
            let own = worlds.iter().zip(&carried).filter(|((load, _), _)| load.proxies == proxies);
            let own: Vec<f64> = own.filter_map(|(_, carried)| of(carried)).collect();
            (!own.is_empty()).then(|| (proxies as f64, own.iter().sum::<f64>() / own.len() as f64))
        };
        many.iter().filter_map(point).collect::<Vec<(f64, f64)>>()
    };
    let end = many[many.len() - 1] as f64;
    Ok(Figure {
        title: "Watch proxies: events per second that reach watchers of one key".to_owned(),
        caption: format!(
            "Simulated: 3 members and so many proxies; each has {}. Parameters of the simulation, not measured on a machine. {watchers} watchers of \
             one key are spread over the proxies (with none, over the members); {WRITERS} clients write it 500 times a second, so that {} events a second \
             would have to be delivered. Counted in a window of {window_ms} ms that begins {warm_up_ms} ms after the first write. Dashed: {ANNOUNCEMENT}, which \
             says that the gRPC proxy can serve a million events per second, but not by how many. Each point: {}. Every guarantee was \
             judged in every run, and held.",
            small_server(),
            grouped(load(0).offered_per_s().round() as u64),
            seeds_in_words(&seeds)
        ),
        panels: vec![
            Panel {
                title: "Delivered events".to_owned(),
                x: Axis::linear("proxies"),
                y: Axis::linear("events delivered (1/s)"),
                series: vec![
                    Series::line("delivered", points(&|carried| Some(carried.events_per_s))),
                    announced((0.0, end)),
                ],
            },
            Panel {
                title: "Time from the write to the watcher".to_owned(),
                x: Axis::linear("proxies"),
                y: Axis::log("time until an event is delivered (ms)"),
                series: vec![
                    Series::line("mean", points(&|carried| carried.event_ms.mean())),
                    Series::line("99 %", points(&|carried| carried.event_ms.percentile(99))),
                ],
            },
        ],
        table,
    })
}
