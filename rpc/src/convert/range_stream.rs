//! The answer to a range, piece by piece (`KV.RangeStream`, etcd: `server/etcdserver/v3_server.go`, `rangeStream`).

use prost::Message;
use revline_store::api;
use revline_store::api::MAX_REQUEST_BYTES;

use super::header_to_store;
use crate::proto::etcdserverpb;

/// The keys of the first piece (`initialStreamChunkLimit`).
const FIRST_PIECE_KEYS: usize = 10;

/// Cuts an answer into pieces, at least one. Header, `more` and `count` are those of the last, so that all pieces merged
/// are the answer. A piece has twice the keys of the one before if that was small, and half of them if it was large
/// (`adjustChunkLimit`). etcd reads the pieces one by one, all at one revision; here they are of one answer.
pub fn range_stream_chunks(
    response: api::RangeResponse,
) -> impl Iterator<Item = etcdserverpb::RangeStreamResponse> {
    let whole = etcdserverpb::RangeResponse::from(response);
    let (mut rest, mut keys) = (Some(whole), FIRST_PIECE_KEYS);
    std::iter::from_fn(move || {
        let mut whole = rest.take()?;
        if whole.kvs.len() <= keys {
            return Some(etcdserverpb::RangeStreamResponse { range_response: Some(whole) });
        }
        let following = whole.kvs.split_off(keys);
        let piece = etcdserverpb::RangeResponse { kvs: whole.kvs, ..Default::default() };
        keys = match piece.encoded_len() {
            small if small < MAX_REQUEST_BYTES / 2 => keys.saturating_mul(2),
            large if large > MAX_REQUEST_BYTES * 2 => (keys / 2).max(1),
            _ => keys,
        };
        rest = Some(etcdserverpb::RangeResponse { kvs: following, ..whole });
        Some(etcdserverpb::RangeStreamResponse { range_response: Some(piece) })
    })
}

/// Merges all pieces of an answer.
pub fn range_of(pieces: impl IntoIterator<Item = etcdserverpb::RangeStreamResponse>) -> api::RangeResponse {
    let mut merged = api::RangeResponse::default();
    for piece in pieces.into_iter().filter_map(|piece| piece.range_response) {
        if piece.header.is_some() {
            merged.header = header_to_store(piece.header);
            (merged.more, merged.count) = (piece.more, piece.count);
        }
        merged.kvs.extend(piece.kvs.into_iter().map(super::kv::shared));
    }
    merged
}
