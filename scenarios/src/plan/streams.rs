//! Clients with several watches on one stream.

use super::draw::{draw_span, moments};
use super::{PlannedWatch, Work};
use crate::keys::{END_OF_KEYS, FIRST_KEY, FROM_KEY, key};
use crate::scenario::{Scenario, Span};
use rand::Rng;
use rand::seq::SliceRandom;
use revline_sim::entropy::Generator;

/// So many pauses are drawn, and then taken in turns.
const PAUSES: usize = 16;

/// The ids that clients choose begin here, so that none is the server's.
const FIRST_OWN_ID: i64 = 1_000;

/// Plans a client with a stream of watches.
pub(super) fn stream(scenario: &Scenario, generator: &mut Generator) -> Work {
    let workload = &scenario.workload;
    let count = draw_span(generator, workload.streams.watches);
    let mut watches: Vec<PlannedWatch> =
        (0..count).map(|number| watch(scenario, generator, i64::try_from(number).unwrap_or(0))).collect();
    watches.sort_by_key(|watch| watch.at_ms);
    repeat_some(workload.streams.twice_percent, generator, &mut watches);
    let slow = workload.streams.slow_ms;
    Work::WatchStream {
        watches,
        pauses_ms: if slow.1 == 0 { Vec::new() } else { draw_several(generator, slow) },
        reconnect_at_ms: moments(generator, workload.reconnect_ms, scenario.duration_ms),
        progress_at_ms: moments(generator, workload.progress_ms, scenario.duration_ms),
    }
}

/// Makes some watches ask for what the one before asks for.
fn repeat_some(percent: u32, generator: &mut Generator, watches: &mut [PlannedWatch]) {
    if percent == 0 {
        return;
    }
    for at in 1..watches.len() {
        if generator.gen_range(0..100) < percent {
            let (before, rest) = watches.split_at_mut(at);
            let (before, watch) = (&before[at - 1], &mut rest[0]);
            (watch.key, watch.range_end) = (before.key.clone(), before.range_end.clone());
            (watch.at_ms, watch.start_revision) = (before.at_ms, before.start_revision);
        }
    }
}

fn draw_several(generator: &mut Generator, span: Span) -> Vec<u64> {
    (0..PAUSES).map(|_| draw_span(generator, span)).collect()
}

fn watch(scenario: &Scenario, generator: &mut Generator, number: i64) -> PlannedWatch {
    let (workload, duration_ms) = (&scenario.workload, scenario.duration_ms);
    let everything = workload.streams.everything;
    let (key, range_end) = if generator.gen_range(0..100) < workload.watch_all_percent {
        (FIRST_KEY.to_owned(), END_OF_KEYS.to_owned())
    } else if workload.streams.range_percent > 0
        && generator.gen_range(0..100) < workload.streams.range_percent
    {
        let mut ends = [0, 1].map(|_| generator.gen_range(0..workload.keys));
        ends.sort_unstable();
        (key(ends[0]), key(ends[1] + 1))
    } else {
        let one = key(generator.gen_range(0..workload.keys));
        match if everything { generator.gen_range(0..10) } else { 10 } {
            0 => (one, FROM_KEY.to_owned()),
            1 => (one, key(generator.gen_range(0..workload.keys))),
            _ => (one, String::new()),
        }
    };
    let at_ms = if number == 0 { 0 } else { generator.gen_range(0..(duration_ms * 3 / 4).max(1)) };
    let anywhere = i64::try_from(draw_span(generator, workload.streams.start_revision)).unwrap_or(i64::MAX);
    let start_revision = if generator.gen_range(0..100) < workload.streams.negative_percent {
        -1
    } else {
        *[0, 1, anywhere, anywhere].choose(generator).expect("there are some")
    };
    let canceled = generator.gen_range(0..100) < workload.streams.canceled_percent;
    let mut watch = PlannedWatch {
        at_ms,
        key,
        range_end,
        start_revision,
        prev_kv: generator.gen_bool(0.5),
        no_put: generator.gen_bool(0.1),
        no_delete: generator.gen_bool(0.1),
        fragment: generator.gen_bool(0.3),
        watch_id: match generator.gen_bool(0.3) {
            true => FIRST_OWN_ID + number,
            // It may be that of another, or the next one of the server.
            false if everything && generator.gen_bool(0.1) => FIRST_OWN_ID,
            false if everything && generator.gen_bool(0.1) => 1 + number,
            false => 0,
        },
        progress_notify: everything && generator.gen_bool(0.3)
            || (workload.streams.progress_percent > 0
                && generator.gen_range(0..100) < workload.streams.progress_percent),
        require_leader: everything && generator.gen_bool(0.2),
        cancel_at_ms: canceled.then(|| generator.gen_range(at_ms..duration_ms)),
    };
    if workload.streams.edges {
        if generator.gen_bool(0.2) {
            let end = if generator.gen_bool(0.5) { FROM_KEY } else { END_OF_KEYS };
            (watch.key, watch.range_end) = (String::new(), end.to_owned());
        }
        if generator.gen_bool(0.3) {
            watch.watch_id = -FIRST_OWN_ID - number;
        }
    }
    watch
}
