//! A namespace shows exactly its own keys.

use proptest::prelude::*;
use revline_store::api::{PutRequest, RangeRequest, Request, Response};
use revline_store::bytes::Bytes;
use revline_store::defect::Defects;
use revline_store::frame::{Call, ClientFrame, Reply, ServerFrame};
use revline_store::key_range::KeyRange;
use revline_store::mvcc::Store;
use revline_store::namespace::Namespace;

fn short() -> impl Strategy<Value = Vec<u8>> {
    let byte =
        prop_oneof![3 => Just(0xff_u8), 1 => Just(0), 2 => Just(b'a'), 1 => Just(0xfe), 1 => Just(b'b')];
    prop::collection::vec(byte, 0..4)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, ..ProptestConfig::default() })]

    #[test]
    fn a_range_finds_what_a_filter_finds(
        prefix in short(),
        keys in prop::collection::vec(short(), 1..20),
        mut key in short(),
        end in short(),
    ) {
        if key.is_empty() {
            key.push(0);
        }
        let mut store = Store::new(Defects::NONE);
        for key in keys.iter().filter(|key| !key.is_empty()) {
            let put = PutRequest { key: key.as_slice().into(), value: "v".into(), ..PutRequest::default() };
            store.apply(&Request::Put(put));
        }
        let (key, range_end) = (Bytes::from(key), Bytes::from(end));
        let namespace = Namespace::new(prefix.clone().into());
        let range = RangeRequest { key: key.clone(), range_end: range_end.clone(), ..RangeRequest::default() };
        let mut frame = ClientFrame::Call { call: 1, request: Call::Kv(Request::Range(range)), token: None, requires_leader: false };
        namespace.request(&mut frame);
        let ClientFrame::Call { request: Call::Kv(Request::Range(asked)), .. } = frame else { unreachable!() };
        let answer = store.range(&asked).unwrap();
        let mut frame = ServerFrame::Reply { call: 1, result: Ok(Reply::Kv(Response::Range(answer))) };
        namespace.response(&mut frame);
        let ServerFrame::Reply { result: Ok(Reply::Kv(Response::Range(seen))), .. } = frame else { unreachable!() };
        let seen: Vec<Bytes> = seen.kvs.iter().map(|kv| kv.key.clone()).collect();

        let wanted = KeyRange::new(&key, &range_end);
        let mut expected: Vec<Bytes> = keys
            .iter()
            .filter(|key| !key.is_empty())
            .filter_map(|key| key.strip_prefix(prefix.as_slice()))
            .filter(|rest| wanted.contains(rest) && !wanted.is_empty())
            .map(Bytes::from)
            .collect();
        expected.sort();
        expected.dedup();
        prop_assert_eq!(seen, expected);
    }
}
