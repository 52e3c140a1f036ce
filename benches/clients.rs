//! The cost of a client in the world: a thousand puts and reads, one after the other, in a cluster of three members. With the
//! world's own client, with the unmodified `etcd-client`, and with that over HTTP/2: the same frames pass, and `etcd-client` pays
//! for its messages.
//!
//! `cargo bench --no-default-features --features etcd-client --bench clients`

#![allow(clippy::unwrap_used, reason = "a benchmark: a panic is its message")]

use divan::Bencher;
use divan::counter::ItemsCount;
use etcd_client::Client;
use revline::etcd::Http2;
use revline::prelude::*;
use revline::sim::{SimulationConfig, World, simulate};

fn main() {
    divan::main();
}

/// The operations of a run: half of them write.
const OPERATIONS: u32 = 1_000;

fn bench<F: Future<Output = ()>>(bencher: Bencher<'_, '_>, program: impl Fn(World) -> F + Send + Sync) {
    let program = &program;
    bencher.counter(ItemsCount::new(OPERATIONS)).bench_local(|| {
        let run = simulate(&SimulationConfig::default(), false, |world| async move {
            world.leader().await.unwrap();
            program(world.clone()).await;
        });
        run.unwrap().trace.hash()
    });
}

/// The world without an operation: what the others cost beside their operations.
#[divan::bench]
fn nothing(bencher: Bencher<'_, '_>) {
    bench(bencher, |_| async {});
}

#[divan::bench]
fn native(bencher: Bencher<'_, '_>) {
    bench(bencher, |world| async move {
        let client = world.client("a").await.unwrap();
        for _ in 0..OPERATIONS / 2 {
            client.put("k", "value").await.unwrap();
            client.get("k").await.unwrap();
        }
    });
}

async fn put_and_get(mut etcd: Client) {
    for _ in 0..OPERATIONS / 2 {
        etcd.put("k", "value", None).await.unwrap();
        etcd.get("k", None).await.unwrap();
    }
}

#[divan::bench]
fn etcd_client(bencher: Bencher<'_, '_>) {
    bench(bencher, |world| async move { put_and_get(world.etcd().await.unwrap()).await });
}

#[divan::bench]
fn etcd_client_over_http2(bencher: Bencher<'_, '_>) {
    bench(bencher, |world| async move {
        let channel = world.etcd_channel().over_http2(Http2::default());
        let etcd = Client::connect_with_balanced_channel(world.endpoints(), None, channel).await;
        put_and_get(etcd.unwrap()).await;
    });
}
