//! Every guarantee on generated histories, on a recorded report where it is present, and the generator
//! itself: `cargo bench -p revline-checker --bench guarantees`.

use divan::Bencher;
use divan::counter::ItemsCount;
use revline_checker::generate::{Shape, legal, stream};
use revline_checker::guarantee::GUARANTEES;
use revline_checker::history::jsonl::Record;
use revline_checker::import::{Imported, read_path};
use revline_checker::judge::Judge;
use std::convert::Infallible;
use std::path::Path;

fn main() {
    divan::main();
}

fn shape(operations: usize) -> Shape {
    Shape { operations, clients: 20, keys: 1000, watchers: 20, ..Shape::default() }
}

/// A doubling series: what grows faster than the history shows.
#[divan::bench(args = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000], sample_count = 5)]
fn judge_all(bencher: Bencher, operations: usize) {
    let history = legal(&shape(operations), 1);
    bencher.counter(ItemsCount::new(operations)).bench(|| Judge::new(&history).run());
}

/// The streaming judge alone, on records that are moved into it.
#[divan::bench(args = [8_000, 16_000, 32_000], sample_count = 5)]
fn judge_stream(bencher: Bencher, operations: usize) {
    let mut records: Vec<Record> = Vec::new();
    let Ok(_) = stream(&shape(operations), 1, None, |record| {
        records.push(record);
        Ok::<(), Infallible>(())
    });
    bencher.counter(ItemsCount::new(operations)).with_inputs(|| records.clone()).bench_values(|records| {
        let mut judge = Judge::online();
        records.into_iter().try_for_each(|record| judge.record(record)).and_then(|()| judge.finish())
    });
}

/// Each by itself, with what it needs of the line.
#[divan::bench(args = GUARANTEES.iter().map(|guarantee| guarantee.name), sample_count = 5)]
fn judge_one(bencher: Bencher, name: &str) {
    let history = legal(&shape(8_000), 1);
    bencher.bench(|| Judge::new(&history).only(|other| other == name).run());
}

/// The report of etcd's robustness tests.
#[divan::bench]
fn judge_recorded_report(bencher: Bencher) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/etcd-robustness/2023-06");
    let history = match read_path(&folder, None) {
        Ok(Imported::Etcd(history)) => history,
        _ => Default::default(),
    };
    bencher.bench(|| Judge::new(&history).run());
}

/// The generator, without keeping what it makes.
#[divan::bench(args = [10_000, 100_000], sample_count = 3)]
fn generate(bencher: Bencher, operations: usize) {
    bencher.counter(ItemsCount::new(operations)).bench(|| {
        stream(&shape(operations), 1, None, |record| {
            divan::black_box(record);
            Ok::<(), Infallible>(())
        })
    });
}
