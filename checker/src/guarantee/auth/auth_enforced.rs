//! `auth-enforced`: no response or event reveals or changes a key for which the caller had no permission at the
//! request's revision, and nobody is denied what was permitted.
//!
//! etcd: `server/auth/store.go`, `server/etcdserver/apply/auth.go`. Who may do what is worked out anew from the answers
//! to those who changed it. It is a violation only if nothing that may have happened permits it.

#[cfg(test)]
mod by_hand;
mod leases;
mod local;
mod off;
mod refusals;
mod tokens;

use super::permission::{Changes, Need, Sure, Wants, When, shown_or_done};
use crate::bytes::Bytes;
use crate::evidence::{Evidence, Exhibit};
use crate::guarantee::lease::lease_removal::may_have_deleted;
use crate::guarantee::{Case, Guarantee};
use crate::history::modified;
use crate::history::{
    AdminCall, AdminRequest, AlarmAction, AlarmRequest, AuthRequest, ElectionResponse, Error, LockResponse,
    Operation, Outcome, Request, Response, Revision, Watch, WatchFrame,
};
use crate::replay::{Line, Span};
use crate::verdict::Verdict;
use local::LocalFloors;
use std::collections::BTreeMap;
use tokens::Tokens;

/// The row of this guarantee in the table.
pub(in crate::guarantee) const GUARANTEE: Guarantee = Guarantee {
    name: "auth-enforced",
    about: "no response or event reveals or changes a key without permission, and nobody is denied what is permitted",
    check,
};

/// Examines every answered request that needs a permission, every watch that was created and every event, and every
/// denial, once auth was enabled.
pub(in crate::guarantee) fn check(case: &Case<'_>) -> Verdict {
    // Users and roles may be older than the history.
    case.unless_before(check_from_the_beginning(case))
}

fn check_from_the_beginning(case: &Case<'_>) -> Verdict {
    let changes = Changes::of(case.history);
    if !changes.ever_enabled() {
        return off::refused(case, &changes).map_or(Verdict::Vacuous, |wrong| Verdict::of(1, Some(wrong)));
    }
    let mut examined = 0;
    let local = LocalFloors::of(case.history);
    let tokens = Tokens::of(case);
    // What an odd answer shows it shows, whatever its revision. The first in time is shown, however they are told.
    let mut in_time: Vec<(usize, &Operation)> = case.recorded.operations.iter().enumerate().collect();
    in_time.sort_by_key(|(_, operation)| (operation.invoke_ns, operation.return_ns, operation.client));
    for (index, _) in in_time {
        let evidence = answered(case, &changes, &local, index, &mut examined)
            .or_else(|| denied(case, &changes, &local, index, &mut examined))
            .or_else(|| refusals::of_root(case, index))
            .or_else(|| tokens.ended(case, &changes, index));
        if let Some(evidence) = evidence {
            return Verdict::of(examined, Some(evidence));
        }
    }
    for (index, watch) in case.history.watches.iter().enumerate() {
        let evidence = watched(case, &changes, index, watch, &mut examined);
        if let Some(evidence) =
            evidence.or_else(|| watch_denied(case, &changes, &local, index, &mut examined))
        {
            return Verdict::of(examined, Some(evidence));
        }
    }
    for (index, call) in case.history.admin_calls.iter().enumerate() {
        if let Some(evidence) = administered(case, &changes, &local, (index, call), &mut examined) {
            return Verdict::of(examined, Some(evidence));
        }
    }
    Verdict::of(examined, with_leases(case, &changes))
}

/// The interval in which an answered operation can have been evaluated.
fn when(operation: &Operation, revision: Revision) -> When {
    let (from_ns, until_ns) = (operation.invoke_ns, operation.return_ns.unwrap_or(u64::MAX));
    let revision = match operation.request {
        // What waits is looked at while it does.
        Request::Lock(_) | Request::Election(_) => 0,
        _ => revision,
    };
    // What one member answers may be old.
    let from_ns = if operation.request.is_serializable() { 0 } else { from_ns };
    When { from_ns, revision, needs_both: false, until_ns }
}

/// The interval in which one member alone can have looked at an operation: by then it had come as far as it had answered.
fn when_locally(operation: &Operation, local: &LocalFloors) -> When {
    let revision = local.least(operation.member, operation.invoke_ns);
    When { from_ns: 0, revision, ..when(operation, 0) }
}

fn answered(
    case: &Case<'_>,
    changes: &Changes<'_>,
    local: &LocalFloors,
    index: usize,
    examined: &mut u64,
) -> Option<Evidence> {
    let operation = &case.recorded.operations[index];
    let response = operation.response()?;
    let is_odd = case.odd.iter().any(|odd| odd.operation == index);
    let when = match operation.request {
        // etcd looks when it is asked, not when it is applied.
        Request::Compact(_) => when_locally(operation, local),
        _ => when(operation, if is_odd { 0 } else { response.header().revision }),
    };
    let user = operation.user.as_deref();
    if needs_root(&operation.request) {
        *examined += 1;
        let message = || format!("{}, who is not root, did what is for root alone", name(user));
        return (!changes.is_free(user, &when, Sure::Possible))
            .then(|| evidence(case, changes, user, &when, "not-root", message(), case.operation(index)));
    }
    if let Some((keys, least)) = leases::listed(case.history, operation) {
        *examined += 1;
        let when = When { revision: least, ..when };
        let needs = keys.iter().map(|key| Need::of_key(Wants::Read, key));
        let need = needs.into_iter().find(|need| !changes.permit(user, need, &when, Sure::Possible))?;
        let message = format!("{} had no permission to {}, which was listed", name(user), words(&need));
        return Some(evidence(case, changes, user, &when, "lease-key-shown", message, case.operation(index)));
    }
    let needs = shown_or_done(&operation.request, response);
    *examined += u64::from(!needs.is_empty());
    // Who enters reads its own key when its turn has come, which may be long after it asked.
    let own_key = own_key(response).map(|key| Need::of_key(Wants::Read, key));
    let when_entering = When { revision: if is_odd { 0 } else { response.header().revision }, ..when };
    let needs = needs.iter().map(|need| (need, when));
    let mut needs = needs.chain(own_key.iter().map(|need| (need, when_entering)));
    let (need, when) = needs.find(|(need, when)| !changes.permit(user, need, when, Sure::Possible))?;
    let message = format!("{} had no permission to {}", name(user), words(need));
    Some(evidence(case, changes, user, &when, "not-permitted", message, case.operation(index)))
}

/// The key of one who got a lock or a leadership (etcd: `Lock` in `client/v3/concurrency/mutex.go`, `Campaign` in `election.go`).
fn own_key(response: &Response) -> Option<&Bytes> {
    match response {
        Response::Lock(LockResponse::Lock { key, .. }) => Some(key),
        Response::Election(ElectionResponse::Campaign { leader, .. }) => Some(&leader.key),
        _ => None,
    }
}

/// True if a request is for root alone: who changes who may do what, or takes history away.
fn needs_root(request: &Request) -> bool {
    match request {
        Request::Auth(auth) => auth.may_change() && *auth != AuthRequest::Enable,
        request => matches!(request, Request::Compact(_)),
    }
}

fn is_denial(error: &Error) -> bool {
    error.message.ends_with("permission denied")
}

/// A request that was denied although it certainly was permitted.
fn denied(
    case: &Case<'_>,
    changes: &Changes<'_>,
    local: &LocalFloors,
    index: usize,
    examined: &mut u64,
) -> Option<Evidence> {
    let operation = &case.recorded.operations[index];
    let Outcome::Failed(error) = &operation.outcome else { return None };
    if !is_denial(error) {
        return None;
    }
    let user = operation.user.as_deref();
    let is_local = operation.request.is_serializable() || matches!(operation.request, Request::Compact(_));
    let when = if is_local { when_locally(operation, local) } else { when(operation, 0) };
    let is_permitted = if needs_root(&operation.request) {
        changes.is_free(user, &when, Sure::Certain)
    } else {
        let needs = leases::all_needs(case.history, operation)?;
        needs.iter().all(|need| changes.permit(user, need, &when, Sure::Certain))
    };
    *examined += 1;
    let message = || format!("{} was denied what was permitted all the time", name(user));
    is_permitted
        .then(|| evidence(case, changes, user, &when, "false-denial", message(), case.operation(index)))
}

fn watched(
    case: &Case<'_>,
    changes: &Changes<'_>,
    index: usize,
    watch: &Watch,
    examined: &mut u64,
) -> Option<Evidence> {
    let user = watch.user.as_deref();
    for (at, frame) in watch.frames.iter().enumerate() {
        let until_ns = frame.received_ns;
        if frame.created && frame.canceled.is_none() {
            *examined += 1;
            // Who created it may have looked before it wrote the header.
            let when =
                When { from_ns: watch.invoke_ns, revision: frame.revision, needs_both: true, until_ns };
            let need = of_watch(watch);
            if !changes.permit(user, &need, &when, Sure::Possible) {
                let message = format!("{} had no permission to {}", name(user), words(&need));
                let shown = Exhibit::watch(case.history, index);
                return Some(evidence(case, changes, user, &when, "watch-created", message, shown));
            }
        }
        for (event, shown) in frame.events.iter().enumerate() {
            *examined += 1;
            let when = When { from_ns: 0, revision: shown.kv.mod_revision, needs_both: false, until_ns };
            let need = Need::of_key(Wants::Read, &shown.kv.key);
            if !changes.permit(user, &need, &when, Sure::Possible) {
                let message = format!(
                    "{} had no permission to {} any more at revision {}",
                    name(user),
                    words(&need),
                    shown.kv.mod_revision
                );
                let shown = Exhibit::event(case.history, index, at, event);
                return Some(evidence(case, changes, user, &when, "event-not-permitted", message, shown));
            }
        }
    }
    None
}

/// A watch that was refused or ended for lack of a permission that certainly was there all the time.
fn watch_denied(
    case: &Case<'_>,
    changes: &Changes<'_>,
    local: &LocalFloors,
    index: usize,
    examined: &mut u64,
) -> Option<Evidence> {
    let watch = &case.history.watches[index];
    let user = watch.user.as_deref();
    let is_denial = |reason: &String| reason.ends_with("permission denied");
    // Of a watch from before auth was on nobody knows whose it is.
    let is_of_nobody = |reason: &String| user.is_some() && reason.ends_with("user name is empty");
    let ends =
        |frame: &WatchFrame| frame.canceled.as_ref().is_some_and(|why| is_denial(why) || is_of_nobody(why));
    let at = watch.frames.iter().position(ends)?;
    *examined += 1;
    let revision = local.least(watch.member, watch.invoke_ns);
    let until_ns = watch.frames[at].received_ns;
    let when = When { from_ns: 0, revision, needs_both: false, until_ns };
    if watch.frames[at].canceled.as_ref().is_some_and(is_of_nobody) && changes.may_be_disabled(&when) {
        return None;
    }
    if !changes.permit(user, &of_watch(watch), &when, Sure::Certain) {
        return None;
    }
    let message = format!("{} was denied a watch that was permitted all the time", name(user));
    let shown = Exhibit::frame(case.history, index, at);
    Some(evidence(case, changes, user, &when, "false-watch-denial", message, shown))
}

/// A call that is for root alone and was answered to somebody else, or denied to root.
fn administered(
    case: &Case<'_>,
    changes: &Changes<'_>,
    local: &LocalFloors,
    (index, call): (usize, &AdminCall),
    examined: &mut u64,
) -> Option<Evidence> {
    // Alarms are looked at when they are applied, everything else by the member that is asked.
    let is_alarm = match call.request {
        AdminRequest::Alarm(AlarmRequest { action: AlarmAction::Get, .. })
        | AdminRequest::MemberList { .. }
        | AdminRequest::Status
        | AdminRequest::MoveLeader { .. } => return None,
        AdminRequest::Alarm(_) => true,
        _ => false,
    };
    let user = call.user.as_deref();
    let (from_ns, revision) = match is_alarm {
        true => (call.invoke_ns, 0),
        false => (0, local.least(call.member, call.invoke_ns)),
    };
    let until_ns = call.return_ns.unwrap_or(u64::MAX);
    let when = When { from_ns, revision, needs_both: false, until_ns };
    let (kind, what) = match &call.outcome {
        Outcome::Ok(_) if !changes.is_free(user, &when, Sure::Possible) => {
            ("not-root", "is not root, and was answered what is for root alone")
        }
        Outcome::Failed(error) if is_denial(error) && changes.is_free(user, &when, Sure::Certain) => {
            ("false-denial", "was denied what root may do")
        }
        outcome => {
            *examined += u64::from(!matches!(outcome, Outcome::Unknown(_)));
            return None;
        }
    };
    let shown = Exhibit::admin_call(case.history, index);
    Some(evidence(case, changes, user, &when, kind, format!("{} {what}", name(user)), shown))
}

fn of_watch(watch: &Watch) -> Need<'_> {
    static FIRST: std::sync::LazyLock<Bytes> = std::sync::LazyLock::new(|| "\0".into());
    let request = &watch.request;
    let key = if request.key.is_empty() { &*FIRST } else { &request.key };
    Need { wants: Wants::Read, key, range_end: &request.range_end }
}

/// A request that made a key go with a lease, or ended one, without permission to write all that goes with it.
fn with_leases(case: &Case<'_>, changes: &Changes<'_>) -> Option<Evidence> {
    for (index, operation) in case.history.operations.iter().enumerate() {
        let Some(response) = operation.response() else { continue };
        let leases = super::permission::leases(&operation.request, Some(response));
        let revision = response.header().revision;
        let (user, when) = (operation.user.as_deref(), when(operation, revision));
        if leases.is_empty() || changes.is_free(user, &when, Sure::Possible) {
            continue;
        }
        let line = case.line().ok().filter(|line| line.flaws.is_empty())?;
        if !modified(response) && !is_own(case, line, index, revision) {
            continue;
        }
        let goes_with = attached(line, &leases, revision - 1);
        let need = goes_with.into_iter().map(|key| Need::of_key(Wants::Write, key));
        if let Some(need) = need.into_iter().find(|need| !changes.permit(user, need, &when, Sure::Possible)) {
            let message =
                format!("{} had no permission to {}, which went with the lease", name(user), words(&need));
            return Some(evidence(
                case,
                changes,
                user,
                &when,
                "lease-not-permitted",
                message,
                case.operation(index),
            ));
        }
    }
    None
}

/// True if what ended a lease certainly made the revision that it was answered with. Its answer says no more than which
/// revision was the newest: there may have been no key any more, and nothing to permit. Had the lease run out, it would
/// not have been there to be ended.
fn is_own(case: &Case<'_>, line: &Line, index: usize, revision: Revision) -> bool {
    if line.certain_writer(revision) == Some(index) {
        return true;
    }
    let is_of_nobody_else = line.writer(revision).is_none_or(|writer| writer == index);
    let others = || {
        let operations = case.history.operations.iter().enumerate();
        operations.filter(|(other, _)| *other != index).map(|(_, operation)| operation)
    };
    let changes = line.changes(revision);
    is_of_nobody_else
        && !changes.is_empty()
        && changes.iter().all(|change| others().all(|other| !may_have_deleted(other, change, revision)))
}

/// The keys that certainly went with leases at a revision: it is no guess who made each revision since they were put.
fn attached<'l>(line: &'l Line, leases: &[i64], revision: Revision) -> Vec<&'l Bytes> {
    let (first, no_end) = (Bytes::from("\0"), Bytes::from("\0"));
    let mut last = BTreeMap::new();
    for (at, change) in line.changes_of(Span::new(&first, &no_end), 1, revision) {
        last.insert(&change.key, (at, change.after.as_ref().map_or(0, |after| after.lease)));
    }
    let guessed = (2..=revision).rev().find(|at| line.certain_writer(*at).is_none()).unwrap_or(0);
    let goes_with = last.into_iter().filter(|(_, (at, lease))| *at > guessed && leases.contains(lease));
    goes_with.map(|(key, _)| key).collect()
}

fn name(user: Option<&str>) -> String {
    user.map_or("who showed no token".to_owned(), |user| format!("user {user}"))
}

fn words(need: &Need<'_>) -> String {
    let verb = match need.wants {
        Wants::Read => "read",
        Wants::Write => "write",
    };
    match need.range_end.as_slice() {
        b"" => format!("{verb} {}", need.key),
        b"\0" => format!("{verb} every key from {} on", need.key),
        _ => format!("{verb} [{}, {})", need.key, need.range_end),
    }
}

fn evidence(
    case: &Case<'_>,
    changes: &Changes<'_>,
    user: Option<&str>,
    when: &When,
    kind: &str,
    message: String,
    shown: Exhibit,
) -> Evidence {
    let last = changes.last_before(user, when).map(|change| case.operation(change));
    Evidence::new(kind, message, std::iter::once(shown).chain(last).collect())
}
