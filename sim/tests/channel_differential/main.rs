//! The same calls through etcd's services and through the native client: the same history, to the nanosecond.
//!
//! Random calls of every service with one answer, but those that change members or leaders, are made one after the other in
//! two worlds of one seed: by the native client with one endpoint, and as messages of gRPC over a channel with the same
//! endpoint and the same name. The replies are the same, and so are the histories with all their times. The traces are
//! not: they have the numbers of sessions, which the two give otherwise.
//!
//! Calls that a client of its own mind makes again are left out, as the two do not agree on them by intention: the native
//! client logs in anew when its token is stale, and leaves an endpoint that misses a deadline. So every change of users is
//! followed by a login, and no lock waits for another.

mod over_grpc;
mod script;

use over_grpc::OverGrpc;
use revline_checker::history::{History, Outcome};
use revline_sim::client::{CallError, Client, ClientPlace};
use revline_sim::{SimulationConfig, World, simulate};
use revline_store::api::{MaintenanceResponse, ResponseHeader};
use revline_store::frame::{Call, Reply};
use script::Script;
use std::collections::BTreeMap;
use std::time::Duration;

/// The answer to a call as its caller has it: an error by its text and its code.
type Answer = Result<Reply, (String, i32)>;

/// A way to make a call.
enum Way {
    Native(Client),
    OverGrpc(OverGrpc),
}

impl Way {
    fn native(world: &World) -> Way {
        let place = ClientPlace { name: "a".to_owned(), endpoints: vec![1], ..ClientPlace::default() };
        Way::Native(world.client_in_place(place))
    }

    fn over_grpc(world: &World) -> Way {
        Way::OverGrpc(OverGrpc::new(world.channel("a", &[1])))
    }

    async fn ask(&mut self, call: Call) -> Answer {
        match self {
            Way::Native(client) => {
                let code = call.error_code();
                let answer = client.ask_within(call, Duration::from_secs(600)).await;
                answer.map(as_on_the_wire).map_err(|error| match error {
                    CallError::Failed(error) => (error.to_string(), code(error) as i32),
                    other => panic!("a calm world answers: {other}"),
                })
            }
            Way::OverGrpc(channel) => {
                channel.ask(call).await.map_err(|status| (status.message().to_owned(), status.code() as i32))
            }
        }
    }
}

/// A reply without that which etcd's messages do not carry.
fn as_on_the_wire(mut reply: Reply) -> Reply {
    match &mut reply {
        Reply::Status(status) => status.compact_revision = 0,
        Reply::Maintenance(MaintenanceResponse::Defragment { header }) => *header = ResponseHeader::default(),
        _ => {}
    }
    reply
}

struct Seen {
    answers: Vec<(Call, Answer)>,
    history: History,
}

fn run(seed: u64, calls: usize, way: fn(&World) -> Way) -> Seen {
    let config = SimulationConfig { seed, ..SimulationConfig::default() };
    let run = simulate(&config, false, |world| async move {
        world.leader().await.expect("an election");
        let (mut way, mut script) = (way(&world), Script::new(world.generator("calls")));
        let mut answers = Vec::with_capacity(calls);
        for _ in 0..calls {
            let call = script.draw();
            let answer = way.ask(call.clone()).await;
            script.learn(&call, answer.as_ref().ok());
            answers.push((call, answer));
        }
        answers
    });
    let run = run.expect("nothing panics");
    Seen { answers: run.value, history: run.history }
}

/// The name of a call and of what came of it.
fn kind((call, answer): &(Call, Answer)) -> (String, String) {
    let name: String = format!("{call:?}").split(['(', ' ', '{']).take(2).collect::<Vec<_>>().join(" ");
    (name, answer.as_ref().err().map_or("ok", |(text, _)| text).to_owned())
}

#[test]
fn both_ways_make_the_same_history() {
    let (calls, seeds, mut kinds) = (50_000, 4, BTreeMap::<_, u64>::new());
    for seed in 0..seeds {
        let count = calls / seeds as usize;
        let native = run(seed, count, Way::native);
        let over_grpc = run(seed, count, Way::over_grpc);
        for (at, (one, other)) in native.answers.iter().zip(&over_grpc.answers).enumerate() {
            assert_eq!(one, other, "answer {at} under seed {seed}");
            *kinds.entry(kind(one)).or_default() += 1;
        }
        let (one, other) = (&native.history, &over_grpc.history);
        for (one, other) in one.operations.iter().zip(&other.operations) {
            assert_eq!(one, other, "under seed {seed}");
            assert!(!matches!(one.outcome, Outcome::Unknown(_)), "{one:?}");
        }
        assert_eq!(one.admin_calls, other.admin_calls, "under seed {seed}");
        assert_eq!(one.operations.len() + one.admin_calls.len(), count);
        assert_eq!(one, other, "under seed {seed}");
    }
    // Calls of every kind were answered, and refused for many reasons.
    let answered = kinds.keys().filter(|(_, answer)| answer == "ok").count();
    assert!(answered == 38 && kinds.len() >= 110, "{answered}, {}: {kinds:#?}", kinds.len());
}
