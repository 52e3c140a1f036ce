//! Locks and leaderships as their answers tell of them, whether or not a client recorded that it held them.
//!
//! A lock is answered at a revision at which its key is there and is the first of the name. A campaign is answered at
//! some revision between two others: what had been answered before it was asked, with the creation of its key, and the
//! lowest that was answered to what was asked after it. A refusal says that there is no leader, or that a key is gone,
//! at some revision between such two.

#[cfg(test)]
mod by_hand;

use super::certainty::is_certain;
use super::holders::Findings;
use super::ownership::{Life, Ownership};
use crate::bytes::Bytes;
use crate::evidence::Evidence;
use crate::guarantee::Case;
use crate::guarantee::lease::lease_api::Lessor;
use crate::history::*;
use crate::replay::{Ceilings, Line, Says, Span, said};
use std::collections::BTreeMap;

/// The names of which answers and refusals tell.
pub(super) fn names<'h>(case: &Case<'h>, kind: HoldKind) -> impl Iterator<Item = &'h Bytes> {
    let history = case.history;
    history.operations.iter().filter_map(move |operation| said(operation, kind).map(|(name, _)| name))
}

/// Examines every answer and refusal about locks, or about leaderships.
pub(super) fn examine(
    case: &Case<'_>,
    kind: HoldKind,
    line: &Line,
    owners: &BTreeMap<&Bytes, Ownership<'_>>,
    findings: &mut Findings,
) {
    let operations = &case.history.operations;
    let ceilings = Ceilings::of(case.history, |index, revision| line.certain_writer(revision) == Some(index));
    let mut lessor = None;
    for (index, operation) in operations.iter().enumerate() {
        let Some((name, said)) = said(operation, kind) else { continue };
        findings.examined += 1;
        let lessor = lessor.get_or_insert_with(|| Lessor::of(case.history));
        let floor = line.floors[index].map_or(1, |floor| floor.place.revision());
        let ceiling = ceilings.after(operation);
        let header = operation.response().map_or(0, |response| response.header().revision);
        let exact = (kind == HoldKind::Lock && header > 0).then_some((header, header));
        let (first, last) =
            exact.unwrap_or((floor.max(header), ceiling.unwrap_or(line.end()).min(line.end())));
        if first > last {
            continue;
        }
        let is_open = exact.is_none() && ceiling.is_none();
        Answer { case, line, lessor, index, name, under: &owners[name], first, last, is_open }
            .judge(said, findings);
    }
}

/// One answer, and the revisions between which it was given.
struct Answer<'c, 'h> {
    case: &'c Case<'h>,
    line: &'c Line,
    lessor: &'c Lessor<'h>,
    index: usize,
    name: &'h Bytes,
    under: &'c Ownership<'c>,
    first: Revision,
    last: Revision,
    /// True if nothing was asked after it, so that a later revision may have been there unseen.
    is_open: bool,
}

impl Answer<'_, '_> {
    fn judge(&self, said: Says<'_>, findings: &mut Findings) {
        let found = match said {
            Says::Owner { key, created } => self.owner(key, created),
            Says::Nobody => self.nobody(),
            Says::Lost { key, created } => self.lost(&key, created),
        };
        if let Some((from, until, evidence)) = found {
            findings.report(is_certain(self.case, self.line, self.name, from, until), evidence);
        }
    }

    fn evidence(&self, kind: &str, message: String, revisions: &[Revision]) -> Evidence {
        let writers = revisions.iter().filter_map(|revision| self.case.writer(self.line, *revision));
        let own = self.case.operation(self.index);
        let others = writers.filter(|writer| writer.place != own.place);
        Evidence::new(kind, message, std::iter::once(own.clone()).chain(others).collect())
    }

    /// The evidence against a key that is said to be the first, and the revisions that this rests on.
    fn owner(&self, key: &Bytes, created: Option<Revision>) -> Option<(Revision, Revision, Evidence)> {
        let (name, first) = (self.name, self.first);
        let life = match created {
            Some(created) if created > self.line.end() => return None,
            Some(created) => {
                self.under.life_at(key, created).filter(|life| self.under.lives[*life].created == created)
            }
            None => self.under.life_at(key, first),
        };
        let gone = |at: Revision, since: Option<Revision>| {
            let message = format!("{name} was answered at revision {at}, and its key {key} was not there");
            let from = since.unwrap_or(2).min(at);
            (from, at, self.evidence("no-key", message, since.as_slice()))
        };
        let Some(life) = life else {
            let at = created.unwrap_or(first);
            // It may be there as another one created it.
            let other = self.under.life_at(key, at).map(|life| self.under.lives[life].created);
            let since = other.or_else(|| self.line.last_change(key, at).map(|(revision, _)| revision));
            return Some(gone(at, since));
        };
        let Life { created, deleted, .. } = self.under.lives[life];
        let first = first.max(created);
        if deleted <= first {
            return Some(gone(first, Some(deleted)));
        }
        let until = self.last.max(first);
        let last = until.min(deleted - 1);
        let ahead = &self.under.lives[self.under.ahead_of(life, last)?];
        if self.is_open && last == self.line.end() && self.may_end(ahead) {
            return None;
        }
        let message = format!(
            "{name} was answered with {key} of revision {created}, although {} of revision {} was still there at {last}",
            ahead.key, ahead.created
        );
        // That the own key was deleted is part of what speaks against it: had it stood longer, the other may be gone.
        let rests_until = if last < until { deleted } else { last };
        Some((ahead.created, rests_until, self.evidence("not-first", message, &[ahead.created, created])))
    }

    /// The evidence against the absence of a leader.
    fn nobody(&self) -> Option<(Revision, Revision, Evidence)> {
        let mut at = self.first;
        let mut held: Option<&Life<'_>> = None;
        let from = self.under.lives.iter().find(|life| life.created <= at && at < life.deleted)?;
        while at <= self.last {
            let there = self.under.lives.iter().filter(|life| life.created <= at && at < life.deleted);
            let longest = there.max_by_key(|life| life.deleted)?;
            (at, held) = (longest.deleted, Some(longest));
        }
        let held = held?;
        if self.is_open && held.deleted == Revision::MAX && self.may_end(held) {
            return None;
        }
        let message = format!(
            "{} was said to have no leader, and {} led from revision {} on",
            self.name, from.key, from.created
        );
        Some((from.created, self.last, self.evidence("false-no-leader", message, &[from.created])))
    }

    /// The evidence against the loss of a key.
    fn lost(&self, key: &Bytes, created: Option<Revision>) -> Option<(Revision, Revision, Evidence)> {
        let life = &self.under.lives[self.under.life_at(key, self.last)?];
        let is_same =
            match created {
                Some(created) => life.created == created && created <= self.first,
                // The call put it itself if it was not there.
                None => !self.under.lives.iter().any(|other| {
                    other.key == key && self.first < other.deleted && other.deleted <= self.last
                }),
            };
        if !is_same || self.is_open && self.may_end(life) {
            return None;
        }
        let message = format!("{key} was said to be lost, and was there from revision {} on", life.created);
        let kind = if created.is_some() { "false-not-leader" } else { "false-session-expired" };
        Some((life.created, self.last, self.evidence(kind, message, &[life.created])))
    }

    /// True if a key may have been deleted at a revision after the last that was seen, while the operation was open.
    fn may_end(&self, life: &Life<'_>) -> bool {
        let history = self.case.history;
        let until_ns = history.operations[self.index].return_ns.unwrap_or(u64::MAX);
        let put = life.values.last();
        let lease = put.map_or(0, |kv| kv.lease);
        let writer = put.and_then(|kv| self.line.certain_writer(kv.mod_revision));
        let is_kept =
            lease == 0 || writer.is_some_and(|writer| stays(self.lessor, lease, writer, self.index));
        !is_kept
            || history.operations.iter().any(|operation| {
                operation.invoke_ns <= until_ns
                    && is_open(operation)
                    && may_end(&operation.request, life.key, lease)
            })
    }
}

/// True if a lease cannot have ended after one operation that needed it and before another was over.
fn stays(lessor: &Lessor<'_>, lease: i64, from: usize, until: usize) -> bool {
    lessor.kept_alive(lease, until).is_some()
        && lessor.makers(lease, until, Some(from)).is_empty()
        && !lessor.may_be_revoked(lease, from, until)
}

/// True if an operation may have changed keys without saying so.
fn is_open(operation: &Operation) -> bool {
    match operation.outcome {
        Outcome::Ok(_) => false,
        Outcome::Unknown(_) => true,
        // One that queued, and then gave up.
        Outcome::Failed(_) => matches!(operation.request, Request::Lock(_) | Request::Election(_)),
    }
}

/// True if a request may delete a key that is attached to a lease, or tie it to another one.
fn may_end(request: &Request, key: &Bytes, lease: i64) -> bool {
    match request {
        Request::Delete(delete) => Span::of_delete(delete).contains(key),
        Request::Txn(txn) => txn.branches().any(|request| may_end(request, key, lease)),
        Request::Put(put) => put.key == *key && put.lease != 0 && put.lease != lease,
        Request::Lock(LockRequest::Unlock { key: own }) => own == key,
        Request::Lock(LockRequest::Lock { name, lease: of })
        | Request::Election(ElectionRequest::Campaign { name, lease: of, .. }) => own_key(name, *of) == *key,
        Request::Election(ElectionRequest::Resign { leader } | ElectionRequest::Proclaim { leader, .. }) => {
            leader.key == *key
        }
        Request::Lease(LeaseRequest::Revoke { id }) => *id == lease,
        Request::Range(_) | Request::Compact(_) | Request::Lease(_) => false,
        Request::Election(_) | Request::Auth(_) => false,
    }
}

/// Two answers of one name that cannot both be right whoever made which revision: both were the first, and nothing can
/// have taken the earlier key away in between.
pub(super) fn both_first(case: &Case<'_>, kind: HoldKind) -> Option<Evidence> {
    let history = case.history;
    let mut by_name: BTreeMap<&Bytes, Vec<(Revision, usize, &Bytes)>> = BTreeMap::new();
    for (index, operation) in history.operations.iter().enumerate() {
        if let Some((name, Says::Owner { key, created })) = said(operation, kind) {
            let header = operation.response().map_or(0, |response| response.header().revision);
            let at = created.unwrap_or(header);
            if at > 0 {
                by_name.entry(name).or_default().push((at, index, key));
            }
        }
    }
    let lessor = (!by_name.is_empty()).then(|| Lessor::of(history))?;
    by_name.into_iter().find_map(|(name, mut answers)| {
        answers.sort_unstable();
        let pairs = answers.iter().zip(answers.iter().skip(1)).filter(|(one, other)| one.2 != other.2);
        pairs.into_iter().find_map(|((from, first, key), (until, second, _))| {
            let (one, other) = (&history.operations[*first], &history.operations[*second]);
            if kind == HoldKind::Leader && one.return_ns.is_none_or(|end_ns| end_ns >= other.invoke_ns) {
                // The one whose key was created later led before: that of the earlier was there all the time.
                let is_passed = other.return_ns.is_some_and(|end_ns| end_ns < one.invoke_ns);
                return is_passed.then(|| both(case, name, *second, *first));
            }
            let is_same = kind == HoldKind::Lock && from == until;
            let until = (kind == HoldKind::Lock).then_some(*until);
            let may_be_gone = may_be_gone(history, &lessor, (name, key), (*first, *from), (*second, until));
            (is_same || !may_be_gone).then(|| both(case, name, *second, *first))
        })
    })
}

/// True if a key of a name may have been deleted after it was answered to one operation as of a revision, and before
/// another was over: at a revision up to another, if that is told.
fn may_be_gone(
    history: &History,
    lessor: &Lessor<'_>,
    (name, key): (&Bytes, &Bytes),
    (first, from): (usize, Revision),
    (second, until): (usize, Option<Revision>),
) -> bool {
    let Some(lease) = lease_of(name, key) else { return true };
    let Some(end_ns) = history.operations[second].return_ns else { return true };
    let is_between = |operation: &Operation| match (operation.response(), &operation.request) {
        (
            Some(_),
            Request::Lock(LockRequest::Lock { .. })
            | Request::Election(ElectionRequest::Campaign { .. } | ElectionRequest::Proclaim { .. }),
        ) => false,
        (Some(response), _) => {
            let revision = response.header().revision;
            revision > from && until.is_none_or(|until| revision <= until)
        }
        (None, _) => is_open(operation),
    };
    let takes = |(index, operation): (usize, &Operation)| {
        index != second
            && operation.invoke_ns <= end_ns
            && is_between(operation)
            && may_end(&operation.request, key, lease)
    };
    !stays(lessor, lease, first, second) || history.operations.iter().enumerate().any(takes)
}

/// A refusal that says that there is no leader, or not this one, after a campaign was answered with a key that nothing
/// can have taken away since.
pub(super) fn denied_leader(case: &Case<'_>) -> Option<Evidence> {
    let history = case.history;
    let of_all = |index: usize| {
        said(&history.operations[index], HoldKind::Leader).map(|(name, said)| (index, name, said))
    };
    let all: Vec<_> = (0..history.operations.len()).filter_map(of_all).collect();
    let lessor = (!all.is_empty()).then(|| Lessor::of(history))?;
    all.iter().find_map(|(index, name, denied)| {
        let lost = match denied {
            Says::Owner { .. } => return None,
            Says::Nobody => None,
            Says::Lost { key, created } => Some((key, *created)),
        };
        all.iter().find_map(|(first, of, said)| {
            let Says::Owner { key, created: Some(created) } = said else { return None };
            let is_meant = of == name && lost.is_none_or(|lost| lost == (*key, Some(*created)));
            let is_there = is_meant
                && lessor.is_before(*first, *index)
                && !may_be_gone(history, &lessor, (name, key), (*first, *created), (*index, None));
            is_there.then(|| {
                let kind = if lost.is_some() { "false-not-leader" } else { "false-no-leader" };
                let message =
                    format!("{key} of revision {created} was said not to lead {name}, and was there");
                Evidence::new(kind, message, vec![case.operation(*index), case.operation(*first)])
            })
        })
    })
}

fn both(case: &Case<'_>, name: &Bytes, culprit: usize, other: usize) -> Evidence {
    let message = format!("{name} was answered to one, and the key of another was still there");
    Evidence::new("answered-while-held", message, vec![case.operation(culprit), case.operation(other)])
}

/// A key in an answer that is not the own key of the lease that was asked with.
pub(super) fn wrong_key(case: &Case<'_>, kind: HoldKind) -> Option<Evidence> {
    case.history.operations.iter().enumerate().find_map(|(index, operation)| {
        let (name, Says::Owner { key, .. }) = said(operation, kind)? else { return None };
        let asked = match &operation.request {
            Request::Lock(LockRequest::Lock { lease, .. })
            | Request::Election(ElectionRequest::Campaign { lease, .. }) => *lease,
            _ => return None,
        };
        let told = match operation.response()? {
            Response::Election(ElectionResponse::Campaign { leader, .. }) => {
                Some((&leader.name, leader.lease))
            }
            _ => None,
        };
        let lease = lease_of(name, key);
        let is_right = lease.is_some_and(|lease| asked == 0 || asked == lease)
            && told.is_none_or(|(told, of)| told == name && Some(of) == lease);
        let message = format!("{key} is not the key that lease {} has under {name}", LeaseId(asked));
        (!is_right).then(|| Evidence::new("another-key", message, vec![case.operation(index)]))
    })
}
