//! Answers to ranges, piece by piece.

use std::sync::Arc;

use revline_rpc::convert::range_stream::{range_of, range_stream_chunks};
use revline_store::api::{KeyValue, RangeResponse, ResponseHeader};

fn response(keys: usize, value_bytes: usize) -> RangeResponse {
    let kv = |at: usize| {
        let (key, value) = (format!("{at:05}").into(), vec![7; value_bytes].into());
        Arc::new(KeyValue { key, value, version: 1, ..KeyValue::default() })
    };
    let header = ResponseHeader::at(9);
    RangeResponse { header, kvs: (0..keys).map(kv).collect(), more: true, count: 70_000 }
}

/// The keys of each piece.
fn sizes(response: RangeResponse) -> Vec<usize> {
    let pieces: Vec<_> =
        range_stream_chunks(response.clone()).map(|piece| piece.range_response.unwrap()).collect();
    let (last, others) = pieces.split_last().unwrap();
    assert!(others.iter().all(|piece| (&piece.header, piece.more, piece.count) == (&None, false, 0)));
    assert_eq!((last.header.unwrap().revision, last.more, last.count), (9, true, 70_000));
    assert_eq!(range_of(range_stream_chunks(response.clone())), response);
    pieces.iter().map(|piece| piece.kvs.len()).collect()
}

#[test]
fn pieces_grow_while_they_are_small() {
    assert_eq!(sizes(response(0, 1)), [0]);
    assert_eq!(sizes(response(10, 1)), [10]);
    assert_eq!(sizes(response(11, 1)), [10, 1]);
    assert_eq!(sizes(response(100, 1)), [10, 20, 40, 30]);
}

#[test]
fn pieces_shrink_when_they_are_large() {
    assert_eq!(sizes(response(28, 400_000)), [10, 5, 5, 5, 3]);
    assert_eq!(sizes(response(25, 100_000)), [10, 10, 5]);
}
