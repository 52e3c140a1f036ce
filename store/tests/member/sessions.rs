//! Clients that go away.

use crate::harness::cluster::{Cluster, SESSION, every};
use crate::harness::requests::{get, put, watch};
use revline_store::frame::ClientFrame;
use revline_store::member::Input;

#[test]
fn a_closed_session_gets_no_answers_and_its_write_goes_on() {
    let mut cluster = Cluster::new(3, |_| {});
    cluster.elect(1);
    cluster.watch(1, 7, watch("k", "", 0));
    let told = cluster.nodes[&1].watched.len();
    let written = cluster.start_call(1, put("k", "1"));
    let read = cluster.start_call(1, get("k"));
    cluster.step(1, Input::SessionClosed { session: SESSION });
    cluster.run();
    cluster.ticks(80);
    assert!(cluster.reply(written).is_none());
    assert!(cluster.reply(read).is_none());
    assert_eq!(cluster.nodes[&1].watched.len(), told);
    assert_eq!(cluster.member(1).store().revision(), 2);
}

#[test]
fn a_write_that_waits_for_a_leader_is_not_proposed_when_its_client_is_gone() {
    let mut cluster = Cluster::new(3, |_| {});
    cluster.call(1, put("k", "1"));
    cluster.step(1, Input::SessionClosed { session: SESSION });
    cluster.elect(1);
    cluster.ticks(5);
    assert_eq!(cluster.member(1).store().revision(), 1);
}

#[test]
fn a_cancelled_call_gets_no_answer() {
    let mut cluster = Cluster::new(3, |_| {});
    cluster.elect(1);
    cluster.loss = every("MsgReadIndex");
    let cancelled = cluster.call(2, get("k"));
    let kept = cluster.call(2, get("k"));
    let frame = ClientFrame::CancelCall { call: cancelled.call };
    cluster.step(2, Input::Client { session: SESSION, frame });
    cluster.loss = None;
    cluster.ticks(5);
    assert!(cluster.reply(cancelled).is_none());
    assert!(cluster.reply(kept).is_some());
}

#[test]
fn a_closed_stream_is_silent_and_the_others_are_not() {
    let mut cluster = Cluster::new(1, |_| {});
    cluster.elect(1);
    cluster.watch(1, 1, watch("k", "", 0));
    cluster.watch(1, 2, watch("k", "", 0));
    let frame = ClientFrame::CloseStream { stream: 1 };
    cluster.step(1, Input::Client { session: SESSION, frame });
    let created = cluster.nodes[&1].watched.len();
    cluster.ask(1, put("k", "1")).unwrap();
    cluster.ticks(2);
    assert_eq!(cluster.nodes[&1].watched.len(), created + 1);
}
