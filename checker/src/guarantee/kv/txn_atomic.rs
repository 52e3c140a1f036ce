//! `txn-atomic`: no read, txn or watch observes part of a txn.
//!
//! etcd's API guarantee "Atomicity" (`tests/robustness/validate/watch.go`, `validateAtomic`, and its model's
//! txns). A txn that was refused, and the branch that a txn did not take, are parts that must not be seen
//! at all.

#[cfg(test)]
mod by_hand;

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
            let received_ns = watch.frames[frame].received_ns;
            let mut unseen = changes.iter().filter(|change| {
                wanted(watch, change)
                    && !keys.contains(&&change.key)
                    && !case.may_have_lost(line, revision, change, received_ns)
            });
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
