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

/// Gives the response of a service `header` and `header_mut`, from the list of its variants.
macro_rules! response_header {
    ($Response:ident { $($Variant:ident,)* }) => {
        impl $Response {
            /// The header.
            pub fn header(&self) -> &ResponseHeader {
                match self {
                    $($Response::$Variant(response) => &response.header,)*
                }
            }

            /// The header, for the responding member to fill in. Those inside a txn stay as they are.
            pub fn header_mut(&mut self) -> &mut ResponseHeader {
                match self {
                    $($Response::$Variant(response) => &mut response.header,)*
                }
            }
        }
    };
}

pub(super) use response_header;
