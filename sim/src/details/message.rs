//! The details of the messages between members.

use super::entry;
use crate::trace::Details;
use revline_store::key_range::KeyRange;
use revline_store::peer::{PeerFields, PeerMessage};

/// The details of a message.
pub(crate) fn message(message: &PeerMessage) -> Details {
    match message.fields() {
        PeerFields::Raft { term, log_term, index, commit, reject, entries, snapshot } => {
            let parts = [
                (term > 0).then(|| format!("term {term}")),
                (index > 0).then(|| format!("at {index} of term {log_term}")),
                (commit > 0).then(|| format!("commit {commit}")),
                reject.then(|| "refused".to_owned()),
                snapshot.map(|(index, term)| format!("snapshot up to {index} of term {term}")),
            ];
            let words = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
            let details = entry::listed(words, &entries)
                .field("term", &term)
                .field("log_term", &log_term)
                .field("index", &index)
                .field("commit", &commit)
                .field("reject", &reject);
            match snapshot {
                Some((index, term)) => {
                    // A snapshot has every key.
                    let every = KeyRange::Span { start: b"".into(), end: None };
                    details.field("snapshot_index", &index).field("snapshot_term", &term).of_keys([every])
                }
                None => details,
            }
        }
        PeerFields::LeaseQuestion { lease } => {
            Details::new(format_args!("lease {lease:x}")).field("lease", &lease)
        }
        PeerFields::LeaseAnswer { ttl_s, keys } => Details::new(format_args!("{ttl_s} s left"))
            .field("ttl_s", &ttl_s)
            .of_keys(keys.into_iter().map(KeyRange::One)),
        PeerFields::Hash { revision, hash, round: (start, number) } => {
            let words = match hash {
                Some(hash) => format!("round {start}.{number}: hash {hash:08x} at revision {revision}"),
                None => format!("round {start}.{number}: at revision {revision}"),
            };
            Details::new(words).field("revision", &revision).field("hash", &hash)
        }
    }
}
