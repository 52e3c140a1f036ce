//! Calls whose answers are lost.

use crate::behind::Behind;
use crate::harness::cluster::Cluster;
use crate::harness::requests::put;
use revline_store::api::{RangeRequest, Request};
use revline_store::error::Error;
use revline_store::frame::{Call, ClientFrame, Reply, ServerFrame};
use revline_store::proxy::ProxyInput;

fn behind() -> Behind {
    let mut cluster = Cluster::new(1, |_| {});
    cluster.elect(1);
    let mut behind = Behind::new(cluster, |_| {});
    // Long enough for a sign of life: an endpoint that never gave one is left alone for a while.
    for _ in 0..10 {
        behind.tick();
        behind.run();
    }
    behind
}

fn ask(behind: &mut Behind, call: u64, request: Call) {
    let frame = ClientFrame::Call { call, request, token: None, requires_leader: false };
    behind.step(ProxyInput::Client { session: 1, frame });
}

fn answers(behind: &mut Behind) -> Vec<(u64, Result<Reply, Error>)> {
    let replies = behind.received.drain(..).filter_map(|(_, frame)| match frame {
        ServerFrame::Reply { call, result } => Some((call, result)),
        _ => None,
    });
    replies.collect()
}

#[test]
fn a_write_is_sent_once_and_its_outcome_is_unknown_if_its_answer_is_lost() {
    let mut behind = behind();
    for arrives in [false, true] {
        let before = behind.cluster.member(1).status().revision;
        ask(&mut behind, 1, put("k", "v"));
        if arrives {
            while behind.one_up() {}
        }
        behind.break_connection();
        assert_eq!(answers(&mut behind), [(1, Err(Error::Stopped))]);
        for _ in 0..20 {
            behind.tick();
            behind.run();
        }
        assert_eq!(answers(&mut behind), []);
        assert_eq!(behind.cluster.member(1).status().revision, before + i64::from(arrives));
    }
}

#[test]
fn a_read_is_asked_again() {
    let mut behind = behind();
    let range = RangeRequest { key: "k".into(), ..RangeRequest::default() };
    ask(&mut behind, 1, Call::Kv(Request::Range(range)));
    while behind.one_up() {}
    behind.break_connection();
    assert_eq!(answers(&mut behind), []);
    for _ in 0..10 {
        behind.run();
        behind.tick();
    }
    let answers = answers(&mut behind);
    assert!(matches!(answers.as_slice(), [(1, Ok(Reply::Kv(_)))]), "{answers:?}");
}
