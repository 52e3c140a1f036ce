//! A session before real members: it fails over, its watches go on, and recipes run on it.

use crate::harness::cluster::Cluster;
use crate::harness::leases::grant;
use crate::hosted::Hosted;
use revline_store::api::{Request, Response, WatchCreateRequest};
use revline_store::client::{CallError, WatchItem};
use revline_store::concurrency::{Waiter, WaiterStep, delete_if};
use revline_store::frame::{Call, Reply};

fn put(value: &str) -> Call {
    crate::harness::requests::put("k", value)
}

fn hosted() -> Hosted {
    let mut cluster = Cluster::new(3, |_| {});
    cluster.elect(1);
    cluster.ticks(5);
    Hosted::new(cluster)
}

fn revisions(items: &[WatchItem]) -> Vec<i64> {
    let events = items.iter().filter_map(|item| match item {
        WatchItem::Events(events) => Some(events.iter().map(|event| event.kv.mod_revision)),
        _ => None,
    });
    events.flatten().collect()
}

#[test]
fn a_watch_sees_each_event_once_through_a_crash() {
    let mut hosted = hosted();
    hosted.watch(WatchCreateRequest { key: "k".into(), ..WatchCreateRequest::default() });
    assert!(matches!(hosted.ask(put("1")), Some(Ok(_))));
    hosted.ticks(2);
    assert_eq!(revisions(&hosted.items), [2]);
    assert_eq!(hosted.crash(), 1);
    hosted.ticks(50);
    let mut tries = 0;
    while !matches!(hosted.ask(put("2")), Some(Ok(_))) {
        hosted.ticks(10);
        tries += 1;
        assert!(tries < 20, "no member serves");
    }
    hosted.ticks(20);
    let seen = revisions(&hosted.items);
    assert!(seen.windows(2).all(|pair| pair[0] + 1 == pair[1]), "each once, in order: {seen:?}");
    assert_eq!(seen.first(), Some(&2));
}

#[test]
fn a_call_on_a_member_that_is_down_is_refused() {
    let mut hosted = hosted();
    hosted.cluster.crash(1);
    assert_eq!(hosted.ask(put("1")), Some(Err(CallError::Refused)));
}

fn txn(hosted: &mut Hosted, request: revline_store::api::TxnRequest) -> revline_store::api::TxnResponse {
    match hosted.ask(Call::Kv(Request::Txn(request))) {
        Some(Ok(Reply::Kv(Response::Txn(response)))) => response,
        other => panic!("not an answer to a txn: {other:?}"),
    }
}

fn ask(hosted: &mut Hosted, waiter: &mut Waiter) {
    let WaiterStep::Ask(request) = waiter.next() else { panic!("{:?}", waiter.next()) };
    let response = txn(hosted, request);
    waiter.answered(&response);
}

#[test]
fn a_lock_is_handed_over_on_one_watch() {
    let mut hosted = hosted();
    for lease in [7, 8] {
        assert!(matches!(hosted.ask(grant(lease, 60)), Some(Ok(_))));
    }
    let [mut first, mut second] = [7, 8].map(|lease| Waiter::new("l".into(), lease, "".into()));
    ask(&mut hosted, &mut first);
    ask(&mut hosted, &mut second);
    assert!(matches!(first.next(), WaiterStep::Owns(_)));
    let WaiterStep::Watch(request) = second.next() else { panic!("{:?}", second.next()) };
    hosted.watch(request);
    txn(&mut hosted, delete_if(first.create_revision(), first.key()));
    hosted.ticks(2);
    let more: Vec<bool> = hosted.items.iter().map(|item| second.watched(item)).collect();
    assert_eq!(more.last(), Some(&false), "{:?}", hosted.items);
    assert!(matches!(second.next(), WaiterStep::Owns(4)));
}
