//! Answers about members, held against the changes that were answered before or asked for by then.

use crate::evidence::{Evidence, Exhibit};
use crate::guarantee::Case;
use crate::history::{AdminCall, AdminRequest, AdminResponse, ListedMember, MemberId, Outcome};

/// The first answer that lacks a change that was answered before it was asked, or shows one that nobody asked for.
pub(super) fn wrong(case: &Case<'_>) -> Option<Evidence> {
    let calls = &case.history.admin_calls;
    calls.iter().enumerate().find_map(|(index, call)| {
        let AdminResponse::Members { members, .. } = call.response()? else { return None };
        // One member's own list may be old.
        if call.request == (AdminRequest::MemberList { linearizable: false }) {
            return None;
        }
        let (kind, message, other) = lacks(calls, index, call, members)
            .or_else(|| is_without_own_change(call, members))
            .or_else(|| invents(case, calls, call, members))?;
        let exhibits = [Some(index), other].into_iter().flatten();
        let exhibits = exhibits.map(|at| Exhibit::admin_call(case.history, at)).collect();
        Some(Evidence::new(kind, message, exhibits))
    })
}

type Wrong = (&'static str, String, Option<usize>);

fn role_of(members: &[ListedMember], id: MemberId) -> Option<bool> {
    members.iter().find(|member| member.id == id).map(|member| member.is_learner)
}

/// True if a request may have been made by the time that a call was answered.
fn may_have_been(calls: &[AdminCall], call: &AdminCall, request: &AdminRequest) -> bool {
    let until_ns = call.return_ns.unwrap_or(u64::MAX);
    let is_it = |other: &AdminCall| {
        other.request == *request
            && other.invoke_ns <= until_ns
            && !matches!(other.outcome, Outcome::Failed(_))
    };
    calls.iter().any(is_it)
}

/// A change that was answered before a call was asked, and does not show in its answer.
fn lacks(calls: &[AdminCall], index: usize, call: &AdminCall, members: &[ListedMember]) -> Option<Wrong> {
    calls.iter().enumerate().find_map(|(at, earlier)| {
        let is_before = earlier.response().is_some()
            && earlier.return_ns.is_some_and(|return_ns| return_ns < call.invoke_ns);
        if at == index || !is_before {
            return None;
        }
        let gone = |id| may_have_been(calls, call, &AdminRequest::MemberRemove { id });
        match earlier.request {
            AdminRequest::MemberAdd { id, .. } if id != MemberId(0) => {
                let is_missing = role_of(members, id).is_none() && !gone(id);
                is_missing.then(|| ("member-missing", format!("{id} had been added"), Some(at)))
            }
            AdminRequest::MemberPromote { id } => {
                let lacks_vote = role_of(members, id) == Some(true);
                lacks_vote.then(|| ("promotion-missing", format!("{id} had been promoted"), Some(at)))
            }
            AdminRequest::MemberRemove { id } => {
                let is_there = role_of(members, id).is_some();
                is_there.then(|| ("member-still-there", format!("{id} had been removed"), Some(at)))
            }
            _ => None,
        }
    })
}

/// An answer to a change that does not show it.
fn is_without_own_change(call: &AdminCall, members: &[ListedMember]) -> Option<Wrong> {
    match call.request {
        AdminRequest::MemberRemove { id } if role_of(members, id).is_some() => {
            Some(("member-still-there", format!("{id} was removed"), None))
        }
        _ => None,
    }
}

/// A member or a vote that nobody asked for. Those that the cluster began with were asked for by nobody.
fn invents(
    case: &Case<'_>,
    calls: &[AdminCall],
    call: &AdminCall,
    members: &[ListedMember],
) -> Option<Wrong> {
    members.iter().find_map(|member| {
        let id = member.id;
        // One that was not answered may have been refused: the member was there.
        let was_added = calls.iter().any(|other| {
            other.response().is_some()
                && matches!(other.request, AdminRequest::MemberAdd { id: added, is_learner: true } if added == id)
        });
        let votes = was_added && !member.is_learner && case.begins_with_store();
        let is_asked = || may_have_been(calls, call, &AdminRequest::MemberPromote { id });
        (votes && !is_asked()).then(|| ("vote-from-nowhere", format!("nobody asked to promote {id}"), None))
    })
}
