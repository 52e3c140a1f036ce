//! The details of the entries of the log.

use super::question::{asked, question};
use crate::trace::Details;
use revline_checker::history::{LeaseRequest, Request};
use revline_store::api::MaintenanceRequest;
use revline_store::frame::Call;
use revline_store::lease::LeaseAction;
use revline_store::member::{Logged, logged};
use revline_store::wal::WalEntry;
use std::fmt::Write as _;

/// The details of an entry.
pub(super) fn entry(entry: &WalEntry) -> Details {
    let (content, proposed_by) = logged(entry);
    let details = match &content {
        Logged::Nothing => Details::new("no command"),
        Logged::Kv(request) => asked(&Call::Kv(request.clone())),
        Logged::Auth(request) => asked(&Call::Auth(request.clone())),
        Logged::Lease(action) => lease(action),
        Logged::Alarm(request) => asked(&Call::Maintenance(MaintenanceRequest::Alarm(*request))),
        Logged::Password(words) | Logged::Members(words) => Details::new(words).field("change", words),
        Logged::Unreadable => Details::new("unreadable"),
    };
    let details = details.field("index", &entry.index).field("term", &entry.term);
    match proposed_by {
        Some(member) => details.field("proposed_by", &member),
        None => details,
    }
}

fn lease(action: &LeaseAction) -> Details {
    match action {
        LeaseAction::Grant(grant) => {
            question(&Request::Lease(LeaseRequest::Grant { id: grant.id, ttl_s: grant.ttl_s }))
        }
        LeaseAction::Revoke(revoke) => question(&Request::Lease(LeaseRequest::Revoke { id: revoke.id })),
        LeaseAction::Checkpoint(checkpoints) => {
            let leases: Vec<i64> = checkpoints.iter().map(|checkpoint| checkpoint.id).collect();
            Details::new(format_args!("checkpoint of {} leases", leases.len())).field("leases", &leases)
        }
    }
}

/// The details of something with entries, in these words.
pub(super) fn listed(words: String, entries: &[WalEntry]) -> Details {
    let entries: Vec<(u64, Details)> = entries.iter().map(|one| (one.index, entry(one))).collect();
    together(words, entries.iter().map(|(index, details)| (*index, details)))
}

/// The details of several entries, each behind its index: one that is proposed has none yet.
pub(super) fn together<'d>(
    mut words: String,
    entries: impl Iterator<Item = (u64, &'d Details)> + Clone,
) -> Details {
    for (index, entry) in entries.clone() {
        words.push_str(if words.is_empty() { "" } else { "; " });
        if index > 0 {
            let _ = write!(words, "#{index} ");
        }
        words.push_str(entry.words());
    }
    let keys = entries.clone().flat_map(|(_, entry)| entry.keys().to_vec());
    Details::new(words).of_keys(keys).with_list("entries", entries.map(|(_, entry)| entry))
}
