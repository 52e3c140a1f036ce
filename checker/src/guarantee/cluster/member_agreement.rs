//! `member-agreement`: at the same revision every member has the same content, and once healed and left
//! alone all members are at the same revision, and permit the same.
//!
//! etcd's own check is HashKV (`server/etcdserver/corrupt.go`): members that disagree at the same
//! revision and compacted revision raise the CORRUPT alarm. Where members were seen to raise it, they disagree,
//! or the check does not tell the truth: neither may be.

use super::content_hash::ContentHash;
use crate::evidence::{Evidence, Exhibit};
use crate::guarantee::{Case, Guarantee};
use crate::history::{
    AdminRequest, AdminResponse, AlarmKind, History, MemberId, Observation, Request, Revision,
};
use crate::verdict::Verdict;
use std::collections::BTreeMap;

/// The row of this guarantee in the table.
pub(in crate::guarantee) const GUARANTEE: Guarantee = Guarantee {
    name: "member-agreement",
    about: "at one revision every member has the same content, and after heal all reach the same revision",
    check,
};

/// Examines every hash that has another to compare with, and where members settled.
pub(in crate::guarantee) fn check(case: &Case<'_>) -> Verdict {
    let mut examined = 0;
    let different = compare_hashes(case.history, &mut examined);
    let evidence = different
        .or_else(|| compare_with_line(case, &mut examined))
        .or_else(|| of_another_revision(case, &mut examined))
        .or_else(|| corrupt_alarm(case.history, &mut examined))
        .or_else(|| compare_settled(case.history, &mut examined));
    Verdict::of(examined, evidence)
}

/// The hashes of all members at one revision and compacted revision.
struct Known {
    index: usize,
    member: MemberId,
    hash: u32,
    /// The one that the compaction at this very revision left, where it is another.
    of_compaction: Option<u32>,
}

fn compare_hashes(history: &History, examined: &mut u64) -> Option<Evidence> {
    let mut known: BTreeMap<(Revision, Revision), Known> = BTreeMap::new();
    for (index, observation) in history.observations.iter().enumerate() {
        let Observation::Hash { member, revision, compact_revision, hash, at_ns } = observation else {
            continue;
        };
        let Some(before) = known.get_mut(&(*revision, *compact_revision)) else {
            let of_compaction = None;
            known.insert(
                (*revision, *compact_revision),
                Known { index, member: *member, hash: *hash, of_compaction },
            );
            continue;
        };
        *examined += 1;
        let may_be_of_compaction =
            || before.of_compaction.is_none() && may_be_compacted_at(history, *revision, *at_ns);
        if before.hash == *hash || before.of_compaction == Some(*hash) {
            continue;
        }
        if may_be_of_compaction() {
            before.of_compaction = Some(*hash);
            continue;
        }
        let other = before.member;
        let message = format!("{other} and {member} have different content at revision {revision}");
        let exhibits = [index, before.index].map(|at| Exhibit::observation(history, at)).to_vec();
        return Some(Evidence::new("different-content", message, exhibits));
    }
    None
}

/// A hash that is not the one of what was written. Only where nothing was compacted yet, and nothing is guessed: members can
/// agree on a hash that leaves something out.
fn compare_with_line(case: &Case<'_>, examined: &mut u64) -> Option<Evidence> {
    let hashes = case.history.observations.iter().enumerate().filter_map(|(index, seen)| match seen {
        Observation::Hash { revision, compact_revision: ..=0, hash, .. } => Some((*revision, index, *hash)),
        _ => None,
    });
    let mut hashes: Vec<(Revision, usize, u32)> = hashes.collect();
    if hashes.is_empty() || !case.begins_with_store() {
        return None;
    }
    let line = case.line().ok().filter(|line| line.flaws.is_empty())?;
    // A key, or its lease, may be open where nobody was answered: a lock without a lease is granted one.
    let is_answered = |revision: &Revision| {
        let answered = |writer: usize| case.history.operations[writer].response().is_some();
        line.run_out().contains_key(revision) || line.writer(*revision).is_some_and(answered)
    };
    let open = (2..=line.last).find(|revision| !is_answered(revision)).unwrap_or(Revision::MAX);
    hashes.retain(|(revision, ..)| *revision <= line.last && *revision < open && line.is_settled(*revision));
    hashes.sort_unstable();
    let mut content = ContentHash::of_nothing();
    let (revision, index, written) = hashes
        .into_iter()
        .map(|(revision, index, hash)| (revision, index, hash, content.at(line, revision)))
        .inspect(|_| *examined += 1)
        .find_map(|(revision, index, hash, written)| {
            (hash != written).then_some((revision, index, written))
        })?;
    let message = format!("what was written up to revision {revision} has the hash {written:08x}");
    let mut exhibits = vec![Exhibit::observation(case.history, index)];
    exhibits.extend(case.writer(line, revision));
    Some(Evidence::new("wrong-hash", message, exhibits))
}

/// A hash of another revision than the one that was asked for: for 0, that of the member when it answered.
fn of_another_revision(case: &Case<'_>, examined: &mut u64) -> Option<Evidence> {
    let calls = case.history.admin_calls.iter().enumerate();
    let mut hashed = calls.filter_map(|(index, call)| match (&call.request, call.response()?) {
        // Before 3.6 there is no such field.
        (AdminRequest::HashKv { .. }, AdminResponse::Hash { hash_revision: 0, .. }) => None,
        (AdminRequest::HashKv { revision }, AdminResponse::Hash { header, hash_revision, .. }) => {
            Some((index, *revision, header.revision, *hash_revision))
        }
        _ => None,
    });
    let (index, asked, at, hashed) = hashed.find(|(_, asked, at, hashed)| {
        *examined += 1;
        // An empty store is at revision 1.
        if *asked == 0 { !(1..=*at).contains(hashed) } else { asked != hashed }
    })?;
    let message = match asked {
        0 => format!("revision {hashed} was hashed in place of the present one, {at}"),
        _ => format!("revision {hashed} was hashed in place of {asked}"),
    };
    Some(Evidence::new("hash-of-another-revision", message, vec![Exhibit::admin_call(case.history, index)]))
}

/// True if a compaction at this very revision may have happened by then. From then on members answer with the hash of what
/// that compaction kept. It keeps a tombstone at its revision, which another hash leaves out; where no key is left, the one
/// skips what was compacted before, and the other does not (etcd: `WriteKeyValue` in `server/storage/mvcc/hash.go`).
fn may_be_compacted_at(history: &History, at: Revision, by_ns: u64) -> bool {
    history.operations.iter().any(|operation| {
        operation.invoke_ns <= by_ns
            && matches!(&operation.request, Request::Compact(compact) if compact.revision == at)
    })
}

/// An alarm that a member holds something else. One for lack of space is none.
fn corrupt_alarm(history: &History, examined: &mut u64) -> Option<Evidence> {
    let corrupt = |observation: &Observation| {
        matches!(observation, Observation::Alarm { alarm: AlarmKind::Corrupt, by_operator: false, .. })
    };
    let index = history.observations.iter().position(corrupt)?;
    *examined += 1;
    let message = "the cluster found out while it ran that a member holds something else".to_owned();
    Some(Evidence::new("corrupt-alarm", message, vec![Exhibit::observation(history, index)]))
}

/// The state at which a member settled.
#[derive(Clone, Copy, Debug)]
struct Settled {
    index: usize,
    revision: Revision,
    /// The auth revision, and the hash of users, roles and permissions, where they are known.
    auth: (Option<u64>, Option<u64>),
}

/// Compares the last place of each member after each heal.
fn compare_settled(history: &History, examined: &mut u64) -> Option<Evidence> {
    let mut settled = BTreeMap::new();
    for (index, observation) in history.observations.iter().enumerate() {
        match observation {
            Observation::Healed { .. } => {
                if let Some(evidence) = agree(history, &settled, examined) {
                    return Some(evidence);
                }
                settled.clear();
            }
            Observation::Settled { member, revision, auth_revision, auth_hash, .. } => {
                let auth = (*auth_revision, *auth_hash);
                settled.insert(*member, Settled { index, revision: *revision, auth });
            }
            _ => {}
        }
    }
    agree(history, &settled, examined)
}

fn agree(history: &History, settled: &BTreeMap<MemberId, Settled>, examined: &mut u64) -> Option<Evidence> {
    let ahead = settled.values().max_by_key(|settled| settled.revision)?;
    let behind = settled.values().min_by_key(|settled| settled.revision)?;
    *examined += settled.len() as u64 - 1;
    let evidence = |kind, message, both: [&Settled; 2]| {
        let exhibits = both.map(|settled| Exhibit::observation(history, settled.index)).to_vec();
        Some(Evidence::new(kind, message, exhibits))
    };
    if ahead.revision != behind.revision {
        let message =
            format!("members settled at different revisions, {} and {}", behind.revision, ahead.revision);
        return evidence("different-revision", message, [behind, ahead]);
    }
    let differs =
        |one: Option<u64>, other: Option<u64>| one.zip(other).is_some_and(|(one, other)| one != other);
    let mut pairs = settled.values().zip(settled.values().skip(1));
    let (one, other) =
        pairs.find(|(one, other)| differs(one.auth.0, other.auth.0) || differs(one.auth.1, other.auth.1))?;
    let message = "members settled with different users, roles or permissions".to_owned();
    evidence("different-auth", message, [one, other])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guarantee::by_hand;
    use crate::history::build::*;

    fn hash(member: u64, revision: i64, compact_revision: i64, hash: u32) -> Observation {
        Observation::Hash { at_ns: 0, member: MemberId(member), revision, compact_revision, hash }
    }

    fn settled(member: u64, revision: i64) -> Observation {
        Observation::Settled {
            at_ns: 0,
            member: MemberId(member),
            revision,
            leader: None,
            auth_revision: None,
            auth_hash: None,
        }
    }

    fn judged(observations: &[Observation]) -> Verdict {
        by_hand::judged_observations(check, observations)
    }

    #[test]
    fn accepts_equal_hashes_and_hashes_that_cannot_be_compared() {
        assert_eq!(judged(&[hash(1, 5, 0, 9), hash(2, 5, 0, 9)]), Verdict::Holds { examined: 1 });
        assert_eq!(judged(&[hash(1, 5, 0, 9), hash(2, 6, 0, 8), hash(3, 5, 2, 7)]), Verdict::Vacuous);
    }

    #[test]
    fn a_compaction_at_the_revision_may_leave_another_hash_and_no_third_one() {
        let judged = |compacted_at: i64, hashes: &[u32]| {
            let mut history = Builder::default();
            history.ok(0, compact(compacted_at), compaction(6));
            let at_ns = u64::MAX / 2;
            for (member, hash) in (1..).zip(hashes) {
                let (member, revision) = (MemberId(member), 5);
                let hash = *hash;
                history.observation(Observation::Hash { at_ns, member, revision, compact_revision: 2, hash });
            }
            check(&Case::new(&history.build()))
        };
        assert!(judged(5, &[9, 8, 9, 8]).holds());
        for (compacted_at, hashes) in [(5, &[9, 8, 7][..]), (4, &[9, 8]), (5, &[9, 8, 9, 7])] {
            let verdict = judged(compacted_at, hashes);
            assert_eq!(verdict.evidence().unwrap().kind, "different-content", "{compacted_at} {hashes:?}");
        }
    }

    #[test]
    fn accepts_members_that_caught_up() {
        let healed = Observation::Healed { at_ns: 0, bound_ns: 1 };
        let history = [settled(1, 4), settled(2, 4), healed, settled(1, 5), settled(1, 6), settled(2, 6)];
        assert_eq!(judged(&history), Verdict::Holds { examined: 2 });
    }

    #[test]
    fn rejects_different_content() {
        for history in [
            [hash(1, 5, 2, 9), hash(2, 4, 2, 8), hash(2, 5, 2, 8)],
            [hash(1, 5, 2, 9), hash(1, 4, 2, 8), hash(1, 5, 2, 8)],
        ] {
            assert_eq!(judged(&history).evidence().unwrap().kind, "different-content");
        }
    }

    fn alarm(alarm: AlarmKind) -> Observation {
        Observation::Alarm { at_ns: 0, member: MemberId(2), alarm, by_operator: false }
    }

    #[test]
    fn accepts_an_alarm_for_lack_of_space() {
        let history = [hash(1, 5, 0, 9), alarm(AlarmKind::NoSpace), hash(2, 5, 0, 9)];
        assert_eq!(judged(&history), Verdict::Holds { examined: 1 });
    }

    #[test]
    fn rejects_a_corrupt_alarm_and_shows_different_content_where_it_can() {
        let history =
            [hash(1, 5, 0, 9), alarm(AlarmKind::NoSpace), alarm(AlarmKind::Corrupt), hash(2, 5, 0, 9)];
        let verdict = judged(&history);
        let evidence = verdict.evidence().unwrap();
        assert_eq!((evidence.kind.as_str(), evidence.exhibits.len()), ("corrupt-alarm", 1));
        let shown = [hash(1, 5, 0, 9), alarm(AlarmKind::Corrupt), hash(2, 5, 0, 8)];
        assert_eq!(judged(&shown).evidence().unwrap().kind, "different-content");
    }

    /// The content that etcd was asked to hash: put a = 1, put b = 2, then b is deleted.
    fn hashed_content(revision: i64, hash: u32) -> Verdict {
        by_hand::judged(check, |history| {
            history.ok(1, put("a", "1"), written(2));
            history.ok(1, put("b", "2"), written(3));
            history.ok(1, delete("b"), deleted(4, 1));
            let compact_revision = -1;
            history.observation(Observation::Hash {
                at_ns: 0,
                member: MemberId(1),
                revision,
                compact_revision,
                hash,
            });
        })
    }

    #[test]
    fn a_hash_is_that_of_what_was_written() {
        // CRC-32C of "key", then for each change its revision and its `mvccpb.KeyValue`, worked out with Python.
        for (revision, hash) in [(2, 0x9a39_6dd7), (3, 0x6cee_d8d6), (4, 0x4e73_f5c4)] {
            assert_eq!(hashed_content(revision, hash), Verdict::Holds { examined: 1 });
            assert_eq!(hashed_content(revision, hash + 1).evidence().unwrap().kind, "wrong-hash");
        }
    }

    #[test]
    fn a_hash_of_what_was_not_answered_is_not_judged() {
        let verdict = by_hand::judged(check, |history| {
            history.ok(1, put("a", "1"), written(2));
            // It waits for a lease that the member grants, and nobody heard of.
            history.unknown(2, lock("l", 0));
            history.ok(1, put("b", "1"), written(4));
            let (member, compact_revision) = (MemberId(1), -1);
            history.observation(Observation::Hash {
                at_ns: 0,
                member,
                revision: 4,
                compact_revision,
                hash: 1,
            });
        });
        assert_eq!(verdict, Verdict::Vacuous);
    }

    #[test]
    fn a_hash_is_of_the_revision_that_was_asked_for() {
        let judged = |asked: i64, of: i64| {
            by_hand::judged(check, |history| {
                history.admin(9, AdminRequest::HashKv { revision: asked }, hashed(5, of, -1, 7));
            })
        };
        for (asked, of) in [(0, 5), (0, 4), (3, 3)] {
            assert_eq!(judged(asked, of), Verdict::Holds { examined: 1 });
        }
        for (asked, of) in [(0, 6), (3, 5)] {
            assert_eq!(judged(asked, of).evidence().unwrap().kind, "hash-of-another-revision");
        }
    }

    fn permitting(member: u64, revision: u64, hash: u64) -> Observation {
        let (auth_revision, auth_hash) = (Some(revision), Some(hash));
        let member = MemberId(member);
        Observation::Settled { at_ns: 0, member, revision: 4, leader: None, auth_revision, auth_hash }
    }

    #[test]
    fn accepts_members_that_permit_the_same_or_do_not_say() {
        let history = [permitting(1, 7, 9), settled(2, 4), permitting(3, 7, 9)];
        assert_eq!(judged(&history), Verdict::Holds { examined: 2 });
        let healed = Observation::Healed { at_ns: 0, bound_ns: 1 };
        let history =
            [permitting(1, 6, 8), permitting(2, 6, 8), healed, permitting(1, 7, 9), permitting(2, 7, 9)];
        assert_eq!(judged(&history), Verdict::Holds { examined: 2 });
    }

    #[test]
    fn rejects_members_that_permit_something_else() {
        for history in [
            vec![permitting(1, 7, 9), permitting(2, 7, 9), permitting(3, 6, 9)],
            vec![permitting(1, 7, 9), permitting(2, 7, 8)],
        ] {
            assert_eq!(judged(&history).evidence().unwrap().kind, "different-auth");
        }
    }

    #[test]
    fn rejects_a_member_that_stays_behind() {
        let healed = Observation::Healed { at_ns: 0, bound_ns: 1 };
        for history in [
            vec![settled(1, 4), settled(2, 4), settled(3, 3)],
            vec![settled(1, 4), settled(2, 3), healed, settled(1, 4), settled(2, 4)],
        ] {
            assert_eq!(judged(&history).evidence().unwrap().kind, "different-revision");
        }
    }
}
