//! Members other than the proposer do not evaluate the ranges of a txn.
//!
//! Found in: etcd #18667.

use super::{Defect, Description};

/// The defect of this file.
pub const DEFECT: Defect = Defect::TxnRangeStripped;

pub(super) const DESCRIPTION: Description = Description {
    name: "txn-range-stripped",
    rule: "members other than the proposer do not evaluate a txn's ranges",
    guarantees: &["txn-atomic", "member-agreement"],
};
