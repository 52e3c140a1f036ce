//! A learner is promoted however little of the log it has.
//!
//! etcd compares the learner's progress with the leader's first (`isLearnerReady` in `server/etcdserver/server.go`).

use super::{Defect, Description};

/// The defect of this file.
pub const DEFECT: Defect = Defect::LearnerPromotedEarly;

pub(super) const DESCRIPTION: Description = Description {
    name: "learner-promoted-early",
    rule: "a learner gets a vote without having caught up",
    guarantees: &["membership"],
};
