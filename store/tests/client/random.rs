//! Random endpoints: a call has one outcome, and it has it in time.

use crate::driver::{Driver, get, put, response, stored, watch_from};
use proptest::prelude::*;
use revline_store::api::{INVALID_WATCH_ID, LeaderRequest, WatchResponse};
use revline_store::client::{CallNumber, ClientInput, ClientOutput, ConnectionNumber, SessionConfig};
use revline_store::error::Error;
use std::collections::BTreeSet;

#[derive(Clone, Debug)]
enum Act {
    Call { write: bool },
    Abandon(u64),
    Reply { call: u64, result: u8 },
    Close { refused: bool },
    Disconnect,
    Watch { resume: bool },
    Observe,
    Respond { stream: u64, id: i64, created: bool, canceled: bool },
    CloseStream(u64),
    Pass(u64),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => any::<bool>().prop_map(|write| Act::Call { write }),
        1 => (0..20u64).prop_map(Act::Abandon),
        4 => (0..20u64, 0..5u8).prop_map(|(call, result)| Act::Reply { call, result }),
        1 => any::<bool>().prop_map(|refused| Act::Close { refused }),
        1 => Just(Act::Disconnect),
        2 => any::<bool>().prop_map(|resume| Act::Watch { resume }),
        1 => Just(Act::Observe),
        4 => (0..10u64, -1..3i64, any::<bool>(), any::<bool>())
            .prop_map(|(stream, id, created, canceled)| Act::Respond { stream, id, created, canceled }),
        1 => (0..10u64).prop_map(Act::CloseStream),
        2 => (0..1_500u64).prop_map(Act::Pass),
    ]
}

/// The outputs of a session, checked as they come.
#[derive(Default)]
struct Seen {
    connection: Option<ConnectionNumber>,
    open: BTreeSet<CallNumber>,
}

impl Seen {
    fn take(&mut self, out: Vec<ClientOutput>) {
        for output in out {
            match output {
                ClientOutput::Connect { connection, .. } => {
                    assert_eq!(self.connection.replace(connection), None, "one connection at a time");
                }
                ClientOutput::Disconnect { connection } => {
                    assert_eq!(self.connection.take(), Some(connection));
                }
                ClientOutput::Send { connection, .. } => assert_eq!(self.connection, Some(connection)),
                ClientOutput::Answered { call, .. } => assert!(self.open.remove(&call), "one outcome"),
                _ => {}
            }
        }
    }
}

fn result(kind: u8) -> Result<revline_store::frame::Reply, Error> {
    match kind {
        0 => Err(Error::Timeout),
        1 => Err(Error::NoLeader),
        2 => Err(Error::Compacted),
        _ => stored(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_call_has_one_outcome_in_time(acts in prop::collection::vec(act(), 1..80)) {
        let mut driver = Driver::new(SessionConfig::new(3));
        let mut seen = Seen::default();
        for act in acts {
            let connection = seen.connection.unwrap_or(1);
            let out = match act {
                Act::Call { write } => {
                    let (call, out) = driver.call(if write { put() } else { get() });
                    seen.open.insert(call);
                    out
                }
                Act::Abandon(call) => driver.step(ClientInput::Abandon { call }),
                Act::Reply { call, result: kind } => driver.reply(connection, call, result(kind)),
                Act::Close { refused } => {
                    seen.connection = None;
                    driver.close(connection, refused)
                }
                Act::Disconnect => driver.step(ClientInput::Disconnect),
                Act::Watch { resume } => {
                    let stream = driver.session.reserve_stream();
                    let mut out = driver.step(ClientInput::OpenWatchStream { stream, resume });
                    out.extend(driver.step(ClientInput::Watch { stream, watch: 0, request: watch_from(0) }));
                    out
                }
                Act::Observe => {
                    let stream = driver.session.reserve_stream();
                    driver.step(ClientInput::Observe { stream, request: LeaderRequest { name: "e".into() } })
                }
                Act::Respond { stream, id, created, canceled } => {
                    let created = created && id != INVALID_WATCH_ID;
                    driver.respond(connection, stream, WatchResponse { created, canceled, ..response(9, id) })
                }
                Act::CloseStream(stream) => driver.step(ClientInput::CloseStream { stream }),
                Act::Pass(ms) => driver.pass(ms),
            };
            seen.take(out);
        }
        let out = driver.pass(SessionConfig::new(3).deadline_ms);
        seen.take(out);
        prop_assert!(seen.open.is_empty(), "without an outcome: {:?}", seen.open);
    }
}
