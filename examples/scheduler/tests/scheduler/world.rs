//! The world of the tests: three instances of the service, a user, an operator, and the faults that a seed draws.

use crate::faults;
use crate::outside::Outside;
use revline::prelude::*;
use revline::{Test, TestError};
use scheduler::keys::{DONE, JOBS};
use std::collections::BTreeMap;

/// The number of jobs.
const JOBS_PUT: usize = 40;

/// The time from one job to the next, in milliseconds.
const BETWEEN_JOBS_MS: std::ops::Range<u64> = 100..1_500;

/// The time from one compaction to the next.
const BETWEEN_COMPACTIONS: Duration = Duration::from_secs(3);

/// The time within which every job is done after the last fault.
const DONE_WITHIN: Duration = Duration::from_secs(60);

/// The test, for some seeds.
pub fn test(seeds: std::ops::Range<u64>) -> Test {
    revline::test("scheduler").members(3).seeds(seeds)
}

/// The program of a world.
pub async fn program(world: World) -> Result<(), TestError> {
    let outside = Outside::default();
    let instances = ["a", "b", "c"].map(|name| start(&world, name, &outside));
    let operator = world.client("operator").await?;
    let own = world.clone();
    world.spawn(async move {
        loop {
            own.sleep(BETWEEN_COMPACTIONS).await;
            if let Ok(answer) = operator.get(JOBS).await {
                operator.compact(answer.header.revision).await.ok();
            }
        }
    });
    let user = world.client("user").await?;
    let faults = faults::begin(&world);
    let mut generator = world.generator("jobs");
    for job in 0..JOBS_PUT {
        world.sleep(Duration::from_millis(generator.gen_range(BETWEEN_JOBS_MS))).await;
        while user.put(format!("{JOBS}{job:02}"), "payload").await.is_err() {}
    }
    faults.await?;
    world.heal().await;
    let until = world.elapsed() + DONE_WITHIN;
    let done = loop {
        world.sleep(Duration::from_secs(1)).await;
        let done = done(&user).await;
        if done.len() == JOBS_PUT || world.elapsed() > until {
            break done;
        }
    };
    // Words without numbers: a failure is made small as long as it fails by the same words.
    assert!(done.len() == JOBS_PUT, "jobs are not done a minute after the last fault");
    for (job, done) in done {
        assert!(outside.has_run(&job, done), "a job is done that no run with its token ended");
        assert!(outside.is_last(&job, done), "a job was marked done by a run that had lost the lock");
    }
    sometimes!(world, outside.runs() > JOBS_PUT, "a job runs again after its worker was lost");
    sometimes!(world, world.counters().watches_compacted > 0, "a watch resumes behind a compaction");
    sometimes!(world, instances.iter().any(|instance| instance.starts() > 1), "an instance starts again");
    Ok(())
}

/// Starts an instance of the service.
fn start(world: &World, name: &str, outside: &Outside) -> Process {
    let outside = outside.clone();
    world.process(name, move |cx| {
        let outside = outside.clone();
        async move {
            let options = etcd_client::ConnectOptions::new().with_require_leader(true);
            let client = cx.etcd_with(options).await?;
            is_send(scheduler::run(client, cx.name(), outside)).await
        }
    })
}

/// A runtime of many threads may spawn it.
fn is_send<F: Future + Send>(service: F) -> F {
    service
}

/// The jobs that are done, each with the fencing token of the run that marked it so.
async fn done(user: &Client) -> BTreeMap<String, i64> {
    let all = GetOptions { prefix: true, ..GetOptions::default() };
    let Ok(found) = user.get_with(DONE, all).await else { return BTreeMap::new() };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let each = found.kvs.iter().map(|kv| {
        let (key, value) = (text(kv.key.as_slice()), text(kv.value.as_slice()));
        let fence = value.split_once(' ').and_then(|(_, fence)| fence.parse().ok());
        (key[DONE.len()..].to_owned(), fence.unwrap_or_else(|| panic!("`{value}` has a fencing token")))
    });
    each.collect()
}
