//! `watch-live`: a watch that is open when all faults are over is told, within the bound of recovery, of everything that
//! was acknowledged by then.
//!
//! Liveness, which etcd's guarantee "Reliable" leaves to the client: its robustness tests wait until every watch has seen the
//! last revision (`tests/robustness/client/watch.go`, `watchUntilRevision`).

use super::watch_reliable::first_wanted;
use crate::evidence::{Evidence, Exhibit};
use crate::guarantee::{Case, Guarantee};
use crate::history::{History, Observation, Revision, Watch, WatchEnd};
use crate::replay::{Line, first_revision};
use crate::verdict::Verdict;

/// The row of this guarantee in the table.
pub(in crate::guarantee) const GUARANTEE: Guarantee = Guarantee {
    name: "watch-live",
    about: "within a bound after the last fault heals an open watch is told of all that was acknowledged before",
    check,
};

/// Examines, at each moment at which the bound of a heal is over, the watches that were open since.
pub(in crate::guarantee) fn check(case: &Case<'_>) -> Verdict {
    let Some(due) = Due::last(case.history) else { return Verdict::Vacuous };
    case.by_line(|line| {
        let mut examined = 0;
        let evidence = (0..case.history.watches.len())
            .filter(|index| due.concerns(&case.history.watches[*index]))
            .inspect(|_| examined += 1)
            .find_map(|index| due.missed(case, line, index));
        (examined, evidence)
    })
}

/// The last heal whose bound was over when the host healed and looked once more.
struct Due {
    /// The position of the heal among the observations.
    heal: usize,
    /// Its time.
    from_ns: u64,
    /// The time at which its bound is over.
    until_ns: u64,
    /// The highest revision that was acknowledged before it.
    acknowledged: Revision,
}

impl Due {
    fn last(history: &History) -> Option<Due> {
        let mut heals = history.observations.iter().enumerate().filter_map(|(at, seen)| match seen {
            Observation::Healed { at_ns, bound_ns } => Some((at, *at_ns, at_ns.saturating_add(*bound_ns))),
            _ => None,
        });
        // Only where the host looked once more after the bound: elsewhere a client may have stopped taking what it is sent.
        let looked_ns = heals.clone().map(|(_, at_ns, _)| at_ns).max()?;
        let (heal, from_ns, until_ns) = heals.rfind(|(.., until_ns)| *until_ns <= looked_ns)?;
        let before =
            history.operations.iter().filter(|operation| operation.return_ns.is_some_and(|ns| ns <= from_ns));
        let acknowledged =
            before.filter_map(|operation| Some(operation.response()?.header().revision)).max()?;
        Some(Due { heal, from_ns, until_ns, acknowledged })
    }

    /// Returns true for a watch that was open all the time from the heal on.
    fn concerns(&self, watch: &Watch) -> bool {
        let ended_early = watch.end != WatchEnd::Open && watch.end_ns.is_none_or(|ns| ns <= self.until_ns);
        // A refusal ends a watch, even where no end was recorded.
        let refused = watch.frames.iter().any(|frame| frame.canceled.is_some());
        watch.invoke_ns <= self.from_ns && !ended_early && !refused
    }

    fn missed(&self, case: &Case<'_>, line: &Line, index: usize) -> Option<Evidence> {
        let watch = &case.history.watches[index];
        let heal = Exhibit::observation(case.history, self.heal);
        let in_time = |ns: u64| ns <= self.until_ns;
        if !watch.frames.iter().any(|frame| in_time(frame.received_ns)) {
            let message = "the watch was not answered although every fault healed".to_owned();
            return Some(Evidence::new(
                "unanswered",
                message,
                vec![heal, Exhibit::watch(case.history, index)],
            ));
        }
        let first = first_revision(watch)?;
        let told = watch.frames.iter().filter(|frame| in_time(frame.received_ns)).flat_map(|frame| {
            let progress = frame.is_progress().then_some(frame.revision);
            frame.events.iter().map(|event| event.kv.mod_revision).chain(progress)
        });
        // What lies between is `watch-reliable`.
        let next = told.max().map_or(first, |told| told.saturating_add(1)).max(first);
        let (revision, change) = first_wanted(line, watch, next, self.acknowledged)?;
        let message = format!(
            "the event of {} at revision {revision} did not come although every fault healed",
            change.key
        );
        let mut exhibits = vec![heal, Exhibit::watch(case.history, index)];
        exhibits.extend(case.writer(line, revision));
        Some(Evidence::new("left-behind", message, exhibits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guarantee::by_hand::{judged, kind};
    use crate::history::build::*;

    const HEALED_NS: u64 = 1_000_000;
    const BOUND_NS: u64 = 1_000;

    /// A put that is acknowledged, a heal, and another one when the bound is over.
    fn history(history: &mut Builder, watched: impl FnOnce(&mut Builder, usize)) {
        history.ok(1, put("a", "0"), written(2));
        let watch = history.watch(9, watching("a", "", 2));
        history.ok(1, put("a", "1"), written(3));
        history.ok(1, put("b", "1"), written(4));
        watched(history, watch);
        history.observation(Observation::Healed { at_ns: HEALED_NS, bound_ns: BOUND_NS });
        history.observation(Observation::Healed { at_ns: HEALED_NS + BOUND_NS, bound_ns: BOUND_NS });
    }

    fn events() -> [crate::history::Event; 2] {
        [put_event(kv("a", "0", 2, 2, 1)), put_event(kv("a", "1", 2, 3, 2))]
    }

    #[test]
    fn accepts_a_watch_that_was_told_all_of_its_range() {
        let verdict = judged(check, |told| {
            history(told, |history, watch| {
                history.created(watch, 2);
                history.events(watch, events());
            });
        });
        assert_eq!(verdict, Verdict::Holds { examined: 1 });
    }

    #[test]
    fn accepts_progress_in_place_of_nothing() {
        let verdict = judged(check, |told| {
            history(told, |history, watch| {
                history.created(watch, 2);
                history.events(watch, events());
                history.progress(watch, 4);
            });
        });
        assert_eq!(verdict, Verdict::Holds { examined: 1 });
    }

    #[test]
    fn rejects_a_watch_that_was_not_told_the_last_event() {
        let kind = kind(check, |told| {
            history(told, |history, watch| {
                history.created(watch, 2);
                history.events(watch, events().into_iter().take(1));
            });
        });
        assert_eq!(kind, "left-behind");
    }

    #[test]
    fn rejects_a_watch_that_was_never_answered() {
        assert_eq!(kind(check, |told| history(told, |_, _| {})), "unanswered");
    }

    #[test]
    fn does_not_judge_watches_that_ended() {
        let verdict = judged(check, |told| history(told, |history, watch| history.compacted(watch, 3)));
        assert_eq!(verdict, Verdict::Vacuous);
    }

    #[test]
    fn does_not_judge_before_the_bound_is_over() {
        let verdict = judged(check, |history| {
            history.ok(1, put("a", "0"), written(2));
            history.watch(9, watching("a", "", 2));
            history.observation(Observation::Healed { at_ns: HEALED_NS, bound_ns: BOUND_NS });
        });
        assert_eq!(verdict, Verdict::Vacuous);
    }
}
