//! The hash of keys that an answer tells of.

use crate::around::Around;
use crate::node::member_events;
use revline_store::api::MaintenanceResponse;
use revline_store::client::CallError;
use revline_store::frame::Reply;
use revline_store::machine::MemberId;

/// The hash of a member's keys.
pub(super) struct HashSeen {
    member: MemberId,
    /// Hashed up to this revision, and compacted up to this one.
    revisions: (i64, i64),
    hash: u32,
}

impl HashSeen {
    /// The hash that an answer tells of, if it does.
    pub fn of(answer: &Result<Reply, CallError>) -> Option<HashSeen> {
        match answer {
            Ok(Reply::Maintenance(MaintenanceResponse::HashKv {
                header,
                hash,
                compact_revision,
                hash_revision,
            })) => Some(HashSeen {
                member: header.member_id,
                revisions: (*hash_revision, *compact_revision),
                hash: *hash,
            }),
            _ => None,
        }
    }

    /// Compares it with those of other members.
    pub fn compare(self, around: &mut Around<'_>) {
        member_events::hashed(around, self.member, self.revisions, self.hash);
    }
}
