//! Requests on keys with a field at the edge of what it can hold: empty, 0, below 0, or a value that no member knows.
//!
//! The other operations come to these seldom, so that most of what they ask is served; here every request has one.

use super::any_compact::AnyCompact;
use super::any_delete::AnyDelete;
use super::any_put::{AnyPut, TOO_LARGE_BYTES};
use super::any_range::AnyRange;
use super::any_txn::{AnyOp, AnyTxn};
use super::api::{AnyCompare, Relative};
use super::{Action, Draw};
use rand::Rng;
use revline_store::api::{SortOrder, SortTarget};
use revline_store::bytes::Bytes;

pub(super) fn draw(cx: &mut Draw<'_>) -> Action {
    match cx.generator.gen_range(0..6) {
        0 => range(cx).into(),
        1 => put(cx).into(),
        2 => delete(cx).into(),
        3 => AnyCompact { revision: compacted(cx), physical: cx.generator.gen_bool(0.5) }.into(),
        _ => txn(cx).into(),
    }
}

fn range(cx: &mut Draw<'_>) -> AnyRange {
    let mut range = AnyRange::draw(cx);
    let unknown = [-1, 0, 7][cx.generator.gen_range(0..3)];
    match cx.generator.gen_range(0..3) {
        0 => range.key = Bytes::default(),
        1 => range.sort_order = SortOrder::Unrecognized(unknown),
        _ => range.sort_target = SortTarget::Unrecognized(unknown),
    }
    range
}

fn put(cx: &mut Draw<'_>) -> AnyPut {
    if cx.generator.gen_bool(0.1) {
        return AnyPut { and_bytes: TOO_LARGE_BYTES, ..AnyPut::draw(cx) };
    }
    AnyPut { key: Bytes::default(), ..AnyPut::draw(cx) }
}

fn delete(cx: &mut Draw<'_>) -> AnyDelete {
    AnyDelete { key: Bytes::default(), ..AnyDelete::draw(cx) }
}

/// A compaction at 0 succeeds once; no other of these does.
fn compacted(cx: &mut Draw<'_>) -> Relative {
    Relative::Exactly([0, 0, -1, i64::MIN][cx.generator.gen_range(0..4)])
}

/// A txn that no member accepts, for one of its parts.
fn txn(cx: &mut Draw<'_>) -> AnyTxn {
    let mut txn = AnyTxn::default();
    let op = match cx.generator.gen_range(0..5) {
        0 => {
            txn.compare.push(AnyCompare { key: Bytes::default(), ..AnyCompare::draw(cx) });
            AnyOp::Range(AnyRange::draw(cx))
        }
        1 => AnyOp::Put(put(cx)),
        2 => AnyOp::Delete(delete(cx)),
        _ => AnyOp::Range(range(cx)),
    };
    if cx.generator.gen_bool(0.5) {
        txn.success.push(op);
    } else {
        txn.failure.push(op);
    }
    if cx.generator.gen_bool(0.6) {
        txn = AnyTxn { success: vec![AnyOp::Txn(txn)], ..AnyTxn::default() };
    }
    txn
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::api::Features;
    use revline_sim::entropy::generator;

    #[test]
    fn every_request_has_a_field_at_an_edge() {
        let mut generator = generator(0, "edges");
        let drawn: Vec<String> = (0..600)
            .map(|number| {
                let value = format!("0-{number}");
                let action = draw(&mut Draw::of_writer(4, Features::NONE, value, &mut generator));
                assert_eq!(action.check(), Ok(()), "{action:?}");
                serde_json::to_string(&action).unwrap()
            })
            .collect();
        let at_edge = [r#""key":"""#, r#"{"Unrecognized":"#, r#""and_bytes":16"#, "any-compact"];
        for request in &drawn {
            assert!(at_edge.iter().any(|part| request.contains(part)), "{request}");
        }
        for part in [
            r#"{"Unrecognized":-1}"#,
            r#"{"Unrecognized":0}"#,
            r#""compare":[{"key":"""#,
            r#"{"any-compact":{}}"#,
        ] {
            assert!(drawn.iter().any(|request| request.contains(part)), "{part}");
        }
    }
}
