//! Calls of the cluster and the maintenance service: how they are written, read and judged.

use revline_checker::history::build::*;
use revline_checker::history::{AdminRequest, History, MemberId, WatchFrame, jsonl};
use revline_checker::judge::Judge;
use revline_checker::verdict::Verdicts;

fn written_and_read(history: &History) -> History {
    let mut written = Vec::new();
    jsonl::write(history, &mut written).expect("it is kept in memory");
    jsonl::read("written", written.as_slice()).expect("it was written so")
}

fn violated(verdicts: &Verdicts) -> Vec<&str> {
    verdicts.violations().map(|(name, _)| name).collect()
}

#[test]
fn every_call_is_read_as_it_was_written() {
    let mut h = Builder::default();
    h.ok(0, put("a", "1"), written(2));
    let id = MemberId(4);
    for (request, response) in [
        (alarms(), alarmed(2, &[no_space(1), corrupt(2)])),
        (raise(corrupt(2)), alarmed(2, &[corrupt(2)])),
        (disarm(no_space(1)), alarmed(2, &[])),
        (AdminRequest::MemberAdd { id, is_learner: true }, members(&[1, 2], &[4])),
        (AdminRequest::MemberPromote { id }, members(&[1, 2, 4], &[])),
        (AdminRequest::MemberUpdate { id }, members(&[1, 2, 4], &[])),
        (AdminRequest::MemberRemove { id }, members(&[1, 2], &[])),
        (AdminRequest::MemberList { linearizable: true }, members(&[1, 2], &[])),
        (AdminRequest::Status, done()),
        (AdminRequest::Hash, done()),
        (AdminRequest::HashKv { revision: 2 }, done()),
        (AdminRequest::Defragment, done()),
        (AdminRequest::Snapshot, done()),
        (AdminRequest::MoveLeader { target: id }, done()),
    ] {
        let call = h.admin(9, request, response);
        h.admin_by(call, "root");
    }
    h.admin_unknown(9, alarms());
    h.admin_failed(9, alarms(), "etcdserver: no leader");
    let history = h.build();
    assert_eq!(written_and_read(&history), history);
}

#[test]
fn a_response_of_another_kind_is_refused() {
    let mut h = Builder::default();
    h.admin(9, AdminRequest::Status, members(&[1], &[]));
    let mut written = Vec::new();
    jsonl::write(&h.build(), &mut written).unwrap();
    let error = jsonl::read("h", written.as_slice()).unwrap_err().to_string();
    assert!(error.starts_with("h:2: "), "{error}");
}

#[test]
fn calls_are_judged_in_whatever_order_they_are_told() {
    let mut h = Builder::default();
    h.ok(0, put("a", "1"), written(2));
    let list = h.admin(9, alarms(), alarmed(2, &[no_space(1)]));
    h.admin_during(list, 100, 110);
    let raise = h.admin(9, raise(no_space(1)), alarmed(2, &[no_space(1)]));
    h.admin_during(raise, 50, 60);
    let put = h.ok(0, put("a", "2"), written(3));
    h.during(put, 200, 210);
    let history = h.build();
    assert_eq!(violated(&Judge::new(&history).run()), ["alarm-respected"]);
    let verdicts = Judge::new(&written_and_read(&history)).run();
    assert_eq!(violated(&verdicts), ["alarm-respected"]);
}

#[test]
fn a_watch_that_was_denied_at_a_member_that_had_answered_nothing_is_not_judged() {
    let mut h = Builder::default();
    let watch = h.watch(0, watching("a", "", 0));
    h.watches_at(watch, 1);
    let canceled = Some("etcdserver: permission denied".to_owned());
    h.frame(watch, WatchFrame { created: true, canceled, ..WatchFrame::default() });
    assert!(!Judge::new(&h.build()).run().any_violated());
}
