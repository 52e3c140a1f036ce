//! Writes that are guarded by an ownership key: a txn that compares the key's create revision, mod revision or
//! version, as `Mutex::IsOwner` does (etcd: `client/v3/concurrency/key.go`, `mutex.go`), and proclamations.

use super::certainty::is_certain;
use super::holders::{Findings, holds_of};
use super::ownership::Ownership;
use crate::bytes::Bytes;
use crate::evidence::{Evidence, Exhibit};
use crate::guarantee::Case;
use crate::history::modified;
use crate::history::{
    ClientId, Compare, CompareResult, CompareTarget, ElectionRequest, HoldKind, Operation, Request, Response,
    Revision,
};
use crate::replay::Line;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Examines every write that a holder guarded by its key while it believed that it held: it owned the key at the
/// revision before.
pub(super) fn examine(
    case: &Case<'_>,
    kind: HoldKind,
    line: &Line,
    owners: &BTreeMap<&Bytes, Ownership<'_>>,
    findings: &mut Findings,
) {
    let mut holds: BTreeMap<(ClientId, &Bytes), Vec<usize>> = BTreeMap::new();
    holds_of(case, kind).for_each(|(at, hold)| holds.entry((hold.client, &hold.key)).or_default().push(at));
    for (index, operation) in case.history.operations.iter().enumerate() {
        let Some(revision) = written_at(operation) else { continue };
        for key in guards(&operation.request) {
            let Some(holds) = holds.get(&(operation.client, key)) else { continue };
            let believed = holds.iter().find(|hold| {
                let hold = &case.history.holds[**hold];
                (hold.from_ns..=hold.until_ns.unwrap_or(u64::MAX)).contains(&operation.invoke_ns)
            });
            let Some(believed) = believed.copied() else { continue };
            findings.examined += 1;
            let hold = &case.history.holds[believed];
            let under = &owners[&hold.name];
            // Of one that never owned it the hold itself tells.
            let Some(held) = under.life_at(key, hold.acquired_revision) else { continue };
            let before = revision - 1;
            if under.life_at(key, before) != Some(held) {
                let lost = under.lives[held].deleted;
                let message = format!(
                    "{} lost {key} at revision {lost}, and wrote under it at revision {revision}",
                    hold.client
                );
                let deleter = case.writer(line, lost);
                let own = [Exhibit::hold(case.history, believed), case.operation(index)];
                let evidence =
                    Evidence::new("wrote-after-loss", message, deleter.into_iter().chain(own).collect());
                let is_certain = is_certain(case, line, &hold.name, under.lives[held].created, before);
                findings.report(is_certain, evidence);
            }
        }
    }
}

/// The revision that an answered operation made, if it did and all of its conditions held.
fn written_at(operation: &Operation) -> Option<Revision> {
    match operation.response()? {
        Response::Txn(txn) if !txn.succeeded => None,
        response @ (Response::Txn(_) | Response::Election(_)) => {
            modified(response).then_some(response.header().revision)
        }
        _ => None,
    }
}

/// The keys without which a request does nothing.
fn guards(request: &Request) -> Vec<&Bytes> {
    match request {
        Request::Txn(txn) => {
            txn.compare.iter().filter(|compare| is_guard(compare)).map(|compare| &compare.key).collect()
        }
        Request::Election(ElectionRequest::Proclaim { leader, .. }) => vec![&leader.key],
        _ => Vec::new(),
    }
}

/// True if a condition holds only of a key that is there.
fn is_guard(compare: &Compare) -> bool {
    let number = match compare.target {
        CompareTarget::Version(number)
        | CompareTarget::CreateRevision(number)
        | CompareTarget::ModRevision(number) => number,
        CompareTarget::Value(_) | CompareTarget::Lease(_) => return false,
    };
    let holds_without = match (compare.result, 0.cmp(&number)) {
        (CompareResult::Equal, order) => order == Ordering::Equal,
        (CompareResult::NotEqual, order) => order != Ordering::Equal,
        (CompareResult::Greater, order) => order == Ordering::Greater,
        (CompareResult::Less, order) => order == Ordering::Less,
    };
    compare.range_end.is_empty() && !holds_without
}
