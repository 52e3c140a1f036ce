//! Ids and TTLs that a member settles before it proposes a grant.

use std::time::Duration;

use crate::api::LeaseGrantRequest;

/// No lease lives longer, in seconds (`MaxLeaseTTL`).
pub(super) const MAX_TTL_S: i64 = 9_000_000_000;

/// The shortest TTL that is granted, in seconds: one and a half election timeouts, rounded up
/// (`server/etcdserver/server.go`, `minTTL`).
pub fn min_ttl_s(election_timeout: Duration) -> i64 {
    let nanos = election_timeout.as_nanos() * 3 / 2;
    i64::try_from(nanos.div_ceil(1_000_000_000)).unwrap_or(MAX_TTL_S).min(MAX_TTL_S)
}

/// The grant to propose: with an id where the client gave none, and at least the minimal TTL. Settled before it
/// is proposed, so that all members grant the same.
pub fn settle(grant: &LeaseGrantRequest, min_ttl_s: i64, drawn_id: i64) -> LeaseGrantRequest {
    let id = if grant.id == 0 { drawn_id } else { grant.id };
    LeaseGrantRequest { id, ttl_s: grant.ttl_s.max(min_ttl_s) }
}

/// A positive id for a lease whose client gave none: a pure function of the id of the request.
pub(crate) fn draw_id(election_seed: u64, member: u64, incarnation: u64, sequence: u64) -> i64 {
    let mut name = [0; 24];
    name[..8].copy_from_slice(&member.to_le_bytes());
    name[8..16].copy_from_slice(&incarnation.to_le_bytes());
    name[16..].copy_from_slice(&sequence.to_le_bytes());
    let drawn = xxhash_rust::xxh3::xxh3_64_with_seed(&name, election_seed);
    ((drawn & i64::MAX as u64) as i64).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_ttl_is_rounded_up() {
        assert_eq!(min_ttl_s(Duration::from_millis(1000)), 2);
        assert_eq!(min_ttl_s(Duration::from_millis(2000)), 3);
        assert_eq!(min_ttl_s(Duration::from_millis(100)), 1);
    }

    #[test]
    fn drawn_ids_are_positive_and_differ() {
        let ids: std::collections::BTreeSet<i64> = (0..1000).map(|n| draw_id(7, 1, 1, n)).collect();
        assert_eq!(ids.len(), 1000);
        assert!(ids.first().is_some_and(|&id| id > 0));
        assert_ne!(draw_id(7, 1, 1, 1), draw_id(8, 1, 1, 1));
    }
}
