//! Changes of members that wait at a member while nobody leads.

use revline_sim::client::{CallError, Client};
use revline_sim::fault::{Crash, Target};
use revline_sim::{SimulationConfig, World, simulate};
use revline_store::api::{ClusterRequest, MemberListRequest, MemberPromoteRequest};
use revline_store::error::Error;
use revline_store::frame::{Call, Reply};
use std::time::Duration;

async fn ask(client: &Client, request: ClusterRequest) -> Result<Reply, CallError> {
    client.ask_within(Call::Cluster(request), Duration::from_secs(6)).await
}

async fn is_learner(world: &World, id: u64) -> bool {
    let client = world.client("last").await.expect("a leader");
    let list = MemberListRequest { linearizable: true };
    loop {
        if let Ok(Reply::Cluster(list)) = ask(&client, ClusterRequest::List(list)).await {
            return list.members.iter().any(|member| member.id == id && member.is_learner);
        }
    }
}

/// A learner whose process never ran is to be promoted, asked of a member that leads only later.
#[test]
fn a_member_that_leads_by_then_refuses_what_a_leader_refuses() {
    let mut refused = 0;
    for seed in 0..8 {
        let config = SimulationConfig { seed, ..SimulationConfig::default() };
        let run = simulate(&config, false, |world| async move {
            let client = world.client("first").await.expect("a leader");
            client.member_add_as_learner(4, "new").await.expect("a new id");
            for key in 0..20 {
                client.put(format!("k{key}"), "1").await.expect("nothing is wrong yet");
            }
            let leader = world.leader().await.expect("it leads");
            let crash = world.fault(Crash { target: Target::Member(leader) }).await;
            let [asked, other] = [1, 2].map(|after| (leader + after - 1) % 3 + 1);
            let crash_other = world.fault(Crash { target: Target::Member(other) }).await;
            // It knows of no leader any more.
            world.sleep(Duration::from_secs(3)).await;
            let client = world.client_at(vec![asked], None);
            let promote = ClusterRequest::Promote(MemberPromoteRequest { id: 4 });
            let promotion = world.spawn(async move { ask(&client, promote).await });
            world.sleep(Duration::from_millis(100)).await;
            world.heal_one(crash_other);
            let refused = match promotion.await.expect("it ends") {
                Ok(_) => panic!("it has nothing of the log, and was promoted under seed {seed}"),
                Err(error) => error == CallError::Failed(Error::LearnerNotReady),
            };
            world.heal_one(crash);
            assert!(is_learner(&world, 4).await);
            refused
        });
        refused += u32::from(run.expect("nothing panics").value);
    }
    assert!(refused >= 4, "the elected member says why: {refused} times");
}
