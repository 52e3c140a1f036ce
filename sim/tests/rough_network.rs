//! Datagrams whose bits are turned over, and streams that break in the middle of a frame.

#![allow(clippy::unwrap_used, reason = "a test: a panic is its message")]

use revline_checker::judge::Judge;
use revline_sim::client::CallError;
use revline_sim::entropy::Probability;
use revline_sim::fault::{BreakMidFrame, Degrade, Target};
use revline_sim::network::LinkConfig;
use revline_sim::trace::{Event, Lost};
use revline_sim::{Run, SimulationConfig, World, simulate};
use std::time::Duration;

fn run<F: Future<Output = ()>>(program: impl FnOnce(World) -> F + Send) -> Run<()> {
    let run = simulate(&SimulationConfig::default(), true, program).expect("the simulation does not panic");
    let verdicts = Judge::new(&run.history).run();
    assert!(!verdicts.any_violated(), "{verdicts:?}");
    run
}

#[test]
fn members_refuse_datagrams_with_a_bit_turned_over_and_go_on() {
    let run = run(|world| async move {
        let client = world.client("a").await.unwrap();
        let link = LinkConfig { corrupt: Probability::percent(30), ..LinkConfig::default() };
        world.fault(Degrade { link }).await;
        for value in 0..50 {
            let _ = client.put("k", value.to_string()).await;
        }
        world.settle(Duration::from_secs(20)).await;
    });
    let records = run.trace.records().unwrap();
    let refused = records
        .iter()
        .filter(|record| matches!(record.event, Event::Drop { why: Lost::Corrupt, .. }))
        .count();
    assert!(refused > 20, "{refused} were refused");
}

#[test]
fn nothing_is_known_of_a_call_whose_frame_broke_its_stream() {
    run(|world| async move {
        let leader = world.leader().await.unwrap();
        let client = world.client_at(vec![leader], None);
        client.put("k", "1").await.unwrap();
        world.fault(BreakMidFrame { target: Target::Member(leader) }).await;
        let outcome = client.put("k", "2").await;
        assert!(matches!(outcome, Err(CallError::Unknown(_))), "{outcome:?}");
        client.put("k", "3").await.expect("another stream is whole");
        world.settle(Duration::from_secs(20)).await;
    });
}
