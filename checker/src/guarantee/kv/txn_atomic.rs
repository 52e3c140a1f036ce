//! `txn-atomic`: no read, txn or watch observes part of a txn.
//!
//! etcd's API guarantee "Atomicity" (`tests/robustness/validate/watch.go`, `validateAtomic`, and its model's
//! txns). A txn that was refused, and the branch that a txn did not take, are parts that must not be seen
//! at all.

use crate::bytes::Bytes;
use crate::evidence::Evidence;
use crate::guarantee::{Case, Guarantee};
use crate::history::{
    ElectionRequest, EventKind, History, LockRequest, Outcome, PutRequest, Request, Response, Revision,
    TxnRequest, Watch,
};
use crate::replay::{Change, Difference, Flaw, Line, Witness, differences, seen_in, wants};
use crate::verdict::Verdict;
use std::collections::{BTreeMap, BTreeSet};

/// The row of this guarantee in the table.
pub(in crate::guarantee) const GUARANTEE: Guarantee =
    Guarantee { name: "txn-atomic", about: "no read, txn or watch observes part of a txn", check };

/// Examines every revision of several keys of which something was seen, and what each watch showed of it.
pub(in crate::guarantee) fn check(case: &Case<'_>) -> Verdict {
    case.by_line(|line| {
        let several = |revision: &Revision| line.changes(*revision).len() > 1 && line.seen(*revision) > 0;
        let mut examined = (2..=line.end()).filter(several).count() as u64;
        let in_a_watch = part_in_a_watch(case, line, &mut examined);
        let in_a_watch = in_a_watch.or_else(|| two_revisions(case));
        let evidence = in_a_watch.or_else(|| match line.flaws.is_empty() {
            true => None,
            false => part_in_a_read(case, line)
                .or_else(|| parts_apart(case.history).map(|parts| parts.shown(case))),
        });
        (examined, evidence)
    })
}

/// A txn whose own answer says that it wrote at two revisions.
fn two_revisions(case: &Case<'_>) -> Option<Evidence> {
    case.history.operations.iter().enumerate().find_map(|(index, operation)| {
        let Response::Txn(txn) = operation.response()? else { return None };
        let revision = txn.header.revision;
        let other = super::revision::other_revision(&txn.responses, revision)?;
        let message = format!("a txn at revision {revision} wrote at revision {other}");
        Some(Evidence::new("two-revisions", message, vec![case.operation(index)]))
    })
}

/// A watch that delivered some of a revision and not the rest that it asked for.
fn part_in_a_watch(case: &Case<'_>, line: &Line, examined: &mut u64) -> Option<Evidence> {
    for (index, watch) in case.history.watches.iter().enumerate() {
        let mut delivered = watch.events().peekable();
        while let Some((frame, event, first)) = delivered.next() {
            let revision = first.kv.mod_revision;
            let changes = line.changes(revision);
            let mut keys = vec![&first.kv.key];
            let mut open = watch.frames[frame].fragment;
            while let Some((next, _, event)) =
                delivered.next_if(|(.., next)| next.kv.mod_revision == revision)
            {
                keys.push(&event.kv.key);
                open = watch.frames[next].fragment;
            }
            if changes.len() < 2 {
                continue;
            }
            *examined += 1;
            let mut unseen =
                changes.iter().filter(|change| wanted(watch, change) && !keys.contains(&&change.key));
            let missing = unseen.find(|change| line.is_known(revision, change));
            // A stream that broke between two fragments delivered nothing in whole yet.
            if let Some(missing) = missing.filter(|_| !open || delivered.peek().is_some()) {
                let message = format!(
                    "a watch showed {} as of revision {revision}, and not {}, which was changed with it",
                    first.kv.key, missing.key
                );
                let shown = case.witness(Witness::Event(index, frame, event));
                let exhibits = [shown].into_iter().chain(case.writer(line, revision)).collect();
                return Some(Evidence::new("part-in-a-watch", message, exhibits));
            }
        }
    }
    None
}

fn wanted(watch: &Watch, change: &Change) -> bool {
    let kind = if change.after.is_some() { EventKind::Put } else { EventKind::Delete };
    wants(watch, &change.key, kind)
}

/// A read that shows some keys as a revision left them and others as they were before it.
fn part_in_a_read(case: &Case<'_>, line: &Line) -> Option<Evidence> {
    line.flaws[..line.proven].iter().find_map(|flaw| {
        let Flaw::WrongResponse { operation, revision, expected } = flaw else { return None };
        let reader = &case.history.operations[*operation];
        let got = reader.response()?;
        let found = differences(line, *revision, &reader.request, got, expected.as_ref());
        let mut seen = BTreeMap::new();
        seen_in(&reader.request, got, &mut |kv, _| {
            seen.insert(&kv.key, kv.mod_revision);
        });
        found.iter().find_map(|difference| {
            let Difference::Lost { key, revision } = difference else { return None };
            let other = line.changes(*revision).iter().find(|change| {
                change.key != *key && change.after.is_some() && seen.get(&change.key) == Some(revision)
            })?;
            let message = format!(
                "{} was read as of revision {revision}, and {key}, which was changed with it, was not",
                other.key
            );
            let exhibits =
                [case.operation(*operation)].into_iter().chain(case.writer(line, *revision)).collect();
            Some(Evidence::new("part-in-a-read", message, exhibits))
        })
    })
}

/// The puts of one txn, or of one branch of it, identified by values that no other request puts.
struct Parts {
    kind: &'static str,
    txn: usize,
    seen: Vec<(Revision, Witness)>,
}

impl Parts {
    fn shown(&self, case: &Case<'_>) -> Evidence {
        let message = match self.kind {
            "parts-apart" => {
                format!("parts of one txn were seen at revisions {} and {}", self.seen[0].0, self.seen[1].0)
            }
            "refused-txn" => {
                format!("a txn was refused, and part of it was seen at revision {}", self.seen[0].0)
            }
            _ => {
                format!("a txn did not take a branch, and part of it was seen at revision {}", self.seen[0].0)
            }
        };
        let seen = self.seen.iter().map(|(_, witness)| case.witness(*witness));
        Evidence::new(self.kind, message, std::iter::once(case.operation(self.txn)).chain(seen).collect())
    }
}

/// A txn whose puts were seen at different revisions, or at all although they must not have happened.
fn parts_apart(history: &History) -> Option<Parts> {
    let origins = origins(history);
    let mut seen: BTreeMap<(usize, bool), (Revision, Witness)> = BTreeMap::new();
    let mut apart = None;
    sightings(history, &mut |key, value, revision, witness| {
        let Some(Some((txn, branch))) = origins.get(&(key, value)).copied() else { return };
        if apart.is_some() {
            return;
        }
        let kind = match &history.operations[txn].outcome {
            Outcome::Failed(_) => Some("refused-txn"),
            Outcome::Ok(Response::Txn(response)) if response.succeeded != branch => Some("other-branch"),
            _ => None,
        };
        if let Some(kind) = kind {
            apart = Some(Parts { kind, txn, seen: vec![(revision, witness)] });
            return;
        }
        let first = *seen.entry((txn, branch)).or_insert((revision, witness));
        if first.0 != revision {
            apart = Some(Parts { kind: "parts-apart", txn, seen: vec![first, (revision, witness)] });
        }
    });
    apart
}

/// Maps a key and value to the txn, and its branch, that is the only request to put it.
///
/// A put with `ignore_value` gives what a txn brought another revision, and locks and elections put keys of their
/// own: keys that either may have put have no origin.
fn origins<'h>(history: &'h History) -> BTreeMap<(&'h Bytes, &'h Bytes), Option<(usize, bool)>> {
    let mut origins = BTreeMap::new();
    let (mut carried, mut names) = (BTreeSet::new(), BTreeSet::new());
    for (index, operation) in history.operations.iter().enumerate() {
        let mut add = |put: &'h PutRequest, origin| {
            if put.ignore_value {
                carried.insert(&put.key);
            }
            origins.entry((&put.key, &put.value)).and_modify(|known| *known = None).or_insert(origin);
        };
        match &operation.request {
            Request::Put(put) => add(put, None),
            Request::Txn(TxnRequest { success, failure, .. }) => {
                puts(success, &mut |put| add(put, Some((index, true))));
                puts(failure, &mut |put| add(put, Some((index, false))));
            }
            Request::Lock(LockRequest::Lock { name, .. })
            | Request::Election(ElectionRequest::Campaign { name, .. }) => {
                names.insert(name.as_slice());
            }
            Request::Election(ElectionRequest::Proclaim { leader, .. }) => {
                carried.insert(&leader.key);
            }
            _ => {}
        }
    }
    let is_of_a_name = |key: &Bytes| {
        let name = key.as_slice().iter().rposition(|byte| *byte == b'/').map(|end| &key.as_slice()[..end]);
        name.is_some_and(|name| names.contains(name))
    };
    origins.retain(|(key, _), _| !carried.contains(key) && !is_of_a_name(key));
    origins
}

fn puts<'h>(requests: &'h [Request], see: &mut impl FnMut(&'h PutRequest)) {
    for request in requests {
        match request {
            Request::Put(put) => see(put),
            // Of a nested txn it is not known here which branch ran: what it puts has no single origin.
            Request::Txn(txn) => {
                for _ in 0..2 {
                    puts(&txn.success, see);
                    puts(&txn.failure, see);
                }
            }
            Request::Range(_) | Request::Delete(_) | Request::Compact(_) => {}
            Request::Lease(_) | Request::Lock(_) | Request::Election(_) | Request::Auth(_) => {}
        }
    }
}

fn sightings<'h>(history: &'h History, see: &mut impl FnMut(&'h Bytes, &'h Bytes, Revision, Witness)) {
    for (index, operation) in history.operations.iter().enumerate() {
        if let Some(response) = operation.response() {
            seen_in(&operation.request, response, &mut |kv, with_value| {
                if with_value {
                    see(&kv.key, &kv.value, kv.mod_revision, Witness::Operation(index));
                }
            });
        }
    }
    for (index, watch) in history.watches.iter().enumerate() {
        for (frame, at, event) in watch.events().filter(|(.., event)| event.kind == EventKind::Put) {
            let witness = Witness::Event(index, frame, at);
            see(&event.kv.key, &event.kv.value, event.kv.mod_revision, witness);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::build::*;

    fn both() -> Request {
        txn([], [put("a", "2"), put("b", "2")], [put("c", "2")])
    }

    fn judged(build: impl FnOnce(&mut Builder)) -> Verdict {
        let mut h = Builder::default();
        h.ok(0, put("a", "1"), written(2));
        build(&mut h);
        check(&Case::new(&h.build()))
    }

    fn kind(build: impl FnOnce(&mut Builder)) -> String {
        let verdict = judged(build);
        verdict.evidence().unwrap_or_else(|| panic!("{verdict}")).kind.clone()
    }

    fn done(h: &mut Builder) {
        h.ok(0, both(), decided(3, true, [written(3), written(3)]));
    }

    #[test]
    fn accepts_txns_seen_as_a_whole() {
        let verdict = judged(|h| {
            done(h);
            h.ok(1, range("a", "c"), ranged(3, [kv("a", "2", 2, 3, 2), kv("b", "2", 3, 3, 1)]));
            h.ok(1, serializable("a", "c"), ranged(2, [kv("a", "1", 2, 2, 1)]));
            let watch = h.watch(1, watching("a", "c", 2));
            h.created(watch, 3);
            h.events(watch, [put_event(kv("a", "1", 2, 2, 1))]);
            h.events(watch, [put_event(kv("a", "2", 2, 3, 2)), put_event(kv("b", "2", 3, 3, 1))]);
            let one = h.watch(1, watching("b", "", 2));
            h.created(one, 3);
            h.events(one, [put_event(kv("b", "2", 3, 3, 1))]);
        });
        assert_eq!(verdict, Verdict::Holds { examined: 3 });
        assert_eq!(judged(done), Verdict::Vacuous);
    }

    #[test]
    fn rejects_a_read_of_a_part() {
        let read = |request| {
            kind(|h| {
                done(h);
                h.ok(1, request, ranged(3, [kv("a", "1", 2, 2, 1), kv("b", "2", 3, 3, 1)]));
            })
        };
        assert_eq!(read(range("a", "c")), "part-in-a-read");
        assert_eq!(read(serializable("a", "c")), "part-in-a-read");
    }

    #[test]
    fn does_not_take_a_read_without_any_of_it_for_a_part() {
        let verdict = judged(|h| {
            done(h);
            h.ok(1, get("b"), ranged(3, [kv("b", "2", 3, 3, 1)]));
            h.ok(1, get("a"), ranged(3, [kv("a", "2", 2, 3, 2)]));
            h.ok(1, range("a", "c"), ranged(3, [kv("a", "1", 2, 2, 1)]));
        });
        assert!(verdict.holds(), "{verdict}");
    }

    #[test]
    fn rejects_a_watch_of_a_part() {
        let kind = kind(|h| {
            done(h);
            let watch = h.watch(1, watching("a", "c", 3));
            h.created(watch, 3);
            h.events(watch, [put_event(kv("a", "2", 2, 3, 2))]);
        });
        assert_eq!(kind, "part-in-a-watch");
    }

    #[test]
    fn accepts_a_stream_that_broke_between_fragments() {
        let part = |then: &dyn Fn(&mut Builder, usize)| {
            judged(|h| {
                done(h);
                let request = crate::history::WatchRequest { fragment: true, ..watching("a", "c", 3) };
                let watch = h.watch(1, request);
                h.created(watch, 3);
                let events = vec![put_event(kv("a", "2", 2, 3, 2))];
                h.frame(watch, crate::history::WatchFrame { events, fragment: true, ..Default::default() });
                then(h, watch);
            })
        };
        assert!(part(&|_, _| ()).holds());
        assert!(part(&|h, watch| h.events(watch, [put_event(kv("b", "2", 3, 3, 1))])).holds());
        let other = part(&|h, watch| h.events(watch, [put_event(kv("a", "3", 2, 4, 3))]));
        assert_eq!(other.evidence().unwrap().kind, "part-in-a-watch");
    }

    #[test]
    fn rejects_a_txn_at_two_revisions() {
        assert_eq!(
            kind(|h| {
                h.ok(0, both(), decided(4, true, [written(3), written(4)]));
            }),
            "two-revisions"
        );
        let kind = kind(|h| {
            h.ok(0, both(), decided(4, true, []));
            h.ok(1, get("a"), ranged(4, [kv("a", "2", 2, 3, 2)]));
            h.ok(1, get("b"), ranged(4, [kv("b", "2", 4, 4, 1)]));
        });
        assert_eq!(kind, "parts-apart");
    }

    #[test]
    fn does_not_take_what_others_put_for_a_part() {
        let apart = |other: Request| {
            let mut h = Builder::default();
            h.ok(0, txn([], [put("l/7", "")], []), decided(2, true, [written(2)]));
            h.unknown(1, other);
            h.ok(2, get("l/7"), ranged(2, [kv("l/7", "", 2, 2, 1)]));
            h.ok(2, get("l/7"), ranged(5, [kv("l/7", "", 5, 5, 1)]));
            parts_apart(&h.build()).map(|parts| parts.kind)
        };
        let lock = |name: &str| Request::Lock(LockRequest::Lock { name: name.into(), lease: 7 });
        let keep = |key: &str| {
            Request::Put(PutRequest { key: key.into(), ignore_value: true, ..PutRequest::default() })
        };
        let campaign = |name: &str| {
            Request::Election(ElectionRequest::Campaign {
                name: name.into(),
                lease: 7,
                value: Bytes::default(),
            })
        };
        for other in [lock("l"), keep("l/7"), campaign("l")] {
            assert_eq!(apart(other.clone()), None, "{other:?}");
        }
        for other in [lock("m"), keep("l/8"), campaign("l/7")] {
            assert_eq!(apart(other.clone()), Some("parts-apart"), "{other:?}");
        }
    }

    #[test]
    fn rejects_what_a_refused_txn_or_an_untaken_branch_left() {
        assert_eq!(
            kind(|h| {
                h.failed(0, both(), "InvalidArgument", "etcdserver: key not found");
                h.ok(1, get("a"), ranged(3, [kv("a", "2", 2, 3, 2)]));
            }),
            "refused-txn"
        );
        assert_eq!(
            kind(|h| {
                done(h);
                h.ok(1, get("c"), ranged(4, [kv("c", "2", 4, 4, 1)]));
            }),
            "other-branch"
        );
    }
}
