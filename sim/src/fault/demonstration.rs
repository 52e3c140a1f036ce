//! The kind of fault of the guide, declared as every other: its file and a row.

use super::{FaultCx, FaultKind, Roster, Target, Topology, catalogue};
use crate::{SimulationConfig, simulate};

catalogue::faults! {
    #[path = "../../../docs/examples/fault.rs"]
    brownout::Brownout = "brownout",
}

#[test]
fn the_guide_shows_the_example_as_it_is() {
    let guide = include_str!("../../../docs/writing-a-fault.md");
    let example = include_str!("../../../docs/examples/fault.rs");
    // The guide is compiled, too, but for this file of another crate.
    assert!(guide.contains(&format!("```rust,ignore\n{example}```")));
}

#[test]
fn files_know_it_by_its_name() {
    let text = r#"{"kind":"brownout","target":"leader","factor":20}"#;
    let mut fault: Fault = serde_json::from_str(text).unwrap();
    assert_eq!(fault, Brownout { target: Target::Leader, factor: 20 }.into());
    assert_eq!(serde_json::to_string(&fault).unwrap(), text);
    fault.kind_mut().name_targets(&Roster { clients: &[], proxies: 0 });
    let topology = Topology { members: 3, has_proxies: false, members_change: false, has_processes: false };
    assert_eq!(fault.kind().check(&topology), Ok(()));
    let too_slow = Brownout { target: Target::Leader, factor: 1_001 };
    assert!(too_slow.check(&topology).unwrap_err().to_string().contains("`factor`"));
}

#[test]
fn it_strikes_and_heals() {
    let run = simulate(&SimulationConfig::default(), false, |world| async move {
        world.leader().await.unwrap();
        let client = world.client("a").await.unwrap();
        let fault = world.fault(Brownout { target: Target::Leader, factor: 20 }).await;
        while client.put("k", "1").await.is_err() {}
        world.heal_one(fault);
        assert_eq!(client.get("k").await.unwrap().value_str(), Some("1"));
    });
    run.unwrap();
}
