//! The numbers and words of events, which bundles and readers of traces rely on.

use super::event::NUMBERS;
use super::{Event, Fingerprint, Lost, NodeName, Record, StoreHash, StreamName, WatchName};
use crate::fault_id::FaultId;
use revline_store::api::AlarmKind;
use revline_store::disk::File;
use revline_store::member::Role;

#[test]
fn no_number_is_used_twice_or_left_out() {
    assert!(NUMBERS.iter().copied().eq(1..=NUMBERS.len() as u64), "{NUMBERS:?}");
}

#[test]
fn the_numbers_and_the_words_of_an_event_are_part_of_the_contract() {
    let (to, content) = (NodeName(2), Fingerprint(0xabc));
    let stream = StreamName((7 << 22) + 3);
    for (event, message, numbers, words) in [
        (
            Event::Send { message: "append", to, content, bytes: 9 },
            "append",
            (1, [2, 0xabc, 9]),
            "send append to m2  0000000000000abc  9 B",
        ),
        (
            Event::Drop { message: "vote", to: NodeName(101), content, why: Lost::ReceiverDown },
            "vote",
            (3, [101, 0xabc, 2]),
            "drop vote to p1  0000000000000abc  receiver down",
        ),
        (
            Event::FrameDeliver { message: "call", from: to, stream, content },
            "call",
            (8, [2, (7 << 22) + 3, 0xabc]),
            "call from m2 on stream 3  0000000000000abc",
        ),
        (
            Event::DiskSync { file: File::Snapshot, durable_bytes: 5 },
            "",
            (10, [1, 5, 0]),
            "synced the snapshot: 5 B durable",
        ),
        (Event::Pause {}, "", (14, [0; 3]), "pause"),
        (
            Event::Fault { what: Fingerprint(1), fault: FaultId(2) },
            "",
            (16, [1, 2, 0]),
            "fault 0000000000000002: 0000000000000001",
        ),
        (
            Event::Role { role: Role::Leader, term: 4, leader: 2 },
            "",
            (18, [3, 4, 2]),
            "leader in term 4, leader 2",
        ),
        (
            Event::Hash { revision: 6, compact_revision: -1, hash: StoreHash(0xff) },
            "",
            (20, [6, u64::MAX, 0xff]),
            "hash at revision 6 (compacted -1): 000000ff",
        ),
        (
            Event::WatchFrame { watch: WatchName { stream: 2, watch: 3 }, revision: 6, content },
            "",
            (25, [(2 << 32) + 3, 6, 0xabc]),
            "watch 2.3 at revision 6  0000000000000abc",
        ),
        (
            Event::Clock { offset_ns: -7, ppm: -500_000 },
            "",
            (26, [-7_i64 as u64, -500_000_i64 as u64, 0]),
            "clock offset -7 ns, rate -500000 ppm",
        ),
        (
            Event::Alarm { index: 8, alarm: AlarmKind::NoSpace },
            "",
            (35, [8, 1, 0]),
            "alarm NOSPACE at index 8",
        ),
        (
            Event::StreamTaken { client: to, stream, incarnation: 1 },
            "",
            (36, [2, (7 << 22) + 3, 1]),
            "start 1 takes stream 3 of m2",
        ),
    ] {
        assert_eq!((event.number(), event.words()), numbers, "{words}");
        assert_eq!(event.message(), message, "{words}");
        let record = Record { at_ns: 1_500_000, node: NodeName(1), event };
        assert_eq!(record.to_string(), format!("      1.500000 ms  m1    {words}"));
    }
}
