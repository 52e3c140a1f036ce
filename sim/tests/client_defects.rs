//! A rule of the client that can be switched off.

#![allow(clippy::unwrap_used, reason = "a test: a panic is its message")]

use revline_sim::client::CallError;
use revline_sim::fault::{Isolate, Target};
use revline_sim::{SimulationConfig, simulate};
use revline_store::defect::{Defect, Defects};

/// What becomes of a write to a leader that was cut off, by a client that knows another member too.
fn written_at_an_isolated_leader(defects: Defects) -> Result<i64, CallError> {
    let config = SimulationConfig { defects, ..SimulationConfig::default() };
    let run = simulate(&config, false, |world| async move {
        let old = world.leader().await.unwrap();
        world.fault(Isolate { target: Target::Member(old), clients: false }).await;
        let other = world.members().into_iter().find(|&member| member != old).unwrap();
        let client = world.client_at(vec![old, other], None);
        client.put("k", "1").await.map(|response| response.header.revision)
    });
    run.expect("the simulation does not panic").value
}

#[test]
fn a_write_of_unknown_outcome_is_repeated_only_with_the_defect_on() {
    assert!(matches!(written_at_an_isolated_leader(Defects::NONE), Err(CallError::Unknown(_))));
    assert_eq!(written_at_an_isolated_leader(Defects::from(Defect::RetryUnknownWrite)), Ok(2));
}
