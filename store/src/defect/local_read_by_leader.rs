//! A member that believes it leads answers a linearizable read locally.
//!
//! Found in: etcd #741, Jepsen 2014.

use super::{Defect, Description};

/// The defect of this file.
pub const DEFECT: Defect = Defect::LocalReadByLeader;

pub(super) const DESCRIPTION: Description = Description {
    name: "local-read-by-leader",
    rule: "a member that believes it leads answers a linearizable read locally",
    guarantees: &["linearizable"],
};
