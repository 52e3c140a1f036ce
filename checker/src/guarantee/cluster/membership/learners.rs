//! The part of learners: they answer serializable ranges, and lead nobody.

use super::Configurations;
use crate::evidence::{Evidence, Exhibit};
use crate::guarantee::Case;
use crate::history::{AdminRequest, MemberId, Observation, Request};

/// The first thing that a member did as a learner although no learner may. A member is one until the first member applied
/// its promotion.
pub(super) fn overstepping(case: &Case<'_>, configurations: &Configurations) -> Option<Evidence> {
    configurations.learners().into_iter().find_map(|id| {
        let promoted = configurations.promotion(id).map(|(_, promoted)| promoted);
        let until_ns = promoted.map_or(u64::MAX, |promoted| promoted.at_ns);
        let learner = Learner { id, until_ns };
        let (kind, what, exhibit) = learner.led(case).or_else(|| learner.answered(case))?;
        let message = format!("{id}, a learner, {what}");
        let of_role = promoted.map(|promoted| promoted.observation);
        let of_role = of_role.map(|at| Exhibit::observation(case.history, at));
        Some(Evidence::new(kind, message, [exhibit].into_iter().chain(of_role).collect()))
    })
}

/// A learner, and the time until which it certainly is one.
struct Learner {
    id: MemberId,
    until_ns: u64,
}

impl Learner {
    fn led(&self, case: &Case<'_>) -> Option<(&'static str, &'static str, Exhibit)> {
        let leads = |seen: &Observation| matches!(seen, Observation::Leader { at_ns, member, .. } if *member == self.id && *at_ns < self.until_ns);
        let at = case.history.observations.iter().position(leads)?;
        Some(("learner-led", "became leader", Exhibit::observation(case.history, at)))
    }

    fn answered(&self, case: &Case<'_>) -> Option<(&'static str, &'static str, Exhibit)> {
        let (kind, what) = ("learner-answered", "answered what only a voter may");
        let is_early = |at_ns: Option<u64>| at_ns.is_some_and(|at_ns| at_ns < self.until_ns);
        for (index, operation) in case.history.operations.iter().enumerate() {
            let Some(response) = operation.response() else { continue };
            let may = matches!(&operation.request, Request::Range(range) if range.serializable);
            if response.header().member == self.id && !may && is_early(operation.return_ns) {
                return Some((kind, what, case.operation(index)));
            }
        }
        for (index, call) in case.history.admin_calls.iter().enumerate() {
            let Some(response) = call.response() else { continue };
            let may = matches!(call.request, AdminRequest::Status | AdminRequest::Snapshot);
            if response.header().member == self.id && !may && is_early(call.return_ns) {
                return Some((kind, what, Exhibit::admin_call(case.history, index)));
            }
        }
        let watches = case.history.watches.iter().enumerate();
        watches.filter(|(_, watch)| watch.member == Some(self.id)).find_map(|(index, watch)| {
            let created = |frame: &crate::history::WatchFrame| frame.created && frame.canceled.is_none();
            let frame = watch.frames.iter().position(created)?;
            is_early(Some(watch.frames[frame].received_ns))
                .then(|| (kind, "created a watch", Exhibit::frame(case.history, index, frame)))
        })
    }
}
