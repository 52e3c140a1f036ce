//! The header of every response.

use crate::machine::{ClusterId, MemberId};
use serde::{Deserialize, Serialize};

/// `etcdserverpb.ResponseHeader`. The store fills in the revision, the member the rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ResponseHeader {
    /// The cluster that answered.
    pub cluster_id: ClusterId,
    /// The member that answered.
    pub member_id: MemberId,
    /// The revision of the store when the request was applied.
    pub revision: i64,
    /// The Raft term of the member that answered.
    pub raft_term: u64,
}

impl ResponseHeader {
    /// A header that carries only a revision, as inside a txn.
    pub fn at(revision: i64) -> Self {
        ResponseHeader { revision, ..ResponseHeader::default() }
    }
}
