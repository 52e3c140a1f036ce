//! Compare and act as any field of a txn asks.

use super::any_delete::AnyDelete;
use super::any_put::AnyPut;
use super::any_range::AnyRange;
use super::api::{AnyCompare, Feature};
use super::{Action, Actor, Draw, OperationKind};
use crate::rules::{Impossible, bytes, limits, require};
use rand::Rng;
use revline_store::api::{RequestOp, TxnRequest};
use revline_store::bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Compare and act as any field of a txn asks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AnyTxn {
    /// The compares.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) compare: Vec<AnyCompare>,
    /// The operations if all hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub success: Vec<AnyOp>,
    /// The operations if not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub failure: Vec<AnyOp>,
}

/// An operation of a txn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "a variant is its struct")]
pub enum AnyOp {
    Range(AnyRange),
    Put(AnyPut),
    Delete(AnyDelete),
    Txn(AnyTxn),
    /// None of them: no member accepts it.
    Empty,
}

/// The deepest txn in a txn that is drawn.
const DEPTH: u32 = 3;

/// The deepest that a plan may have.
const DEPTH_MOST: u32 = 20;

/// More operations than a txn may have.
const TOO_MANY: usize = 130;

pub(super) fn draw(cx: &mut Draw<'_>) -> Action {
    if cx.seldom(Feature::Invalid) && cx.generator.gen_bool(0.2) {
        let read = AnyOp::Range(AnyRange::draw(cx));
        return AnyTxn { success: vec![read; TOO_MANY], ..AnyTxn::default() }.into();
    }
    let mut put = BTreeSet::new();
    AnyTxn::draw(cx, 0, &mut put).into()
}

impl AnyTxn {
    /// Draws a txn that puts each key once, as a rule, so that members accept it: `put` has the keys.
    fn draw(cx: &mut Draw<'_>, depth: u32, put: &mut BTreeSet<Bytes>) -> AnyTxn {
        let compares = cx.generator.gen_range(0..3);
        let compare = (0..compares).map(|_| AnyCompare::draw(cx)).collect();
        let read_only = cx.generator.gen_bool(0.2);
        let branch = |cx: &mut Draw<'_>| {
            let mut put_here = put.clone();
            let count = cx.generator.gen_range(0..4);
            let ops = (0..count).filter_map(|_| AnyOp::draw(cx, depth, read_only, &mut put_here)).collect();
            (ops, put_here)
        };
        let ((success, of_success), (failure, of_failure)) = (branch(cx), branch(cx));
        put.extend(of_success);
        put.extend(of_failure);
        AnyTxn { compare, success, failure }
    }

    fn request(&self, actor: &Actor) -> TxnRequest {
        let ops = |ops: &[AnyOp]| ops.iter().map(|op| op.request(actor)).collect();
        TxnRequest {
            compare: self.compare.iter().map(|compare| compare.compare(actor)).collect(),
            success: ops(&self.success),
            failure: ops(&self.failure),
        }
    }

    fn check_at(&self, depth: u32) -> Result<(), Impossible> {
        require(depth <= DEPTH_MOST, "success", format!("txns in txns, more than {DEPTH_MOST} deep"))?;
        limits::OPERATIONS.check(self.compare.len() as u64, "compare")?;
        for (at, compare) in self.compare.iter().enumerate() {
            bytes([(&compare.key, "key"), (&compare.range_end, "range_end")])
                .map_err(|wrong| wrong.within(&format!("compare[{at}]")))?;
        }
        for (ops, field) in [(&self.success, "success"), (&self.failure, "failure")] {
            limits::OPERATIONS.check(ops.len() as u64, field)?;
            for (at, op) in ops.iter().enumerate() {
                op.check_at(depth).map_err(|wrong| wrong.within(&format!("{field}[{at}]")))?;
            }
        }
        Ok(())
    }
}

impl AnyOp {
    /// Draws an operation, or none where it would put a key again that is in `put`.
    fn draw(cx: &mut Draw<'_>, depth: u32, read_only: bool, put: &mut BTreeSet<Bytes>) -> Option<AnyOp> {
        let nests = cx.features.has(Feature::NestedTxns) && depth < DEPTH;
        let kind = if read_only { 0 } else { cx.generator.gen_range(0..10) };
        Some(match kind {
            0..3 => AnyOp::Range(AnyRange::draw(cx)),
            3 | 4 if nests => AnyOp::Txn(AnyTxn::draw(cx, depth + 1, put)),
            5 => {
                let delete = AnyDelete::draw(cx);
                let puts_it = |key: &Bytes| covers(&delete, key);
                if put.iter().any(puts_it) && !cx.seldom(Feature::Invalid) {
                    // In a txn of its own, members accept it: it comes after the put.
                    let nested = AnyTxn { success: vec![AnyOp::Delete(delete)], ..AnyTxn::default() };
                    return nests.then_some(AnyOp::Txn(nested));
                }
                AnyOp::Delete(delete)
            }
            6 if cx.seldom(Feature::Invalid) => AnyOp::Empty,
            _ => {
                let new = AnyPut::draw(cx);
                if !put.insert(new.key.clone()) && !cx.seldom(Feature::Invalid) {
                    return None;
                }
                AnyOp::Put(new)
            }
        })
    }

    fn request(&self, actor: &Actor) -> RequestOp {
        match self {
            AnyOp::Range(range) => RequestOp::Range(range.request(actor)),
            AnyOp::Put(put) => RequestOp::Put(put.request()),
            AnyOp::Delete(delete) => RequestOp::DeleteRange(delete.request()),
            AnyOp::Txn(txn) => RequestOp::Txn(txn.request(actor)),
            AnyOp::Empty => RequestOp::Empty,
        }
    }

    fn check_at(&self, depth: u32) -> Result<(), Impossible> {
        match self {
            AnyOp::Range(range) => range.check(),
            AnyOp::Put(put) => put.check(),
            AnyOp::Delete(delete) => delete.check(),
            AnyOp::Txn(txn) => txn.check_at(depth + 1),
            AnyOp::Empty => Ok(()),
        }
    }
}

fn covers(delete: &AnyDelete, key: &Bytes) -> bool {
    match delete.range_end.as_slice() {
        b"" => delete.key == *key,
        end => delete.key <= *key && key.as_slice() < end,
    }
}

impl OperationKind for AnyTxn {
    fn check(&self) -> Result<(), Impossible> {
        self.check_at(0)
    }

    async fn act(&self, actor: &mut Actor) {
        let request = self.request(actor);
        actor.txn(request).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::api::Features;
    use revline_sim::entropy::generator;

    #[test]
    fn txns_too_deep_within_one_another_are_refused() {
        let deep = |depth| {
            (0..depth).fold(AnyTxn::default(), |inner, _| AnyTxn {
                success: vec![AnyOp::Txn(inner)],
                ..AnyTxn::default()
            })
        };
        assert_eq!(deep(DEPTH_MOST).check(), Ok(()));
        let wrong = deep(DEPTH_MOST + 1).check().unwrap_err().to_string();
        assert!(wrong.contains("success[0].success[0]") && wrong.contains("more than 20 deep"), "{wrong}");
    }

    #[test]
    fn what_is_drawn_is_possible_and_some_of_it_nests_compares_and_deletes() {
        let mut generator = generator(0, "txns");
        let txns: Vec<String> = (0..300)
            .map(|number| {
                let value = format!("0-{number}");
                let action = draw(&mut Draw::of_writer(4, Features::ALL, value, &mut generator));
                assert_eq!(action.check(), Ok(()), "{action:?}");
                serde_json::to_string(&action).unwrap()
            })
            .collect();
        for part in
            ["\"txn\":", "\"delete\":", "\"compare\":", "\"last-value\"", "{\"last\":0}", "\"lease\":"]
        {
            let count = txns.iter().filter(|txn| txn.contains(part)).count();
            assert!((5..300).contains(&count), "{part}: {count} of 300");
        }
    }
}
