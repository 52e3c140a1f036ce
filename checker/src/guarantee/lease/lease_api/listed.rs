//! Lists of leases: one member answers them as far as it has come.

use super::lessor::Lessor;
use crate::evidence::Evidence;
use crate::guarantee::Case;
use crate::history::*;

/// A list that shows a lease that no request may have granted, or one that its member revoked before; or that lacks one
/// that its member granted before and that was alive.
pub(super) fn check(case: &Case<'_>, lessor: &Lessor<'_>) -> Option<Evidence> {
    (0..case.history.operations.len()).find_map(|index| {
        let Response::Lease(LeaseResponse::Leases { leases, .. }) =
            case.history.operations[index].response()?
        else {
            return None;
        };
        leases.iter().find_map(|id| shown(case, lessor, index, *id)).or_else(|| {
            let missing = |id: &&i64| !leases.contains(id);
            lessor.leases.keys().filter(missing).find_map(|id| lacking(case, lessor, index, *id))
        })
    })
}

/// A lease in the list that cannot be there.
fn shown(case: &Case<'_>, lessor: &Lessor<'_>, index: usize, id: i64) -> Option<Evidence> {
    if lessor.begins && lessor.makers(id, index, None).is_empty() {
        let message = format!("lease {} was listed, and nobody had asked for it to be granted", LeaseId(id));
        return Some(Evidence::new("listed-ungranted", message, vec![case.operation(index)]));
    }
    let enders = lessor.leases.get(&id).map_or(&[][..], |lease| &lease.enders);
    let end = enders
        .iter()
        .copied()
        .find(|end| was_here(case, *end, index) && lessor.makers(id, index, Some(*end)).is_empty())?;
    let message = format!("lease {} was listed by the member that had revoked it", LeaseId(id));
    Some(Evidence::new("listed-after-revoke", message, vec![case.operation(index), case.operation(end)]))
}

/// A lease that the list lacks and must show.
fn lacking(case: &Case<'_>, lessor: &Lessor<'_>, index: usize, id: i64) -> Option<Evidence> {
    let grant = *lessor.leases.get(&id)?.makers.iter().find(|grant| was_here(case, **grant, index))?;
    lessor.kept_alive(id, index)?;
    let may_be_anew = lessor.makers(id, index, Some(grant)).iter().any(|maker| *maker != grant);
    if may_be_anew || lessor.may_be_revoked(id, grant, index) {
        return None;
    }
    let message = format!("lease {} was not listed by the member that had granted it", LeaseId(id));
    Some(Evidence::new("missing-lease", message, vec![case.operation(index), case.operation(grant)]))
}

/// True if the member that made a list had answered an operation before, and was not started anew since.
fn was_here(case: &Case<'_>, earlier: usize, list: usize) -> bool {
    let history = case.history;
    let (first, second) = (&history.operations[earlier], &history.operations[list]);
    let member = |operation: &Operation| {
        operation.response().map(|response| response.header().member).filter(|member| *member != MemberId(0))
    };
    let Some((member, end_ns)) =
        member(first).filter(|first| member(second) == Some(*first)).zip(first.return_ns)
    else {
        return false;
    };
    let is_restarted = history.observations.iter().any(|seen| {
        matches!(seen, Observation::Started { at_ns, member: started }
            if *started == member && *at_ns >= first.invoke_ns && second.return_ns.is_none_or(|until_ns| *at_ns <= until_ns))
    });
    let endpoint_is_same = first.member == second.member;
    end_ns < second.invoke_ns && endpoint_is_same && !is_restarted
}
