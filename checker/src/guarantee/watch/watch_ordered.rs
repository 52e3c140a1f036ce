//! `watch-ordered`: events of one watch never go back in revision.
//!
//! etcd's API guarantee "Ordered" (`tests/robustness/validate/watch.go`, `validateOrdered`).

use crate::evidence::{Evidence, Exhibit};
use crate::guarantee::{Case, Guarantee};
use crate::verdict::Verdict;

/// The row of this guarantee in the table.
pub(in crate::guarantee) const GUARANTEE: Guarantee =
    Guarantee { name: "watch-ordered", about: "events of one watch never go back in revision", check };

/// Examines every event that follows another one on its watch.
pub(in crate::guarantee) fn check(case: &Case<'_>) -> Verdict {
    let history = case.history;
    let mut examined = 0;
    for (index, watch) in history.watches.iter().enumerate() {
        let mut last = None;
        for (frame, event, shown) in watch.events() {
            let revision = shown.kv.mod_revision;
            if let Some((last_frame, last_event, last_revision)) = last {
                examined += 1;
                if revision < last_revision {
                    let message =
                        format!("an event at revision {revision} came after one at revision {last_revision}");
                    let exhibits = vec![
                        Exhibit::event(history, index, frame, event),
                        Exhibit::event(history, index, last_frame, last_event),
                    ];
                    return Verdict::of(examined, Some(Evidence::new("went-back", message, exhibits)));
                }
            }
            last = Some((frame, event, revision));
        }
    }
    Verdict::of_examined(examined)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::build::*;

    fn judged(frames: &[&[i64]]) -> Verdict {
        let mut history = Builder::default();
        let watch = history.watch(0, watching("", "\0", 2));
        for frame in frames {
            history.events(watch, frame.iter().map(|revision| delete_event("a", *revision)));
        }
        check(&Case::new(&history.build()))
    }

    #[test]
    fn accepts_revisions_that_go_on_or_stay() {
        assert_eq!(judged(&[&[2, 3, 3], &[7]]), Verdict::Holds { examined: 3 });
        assert_eq!(judged(&[&[2]]), Verdict::Vacuous);
    }

    #[test]
    fn rejects_revisions_that_go_back() {
        assert_eq!(judged(&[&[2, 4, 3]]).evidence().unwrap().kind, "went-back");
        assert_eq!(judged(&[&[2], &[4], &[3]]).evidence().unwrap().exhibits.len(), 2);
    }
}
