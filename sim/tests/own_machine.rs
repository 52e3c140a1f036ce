//! A machine of one's own in the world: a relay between clients and members, that counts the calls it passes on.

use revline_checker::judge::Judge;
use revline_sim::client::ClientPlace;
use revline_sim::{SimulationConfig, simulate};
use revline_store::frame::{ClientFrame, SessionId};
use revline_store::machine::{Machine, Time};
use revline_store::proxy::{ProxyInput, ProxyOutput};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The relay: a connection to the first endpoint for each connection of a client, under the same number.
struct Relay {
    calls: Arc<AtomicU64>,
    connected: Vec<SessionId>,
}

impl Machine for Relay {
    type Input = ProxyInput;
    type Output = ProxyOutput;

    fn step(&mut self, _now: Time, input: ProxyInput, out: &mut Vec<ProxyOutput>) {
        match input {
            ProxyInput::Client { session, frame } => {
                if !self.connected.contains(&session) {
                    self.connected.push(session);
                    out.push(ProxyOutput::Connect { session, endpoint: 0 });
                }
                if matches!(frame, ClientFrame::Call { .. }) {
                    self.calls.fetch_add(1, Ordering::Relaxed);
                }
                out.push(ProxyOutput::Upstream { session, frame });
            }
            ProxyInput::Upstream { session, frame } => out.push(ProxyOutput::Client { session, frame }),
            ProxyInput::SessionClosed { session } => out.push(ProxyOutput::Disconnect { session }),
            ProxyInput::UpstreamClosed { session, .. } => out.push(ProxyOutput::CloseSession { session }),
            ProxyInput::Tick | ProxyInput::Stalled { .. } | ProxyInput::Flowing { .. } => {}
        }
    }
}

const RELAY: u64 = 150;

#[test]
fn a_machine_of_ones_own_serves_clients_and_crashes_as_a_proxy_does() {
    let run = simulate(&SimulationConfig::default(), false, |world| async move {
        world.leader().await.unwrap();
        let calls = Arc::new(AtomicU64::new(0));
        let counted = calls.clone();
        world.host(RELAY, &[1, 2, 3], 100, move || Relay { calls: counted.clone(), connected: Vec::new() });
        let client = world.client_in_place(ClientPlace {
            name: "behind the relay".to_owned(),
            endpoints: vec![RELAY],
            ..ClientPlace::default()
        });
        client.put("k", "1").await.unwrap();
        world.crash_proxy(RELAY);
        assert!(client.put("k", "2").await.is_err(), "no process is there");
        world.restart_proxy(RELAY);
        while client.put("k", "3").await.is_err() {
            world.sleep(madsim::time::Duration::from_millis(100)).await;
        }
        assert_eq!(client.get("k").await.unwrap().value_str(), Some("3"));
        calls.load(Ordering::Relaxed)
    })
    .unwrap();
    assert!(run.value >= 3, "{} calls", run.value);
    assert_eq!(run.counters.proxy_crashes, 1);
    let verdicts = Judge::new(&run.history).run();
    assert!(!verdicts.any_violated(), "{verdicts:?}");
}
