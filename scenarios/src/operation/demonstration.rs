//! The operation of the guide, declared as every other: its file and its rows.

use super::api::Features;
use super::{Actor, Draw, OperationKind, rows};
use revline_checker::history::Request;
use revline_sim::entropy::generator;
use revline_sim::{SimulationConfig, simulate};

rows::operations! {
    #[path = "../../../docs/examples/operation.rs"]
    list_first::ListFirst,
}

rows::mix! {
    /// A mix of this operation alone.
    Mix {
        /// Read the first keys, up to a limit. Default 1.
        list_first: 1 = list_first::draw,
    }
}

fn drawn() -> Action {
    let rows = Mix::default().rows();
    Draw::of_reader(6, Features::ALL, &mut generator(0, "reader")).operation(&rows)
}

#[test]
fn the_guide_shows_the_example_as_it_is() {
    let guide = include_str!("../../../docs/writing-an-operation.md");
    let example = include_str!("../../../docs/examples/operation.rs");
    assert!(guide.contains(&format!("```rust\n{example}```")));
}

#[test]
fn a_plan_holds_it_by_name() {
    let action = drawn();
    let Action::ListFirst(ListFirst { limit }) = &action;
    assert!((1..=3).contains(limit));
    let text = serde_json::to_string(&action).unwrap();
    assert_eq!(text, format!(r#"{{"list-first":{{"limit":{limit}}}}}"#));
    assert_eq!(serde_json::from_str::<Action>(&text).unwrap(), action);
    assert_eq!(action.check(), Ok(()));
    assert!(!action.uses_leases() && !action.changes_root());
    assert!(Action::from(ListFirst { limit: 0 }).check().unwrap_err().to_string().contains("`limit`"));
}

#[test]
fn a_client_does_it() {
    let run = simulate(&SimulationConfig::default(), false, |world| async move {
        world.leader().await.unwrap();
        let client = world.client("reader").await.unwrap();
        drawn().act(&mut Actor::new(world, client)).await;
    });
    let history = run.unwrap().history;
    let limits: Vec<i64> = history
        .operations
        .iter()
        .filter_map(|operation| match &operation.request {
            Request::Range(read) => Some(read.limit),
            _ => None,
        })
        .collect();
    assert_eq!(limits.iter().filter(|limit| (1..=3).contains(*limit)).count(), 1, "{limits:?}");
}
