//! Those who held a lock or led an election, held against the keys that make them owners.

use super::certainty::is_certain;
use super::guard;
use super::ownership::{Life, Ownership};
use crate::bytes::Bytes;
use crate::evidence::{Evidence, Exhibit};
use crate::guarantee::Case;
use crate::history::{Hold, HoldKind, Revision};
use crate::replay::Line;
use crate::verdict::Verdict;
use std::collections::{BTreeMap, BTreeSet};

/// The findings on the owners under some names.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) examined: u64,
    evidence: Option<Evidence>,
    undecided: Option<String>,
}

impl Findings {
    /// Something that must not be. It counts if the keys are certain; otherwise it leaves the guarantee undecided.
    pub(super) fn report(&mut self, is_certain: bool, evidence: Evidence) {
        match is_certain {
            true => drop(self.evidence.get_or_insert(evidence)),
            false => {
                self.undecided(format!("{}, unless keys changed otherwise than it seems", evidence.message))
            }
        }
    }

    /// Something that cannot be told.
    pub(super) fn undecided(&mut self, why: String) {
        self.undecided.get_or_insert(why);
    }
}

/// The verdict of a check of the owners of the keys under some names.
pub(super) fn by_ownership(
    case: &Case<'_>,
    names: BTreeSet<&Bytes>,
    check: impl FnOnce(&Line, &BTreeMap<&Bytes, Ownership<'_>>, &mut Findings),
) -> Verdict {
    if names.is_empty() {
        return Verdict::Vacuous;
    }
    let mut undecided = None;
    let verdict = case.by_line(|line| {
        let mut findings = Findings::default();
        check(line, &Ownership::of(line, names), &mut findings);
        undecided = findings.undecided;
        (findings.examined, findings.evidence)
    });
    match undecided {
        Some(why) if !verdict.is_violated() => Verdict::Unknown { why },
        _ => verdict,
    }
}

/// The holds of a kind, with their indexes.
pub(super) fn holds_of<'h>(case: &Case<'h>, kind: HoldKind) -> impl Iterator<Item = (usize, &'h Hold)> {
    case.history.holds.iter().enumerate().filter(move |(_, hold)| hold.kind == kind)
}

/// Examines every hold of a kind, and every write that was guarded by its key meanwhile: at the revision at which
/// it was acquired its key was there, as it was created, and no other stood before it; and those of different
/// holders do not overlap.
pub(super) fn exclusive(
    case: &Case<'_>,
    kind: HoldKind,
    line: &Line,
    owners: &BTreeMap<&Bytes, Ownership<'_>>,
    findings: &mut Findings,
) {
    // By name: from when, until when, the hold and the life of its key.
    let mut held: BTreeMap<&Bytes, Vec<(Revision, Revision, usize, usize)>> = BTreeMap::new();
    for (index, hold) in holds_of(case, kind) {
        findings.examined += 1;
        let under = &owners[&hold.name];
        if hold.acquired_revision > line.end() {
            findings.undecided(format!(
                "nothing is known of revision {}, at which a hold began",
                hold.acquired_revision
            ));
        } else if let Some(life) = owned(case, line, under, index, findings) {
            let until = under.lives[life].deleted;
            held.entry(&hold.name).or_default().push((hold.acquired_revision, until, index, life));
        }
    }
    for (name, mut held) in held {
        held.sort_unstable();
        overlaps(case, line, name, &held, findings);
    }
    guard::examine(case, kind, line, owners, findings);
}

/// The life of the key of a hold, if that was first when it was acquired.
fn owned(
    case: &Case<'_>,
    line: &Line,
    under: &Ownership<'_>,
    index: usize,
    findings: &mut Findings,
) -> Option<usize> {
    let hold = &case.history.holds[index];
    let at = hold.acquired_revision;
    let shown = |kind: &str, message: String, writers: &[Revision]| {
        let writers = writers.iter().filter_map(|revision| case.writer(line, *revision));
        Evidence::new(
            kind,
            message,
            [Exhibit::hold(case.history, index)].into_iter().chain(writers).collect(),
        )
    };
    let Some(life) = under.life_at(&hold.key, at) else {
        let last =
            line.last_change(&hold.key, at).map(|(revision, change)| (revision, change.after.is_none()));
        let (holder, name, key) = (hold.client, &hold.name, &hold.key);
        let what = match last {
            Some((deleted, true)) => format!("was deleted at revision {deleted}"),
            Some((_, false)) => "is none of that name".to_owned(),
            None => "never was".to_owned(),
        };
        let message = format!("{holder} took {name} at revision {at}, and its key {key} {what}");
        let last = last.map(|(revision, _)| revision);
        let is_certain = is_certain(case, line, &hold.name, last.unwrap_or(2), at);
        findings.report(is_certain, shown("no-key", message, last.as_slice()));
        return None;
    };
    let Life { key, created, .. } = under.lives[life];
    if ![0, created].contains(&hold.create_revision) {
        let message = format!(
            "{} took {} with {key} as of revision {}, which was created at revision {created}",
            hold.client, hold.name, hold.create_revision
        );
        let first = created.min(hold.create_revision);
        findings
            .report(is_certain(case, line, &hold.name, first, at), shown("another-key", message, &[created]));
        return None;
    }
    if let Some(ahead) = under.ahead_of(life, at) {
        let ahead = &under.lives[ahead];
        let message = format!(
            "{} took {} at revision {at} with {key} of revision {created}, although {} of revision {} was still there",
            hold.client, hold.name, ahead.key, ahead.created
        );
        let is_certain = is_certain(case, line, &hold.name, ahead.created, at);
        findings.report(is_certain, shown("not-first", message, &[ahead.created, created]));
        return None;
    }
    Some(life)
}

/// Compares the revisions during which holders of one name held it, in order.
fn overlaps(
    case: &Case<'_>,
    line: &Line,
    name: &Bytes,
    held: &[(Revision, Revision, usize, usize)],
    findings: &mut Findings,
) {
    let mut longest: Option<(Revision, Revision, usize, usize)> = None;
    for (from, until, index, life) in held.iter().copied() {
        if let Some((first, end, other, others)) = longest
            && life != others
            && from < end
        {
            let message = format!("{name} had two holders from revision {from} on");
            let exhibits = [index, other].map(|index| Exhibit::hold(case.history, index)).to_vec();
            let is_certain = is_certain(case, line, name, first, from);
            findings.report(is_certain, Evidence::new("two-holders", message, exhibits));
        }
        if longest.is_none_or(|(_, end, ..)| end <= until) {
            longest = Some((from, until, index, life));
        }
    }
}
