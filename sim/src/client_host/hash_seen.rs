//! The hash of keys that an answer tells of.

use crate::around::Around;
use crate::node::member_events;
use revline_store::api::MaintenanceResponse;
use revline_store::client::CallError;
use revline_store::frame::Reply;

/// Compares the hash of keys that an answer tells of, if it does, with those of other members.
pub(super) fn compare(around: &mut Around<'_>, answer: &Result<Reply, CallError>) {
    if let Ok(Reply::Maintenance(MaintenanceResponse::HashKv {
        header,
        hash,
        compact_revision,
        hash_revision,
    })) = answer
    {
        member_events::hashed(around, header.member_id, (*hash_revision, *compact_revision), *hash);
    }
}
