//! The service in a simulated world: three members of etcd, and two workers.

use revline::prelude::*;

#[test]
fn every_job_is_counted_once() {
    revline::test("counted-once")
        .members(3)
        .seeds(0..32)
        .run(|world| async move {
            let workers = ["one", "two"].map(|name| {
                world.process(name, move |cx| async move {
                    let jobs: Vec<String> = (0..20).map(|job| format!("{name}/{job}")).collect();
                    counter::count_jobs(cx.etcd().await?, &jobs).await;
                    Ok::<(), etcd_client::Error>(())
                })
            });
            // The leader loses its power while they count. Without the `// ` of these lines the test
            // fails: see README.md.
            // world.sleep(Duration::from_millis(50)).await;
            // world.fault(Crash::member(world.leader().await?)).await;
            for worker in workers {
                worker.returned().await?;
            }
            world.heal().await;
            let reader = world.client("reader").await?;
            let counter = loop {
                if let Ok(counter) = reader.get(counter::COUNTER).await {
                    break counter;
                }
            };
            assert_eq!(counter.value_str(), Some("40"));
            Ok(())
        });
}
