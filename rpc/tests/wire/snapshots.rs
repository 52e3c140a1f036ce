//! Snapshots, piece by piece.

use revline_rpc::convert::Unconvertible;
use revline_rpc::convert::maintenance::{snapshot_chunks, snapshot_of};
use revline_store::api::{MaintenanceResponse, ResponseHeader};
use revline_store::bytes::Bytes;

const PIECE_BYTES: usize = 32 * 1024;

fn snapshot(length: usize) -> Bytes {
    Bytes::from((0..length).map(|at| (at % 251) as u8).collect::<Vec<_>>())
}

#[test]
fn a_snapshot_is_cut_into_pieces_and_put_together() {
    let header = ResponseHeader::at(7);
    for length in [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES, 100_000] {
        let pieces: Vec<_> = snapshot_chunks(header, snapshot(length)).collect();
        assert_eq!(pieces.len(), length.div_ceil(PIECE_BYTES).max(1));
        let mut rest = length;
        for piece in &pieces {
            assert!(piece.blob.len() <= PIECE_BYTES);
            rest -= piece.blob.len();
            assert_eq!(piece.remaining_bytes, rest as u64);
        }
        let bytes = snapshot(length);
        assert_eq!(snapshot_of(pieces), Ok(MaintenanceResponse::Snapshot { header, bytes }));
    }
}

#[test]
fn a_snapshot_without_its_end_is_none() {
    let pieces = snapshot_chunks(ResponseHeader::at(7), snapshot(2 * PIECE_BYTES + 5)).take(2);
    assert_eq!(snapshot_of(pieces), Err(Unconvertible::IncompleteSnapshot(5)));
}
