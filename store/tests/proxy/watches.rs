//! Watches of many clients through connections that break, compactions, and clients that take nothing.

use crate::run::{Act, Run, key};
use proptest::prelude::*;
use revline_store::api::{FilterType, RangeRequest, WatchCreateRequest};
use revline_store::defect::Defects;

fn acts() -> impl Strategy<Value = Act> {
    let place = || (1..4_u64, 0..2_u64);
    let create =
        (0..5_u8, 0..4_u8, prop_oneof![3 => Just(0), 2 => 1..40_i64], any::<(bool, bool)>(), 0..4_u8)
            .prop_map(|(first, end, start_revision, (prev_kv, progress_notify), filter)| {
                WatchCreateRequest {
                    key: key(first).as_str().into(),
                    range_end: [b"".as_slice(), b"k3", b"\0", b"k9"][usize::from(end)].into(),
                    start_revision,
                    prev_kv,
                    progress_notify,
                    filters: [vec![FilterType::NoPut], vec![FilterType::NoDelete], vec![], vec![]]
                        [usize::from(filter)]
                    .clone(),
                    ..WatchCreateRequest::default()
                }
            });
    let read = (0..5_u8, 0..4_usize, any::<bool>()).prop_map(|(first, end, serializable)| RangeRequest {
        key: key(first).as_str().into(),
        range_end: [b"".as_slice(), b"k3", b"\0", b"k9"][end].into(),
        serializable,
        ..RangeRequest::default()
    });
    prop_oneof![
        6 => (1..4_u64, read).prop_map(|(session, range)| Act::Read { session, range }),
        12 => (0..5_u8).prop_map(Act::Put),
        4 => (0..5_u8, 0..6_u8).prop_map(|(key, end)| Act::Delete(key, end)),
        1 => (0..8_i64).prop_map(Act::Compact),
        6 => (place(), create).prop_map(|((session, stream), create)| Act::Watch { session, stream, create }),
        1 => (place(), 0..3_i64).prop_map(|((session, stream), id)| Act::Cancel { session, stream, id }),
        3 => place().prop_map(|(session, stream)| Act::Progress { session, stream }),
        1 => place().prop_map(|(session, stream)| Act::CloseStream { session, stream }),
        1 => (1..4_u64).prop_map(|session| Act::CloseSession { session }),
        1 => place().prop_map(|(session, stream)| Act::Stall { session, stream }),
        2 => place().prop_map(|(session, stream)| Act::Flow { session, stream }),
        2 => Just(Act::Break),
        2 => prop_oneof![Just(0), 2..4_u64].prop_map(Act::Isolate),
        6 => (1..6_usize).prop_map(Act::Up),
        8 => (1..12_usize).prop_map(Act::Down),
        6 => Just(Act::Tick),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn every_watch_sees_exactly_what_happened(acts in prop::collection::vec(acts(), 20..160), members in 0..2_u64) {
        let mut run = Run::before(1 + 2 * members, Defects::NONE);
        for act in acts {
            run.act(act);
        }
        run.finish();
    }
}

#[test]
fn many_watchers_of_one_range_cost_the_member_one_watch() {
    let mut run = Run::new(Defects::NONE);
    for session in 1..4 {
        for _ in 0..300 {
            let create = WatchCreateRequest { key: "k".into(), range_end: "l".into(), ..Default::default() };
            run.act(Act::Watch { session, stream: 0, create });
        }
    }
    run.finish();
    assert_eq!(run.behind.proxy.watch_counts(), (900, 1));
    let before = run.behind.cluster.node(1).frames.len();
    run.act(Act::Put(1));
    run.behind.run();
    run.receive();
    // One for the test itself, and one for the proxy.
    assert_eq!(run.behind.cluster.node(1).frames.len() - before, 2);
    run.finish();
}
