//! Shows how fast a lock is handed over, by the recipe and by the service:
//! `cargo run -p revline-sim --example hand_over`.

#![allow(clippy::disallowed_macros, reason = "a program: what it is for is what it prints")]

mod measure;

use measure::{CONTENDERS, RTT_MS, Way, measure};

/// What etcd takes in the same situation, in round trips: by `concurrency.Mutex`, and by its lock service.
const ETCD: [(Way, f64); 2] = [(Way::Recipe, 4.25), (Way::Service, 3.1)];

fn main() {
    println!("{CONTENDERS} clients contend for a lock; a round trip takes {RTT_MS} ms");
    println!("         round trips (etcd)   hand-overs per simulated second (etcd)");
    for (way, etcd) in ETCD {
        let measured = measure(way);
        let name = format!("{way:?}").to_lowercase();
        println!(
            "{name:<7}  {:>11.2} ({etcd:.2})   {:>31.1} ({:.1})",
            measured.round_trips,
            measured.per_second,
            1_000.0 / (etcd * RTT_MS as f64)
        );
    }
}
