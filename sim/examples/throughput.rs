use revline_sim::{SimulationConfig, simulate};
fn main() {
    let t = std::time::Instant::now();
    let config = SimulationConfig::default();
    let n = 20000u32;
    let run = simulate(&config, false, move |world| async move {
        world.leader().await.unwrap();
        let mut tasks = Vec::new();
        for c in 0..5 {
            let client = world.client("x").await.unwrap();
            tasks.push(madsim::task::spawn_local(async move {
                for i in 0..n / 5 {
                    if i % 2 == 0 {
                        let _ = client.put(format!("k{}", i % 10), format!("{c}-{i}")).await;
                    } else {
                        let _ = client.get(format!("k{}", i % 10)).await;
                    }
                }
            }));
        }
        for t in tasks {
            t.await.unwrap();
        }
    })
    .unwrap();
    let e = t.elapsed();
    println!(
        "{} ops {:?} {:.0}/s trace {} events, sim {} ms",
        run.history.operations.len(),
        e,
        n as f64 / e.as_secs_f64(),
        run.trace.count(),
        run.simulated_ns / 1_000_000
    );
}
