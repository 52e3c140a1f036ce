//! `alarm-respected`: while NOSPACE stands, no put, grant or txn that puts succeeds anew, and what needs no space goes
//! on; while CORRUPT stands nothing is applied; an alarm stands until it is disarmed, and no longer.
//!
//! etcd: `server/etcdserver/api/v3alarm/alarms.go`, `applierV3Capped` and `applierV3Corrupt` in
//! `server/etcdserver/apply`. Requests about alarms go through the log, like writes: each has a place among these.

#[cfg(test)]
mod by_hand;
mod moment;

use crate::evidence::{Evidence, Exhibit};
use crate::guarantee::kv::space::is_false_no_space;
use crate::guarantee::{Case, Guarantee};
use crate::history::{
    AdminRequest, Alarm, AlarmAction, AlarmKind, Error, LeaseRequest, Observation, Outcome, Request,
};
use crate::verdict::Verdict;
use moment::{Floors, Moment};
use std::collections::{BTreeMap, BTreeSet};

/// The row of this guarantee in the table.
pub(in crate::guarantee) const GUARANTEE: Guarantee = Guarantee {
    name: "alarm-respected",
    about: "nothing is put while NOSPACE stands, nothing applied while CORRUPT does, until the alarm is disarmed",
    check,
};

/// `ErrCorrupt`, but for etcd's prefix.
const CORRUPT: &str = "corrupt cluster";

/// The source of what is known of an alarm.
#[derive(Clone, Copy, Debug)]
enum Source {
    Call(usize),
    Observation(usize),
}

/// Something that says of an alarm that it stood, or that it did not; or that may have raised or disarmed it.
#[derive(Clone, Copy, Debug)]
struct Seen {
    source: Source,
    moment: Moment,
}

/// All that is known of one alarm.
#[derive(Debug, Default)]
struct Sightings {
    /// It stood afterwards.
    stood: Vec<Seen>,
    /// It stood before: it was disarmed, or listed.
    listed: Vec<Seen>,
    /// It did not stand, before this did anything.
    missing: Vec<Seen>,
    /// It may have been raised.
    begins: Vec<Seen>,
    /// It may have been disarmed.
    ends: Vec<Seen>,
    /// It was disarmed: it did not stand afterwards.
    over: Vec<Seen>,
}

/// Examines every answer about alarms, every alarm that was observed, and every refusal because of one.
pub(in crate::guarantee) fn check(case: &Case<'_>) -> Verdict {
    let (alarms, mut examined) = sightings(case);
    let refused = case.history.operations.iter().enumerate().filter_map(|(index, operation)| {
        let Outcome::Failed(error) = &operation.outcome else { return None };
        Some((index, operation, error))
    });
    let mut evidence = None;
    for (index, operation, error) in refused {
        let is_of_alarm = is_corrupt(error) || is_false_no_space(&operation.request, error);
        examined += u64::from(is_of_alarm);
        if is_of_alarm && evidence.is_none() {
            evidence = false_refusal(case, &alarms, index, error);
        }
    }
    for (alarm, seen) in &alarms {
        let found = || applied(case, alarm, seen).or_else(|| forgotten(case, alarm, seen));
        evidence = evidence.or_else(found).or_else(|| never_raised(case, alarm, seen));
    }
    // A disarm may have been under way when the recording began.
    case.unless_before(Verdict::of(examined, evidence))
}

/// Collects the sightings of each alarm; counts the answers and observations that they come from.
fn sightings(case: &Case<'_>) -> (BTreeMap<Alarm, Sightings>, u64) {
    let history = case.history;
    let mut alarms: BTreeMap<Alarm, Sightings> = BTreeMap::new();
    let mut examined = 0;
    for (index, observation) in history.observations.iter().enumerate() {
        let Observation::Alarm { at_ns, member, alarm, .. } = observation else { continue };
        examined += 1;
        let seen = Seen { source: Source::Observation(index), moment: Moment::at(*at_ns) };
        let of = alarms.entry(Alarm { member: *member, alarm: *alarm }).or_default();
        of.stood.push(seen);
        of.begins.push(seen);
    }
    let floors = Floors::of(history);
    let mut lists = Vec::new();
    for (index, call) in history.admin_calls.iter().enumerate() {
        let AdminRequest::Alarm(request) = &call.request else { continue };
        let seen = Seen { source: Source::Call(index), moment: Moment::of_call(call, &floors) };
        examined += u64::from(call.response().is_some());
        if matches!(call.outcome, Outcome::Failed(_)) {
            continue;
        }
        let listed = call.alarms().map(|(_, listed)| listed.iter().copied().collect::<BTreeSet<Alarm>>());
        if request.action == AlarmAction::Get {
            lists.extend(listed.map(|listed| (seen, request.alarm, listed)));
            continue;
        }
        let Some(kind) = request.alarm else { continue };
        let alarm = Alarm { member: request.member, alarm: kind };
        let of = alarms.entry(alarm).or_default();
        match (request.action, listed) {
            (AlarmAction::Activate, listed) => {
                of.begins.push(seen);
                of.stood.extend(listed.map(|_| seen));
            }
            (_, None) => of.ends.push(seen),
            (_, Some(listed)) => {
                (if listed.contains(&alarm) { &mut of.listed } else { &mut of.missing }).push(seen);
                of.ends.push(seen);
                of.over.push(seen);
            }
        }
    }
    for alarm in lists.iter().flat_map(|(_, _, listed)| listed) {
        alarms.entry(*alarm).or_default();
    }
    for (seen, kind, listed) in &lists {
        for (alarm, of) in &mut alarms {
            if listed.contains(alarm) {
                of.stood.push(*seen);
                of.listed.push(*seen);
            } else if kind.is_none_or(|kind| kind == alarm.alarm) {
                of.missing.push(*seen);
            }
        }
    }
    (alarms, examined)
}

fn is_corrupt(error: &Error) -> bool {
    error.message.ends_with(CORRUPT)
}

/// A refusal because of an alarm that cannot have stood, or does not concern the request.
fn false_refusal(
    case: &Case<'_>,
    alarms: &BTreeMap<Alarm, Sightings>,
    index: usize,
    error: &Error,
) -> Option<Evidence> {
    let operation = &case.history.operations[index];
    let shown = case.operation(index);
    if !is_corrupt(error) {
        let message = "what needs no space goes on while NOSPACE stands".to_owned();
        return Some(Evidence::new("refused-without-need", message, vec![shown]));
    }
    let moment = Moment::of_operation(operation);
    let corrupt = || alarms.iter().filter(|(alarm, _)| alarm.alarm == AlarmKind::Corrupt);
    if !knows_raises(case) || corrupt().any(|(_, seen)| can_have_stood(seen, &moment)) {
        return None;
    }
    let disarmed = corrupt().flat_map(|(_, seen)| &seen.over).map(|over| exhibit(case, over));
    let message = "no alarm CORRUPT can have stood".to_owned();
    Some(Evidence::new("refused-without-alarm", message, [shown].into_iter().chain(disarmed).collect()))
}

/// True if the history has every alarm that members raised by themselves, as it has every call.
fn knows_raises(case: &Case<'_>) -> bool {
    case.history.observations.iter().any(|seen| matches!(seen, Observation::Started { .. }))
}

/// True if an alarm may have stood at some time during a moment.
fn can_have_stood(seen: &Sightings, moment: &Moment) -> bool {
    let is_over = |begin: &&Seen| {
        let ended = |end: &Seen| begin.moment.is_before(&end.moment) && end.moment.is_before(moment);
        moment.is_before(&begin.moment) || seen.over.iter().any(ended)
    };
    !seen.begins.iter().all(|begin| is_over(&begin))
}

/// True if an alarm that stood after `from` stood until `until`, in which `beside` has no part: it cannot have been
/// disarmed between.
fn stands(seen: &Sightings, from: &Moment, until: &Moment, beside: Option<usize>) -> bool {
    from.is_before(until)
        && seen.ends.iter().all(|end| {
            matches!(end.source, Source::Call(call) if Some(call) == beside)
                || end.moment.is_before(from)
                || until.is_before(&end.moment)
        })
}

/// A request that succeeded while an alarm stood that forbids it.
fn applied(case: &Case<'_>, alarm: &Alarm, seen: &Sightings) -> Option<Evidence> {
    if seen.stood.is_empty() {
        return None;
    }
    for (index, operation) in case.history.operations.iter().enumerate() {
        if operation.response().is_none() || !is_forbidden(&operation.request, alarm.alarm) {
            continue;
        }
        let moment = Moment::of_operation(operation);
        let before = seen.stood.iter().find(|stood| stands(seen, &stood.moment, &moment, None));
        if let Some(before) = before {
            let message = format!("it succeeded although the alarm {alarm} stood");
            let exhibits = vec![case.operation(index), exhibit(case, before)];
            return Some(Evidence::new("applied-under-alarm", message, exhibits));
        }
    }
    None
}

/// True if an alarm of this kind forbids that a request succeeds. The services of locks and elections ask for several
/// requests of these sorts; they are not looked at.
fn is_forbidden(request: &Request, alarm: AlarmKind) -> bool {
    let is_grant = matches!(request, Request::Lease(LeaseRequest::Grant { .. }));
    match alarm {
        // What a nested txn puts costs nothing in etcd (`costTxn` in `server/storage/quota.go`).
        AlarmKind::NoSpace => match request {
            Request::Put(_) => true,
            Request::Txn(txn) => txn.branches().any(|request| matches!(request, Request::Put(_))),
            _ => is_grant,
        },
        // What only reads is not applied: it is answered from the state.
        AlarmKind::Corrupt => match request {
            Request::Put(_) | Request::Delete(_) | Request::Compact(_) => true,
            Request::Txn(_) => request.may_write(),
            _ => is_grant || matches!(request, Request::Lease(LeaseRequest::Revoke { .. })),
        },
    }
}

/// An answer without an alarm that stood, and that nobody can have disarmed since.
fn forgotten(case: &Case<'_>, alarm: &Alarm, seen: &Sightings) -> Option<Evidence> {
    seen.missing.iter().find_map(|missing| {
        let Source::Call(call) = missing.source else { return None };
        let is_since = |stood: &&Seen| stands(seen, &stood.moment, &missing.moment, Some(call));
        let stood = seen.stood.iter().find(is_since)?;
        let message = format!("the alarm {alarm} stood, and nobody can have disarmed it since");
        let exhibits = vec![exhibit(case, missing), exhibit(case, stood)];
        Some(Evidence::new("alarm-forgotten", message, exhibits))
    })
}

/// An answer with an alarm that nobody can have raised since it was disarmed, or at all.
fn never_raised(case: &Case<'_>, alarm: &Alarm, seen: &Sightings) -> Option<Evidence> {
    if !knows_raises(case) {
        return None;
    }
    let nobody_after = |over: Option<&Seen>, listed: &Seen| {
        seen.begins.iter().all(|begin| {
            listed.moment.is_before(&begin.moment)
                || over.is_some_and(|over| begin.moment.is_before(&over.moment))
        })
    };
    seen.listed.iter().find_map(|listed| {
        let is_before =
            |over: &&Seen| over.moment.is_before(&listed.moment) && nobody_after(Some(over), listed);
        let over = seen.over.iter().find(is_before);
        if over.is_none() && !nobody_after(None, listed) {
            return None;
        }
        let message = format!("nobody can have raised the alarm {alarm}");
        let exhibits = [listed].into_iter().chain(over).map(|seen| exhibit(case, seen)).collect();
        Some(Evidence::new("alarm-not-raised", message, exhibits))
    })
}

fn exhibit(case: &Case<'_>, seen: &Seen) -> Exhibit {
    match seen.source {
        Source::Call(index) => Exhibit::admin_call(case.history, index),
        Source::Observation(index) => Exhibit::observation(case.history, index),
    }
}
