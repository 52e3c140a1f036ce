use revline_sim::{SimulationConfig, simulate};
fn main() {
    tracing_subscriber::fmt().with_max_level(tracing::Level::DEBUG).without_time().init();
    let config = SimulationConfig::default();
    let run = simulate(&config, false, move |world| async move {
        world.leader().await.unwrap();
        let c = world.client("x").await.unwrap();
        let _ = c.put("a", "b").await;
    })
    .unwrap();
    println!("{}", run.trace.count());
}
