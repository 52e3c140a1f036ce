//! `durable`: what was acknowledged is still there after any allowed crash, and what was read is never
//! taken back.
//!
//! etcd's API guarantee "Durability" (`tests/robustness/validate/operations.go` holds clients' responses
//! against what the members' logs persisted; here, against everything seen later).

use super::blame;
use crate::bytes::Bytes;
use crate::evidence::{Evidence, Exhibit};
use crate::guarantee::{Case, Guarantee};
use crate::history::modified;
use crate::history::{Observation, Outcome, Revision};
use crate::replay::{Difference, Flaw, Line, Position, Witness, differences, seen_in};
use crate::verdict::Verdict;

/// The row of this guarantee in the table.
pub(in crate::guarantee) const GUARANTEE: Guarantee = Guarantee {
    name: "durable",
    about: "what was acknowledged stays, and what was read is never taken back",
    check,
};

/// Examines every acknowledged write of which something was seen, and where members settled.
pub(in crate::guarantee) fn check(case: &Case<'_>) -> Verdict {
    if let Some(evidence) = written_over(case) {
        return Verdict::of(1, Some(evidence));
    }
    case.by_line(|line| {
        let acknowledged = |revision: &Revision| {
            line.seen(*revision) > 0
                && line
                    .writer(*revision)
                    .is_some_and(|writer| case.history.operations[writer].response().is_some())
        };
        let confirmed = (2..=line.end()).filter(acknowledged).count() as u64;
        let (settled, behind) = settled_behind(case);
        (confirmed + settled, of_flaws(case, line).or(behind))
    })
}

fn of_flaws(case: &Case<'_>, line: &Line) -> Option<Evidence> {
    line.flaws[..line.proven].iter().find_map(|flaw| match flaw {
        Flaw::TwoWriters { revision, first, second } => Some(Evidence::new(
            "written-over",
            format!("revision {revision} was acknowledged to one request, and then to another"),
            vec![case.operation(*second), case.operation(*first)],
        )),
        Flaw::SeenOtherwise { revision, witness, another: true } => replaced(case, line, *revision, *witness),
        Flaw::WrongResponse { operation, revision, expected } => {
            let reader = &case.history.operations[*operation];
            if reader.request.is_serializable() {
                return None;
            }
            let found = differences(line, *revision, &reader.request, reader.response()?, expected.as_ref());
            found.into_iter().find_map(|difference| match difference {
                Difference::Lost { key, revision } => lost(case, line, (&key, revision), *operation),
                _ => None,
            })
        }
        Flaw::NoWriter { .. } | Flaw::WrongPast { .. } | Flaw::SeenOtherwise { .. } => None,
    })
}

/// A revision that was acknowledged, or seen, and that was seen to be something else.
fn replaced(case: &Case<'_>, line: &Line, revision: Revision, witness: Witness) -> Option<Evidence> {
    // A serializable read that is wrong is wrong by itself.
    if let Witness::Operation(index) = witness
        && case.history.operations[index].request.is_serializable()
    {
        return None;
    }
    let writer = line.writer(revision)?;
    let (kind, sort) = match case.history.operations[writer].outcome {
        Outcome::Ok(_) if line.is_certain(revision) => ("replaced", "acknowledged"),
        Outcome::Ok(_) | Outcome::Failed(_) | Outcome::Unknown(_) => ("taken-back", "seen"),
    };
    let message = format!("what revision {revision} was {sort} to be is not what else was seen of it");
    Some(Evidence::new(kind, message, blame::first(case, writer, case.witness(witness))))
}

/// A read without what was acknowledged before it began.
fn lost(
    case: &Case<'_>,
    line: &Line,
    (key, revision): (&Bytes, Revision),
    reader: usize,
) -> Option<Evidence> {
    let writer = line.certain_writer(revision)?;
    let (write, read) = (&case.history.operations[writer], &case.history.operations[reader]);
    write.response()?;
    let before = write.return_ns.is_some_and(|return_ns| return_ns <= read.invoke_ns);
    // A read that lags is no loss, as the next one shows.
    if !before || is_shown_later(case, key, revision, reader) {
        return None;
    }
    let seen_from = read.response()?.header().revision;
    if let Some(taken) = blame::taker(case, line, key, revision, seen_from) {
        let shown = [case.operation(reader), case.operation(writer)];
        return Some(Evidence::new(
            "lost-write",
            taken.message,
            taken.exhibit.into_iter().chain(shown).collect(),
        ));
    }
    let message = format!("the write of revision {revision} was acknowledged, and is gone");
    Some(Evidence::new("lost-write", message, vec![case.operation(reader), case.operation(writer)]))
}

/// True if a key was shown as a revision left it by what was asked after a reader had its answer.
fn is_shown_later(case: &Case<'_>, key: &Bytes, revision: Revision, reader: usize) -> bool {
    let Some(answered_ns) = case.history.operations[reader].return_ns else { return false };
    case.history.operations.iter().any(|operation| {
        let mut is_shown = false;
        if operation.invoke_ns >= answered_ns
            && !operation.request.is_serializable()
            && let Some(response) = operation.response()
        {
            seen_in(&operation.request, response, &mut |kv, _| {
                is_shown |= kv.key == *key && kv.mod_revision == revision;
            });
        }
        is_shown
    })
}

/// A write that was given a revision at or below one that had been answered before it was asked: the line
/// was cut off and written on.
fn written_over(case: &Case<'_>) -> Option<Evidence> {
    for (index, operation) in case.history.operations.iter().enumerate() {
        let (Some(place), Some(floor)) = (Position::of(operation), case.floors()[index]) else { continue };
        if operation.response().is_some_and(modified) && place <= floor.place {
            let message = format!(
                "revision {} had been answered, and then revision {} was written anew",
                floor.place.revision(),
                place.revision()
            );
            let exhibits = vec![case.operation(index), case.operation(floor.operation)];
            return Some(Evidence::new("written-over", message, exhibits));
        }
    }
    None
}

/// Checks that, each time members settled, one of them had all that was acknowledged by then; counts how often
/// that could be said.
fn settled_behind(case: &Case<'_>) -> (u64, Option<Evidence>) {
    let history = case.history;
    let mut examined = 0;
    let mut group: Vec<(usize, u64, Revision)> = Vec::new();
    for index in 0..=history.observations.len() {
        match history.observations.get(index) {
            Some(Observation::Settled { at_ns, revision, .. }) => group.push((index, *at_ns, *revision)),
            Some(Observation::Healed { .. }) | None => {
                if let Some((highest, at_ns, revision)) =
                    group.iter().copied().max_by_key(|settled| settled.2)
                {
                    let first_ns = group.iter().map(|settled| settled.1).fold(at_ns, u64::min);
                    let newest = (0..history.operations.len())
                        .filter(|write| history.operations[*write].return_ns.is_some_and(|at| at < first_ns))
                        .filter(|write| history.operations[*write].response().is_some_and(modified))
                        .max_by_key(|write| Position::of(&history.operations[*write]));
                    let Some(write) = newest else { continue };
                    let acknowledged =
                        Position::of(&history.operations[write]).map_or(0, |place| place.revision());
                    examined += 1;
                    if acknowledged > revision {
                        let message = format!(
                            "revision {acknowledged} was acknowledged, and no member is past {revision}"
                        );
                        let exhibits = vec![Exhibit::observation(history, highest), case.operation(write)];
                        return (examined, Some(Evidence::new("lost-write", message, exhibits)));
                    }
                }
                group.clear();
            }
            Some(_) => {}
        }
    }
    (examined, None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guarantee::by_hand::{judged, kind};
    use crate::history::MemberId;
    use crate::history::build::*;

    fn settled(h: &mut Builder, member: u64, revision: Revision) {
        let at_ns = h.tick();
        h.observation(Observation::Settled {
            at_ns,
            member: MemberId(member),
            revision,
            leader: None,
            auth_revision: None,
            auth_hash: None,
        });
    }

    #[test]
    fn accepts_what_stays() {
        let verdict = judged(check, |h| {
            h.ok(0, put("a", "1"), written(2));
            h.ok(0, put("b", "1"), written(3));
            h.ok(1, get("a"), ranged(3, [kv("a", "1", 2, 2, 1)]));
            settled(h, 1, 2);
            settled(h, 2, 3);
        });
        assert_eq!(verdict, Verdict::Holds { examined: 2 });
    }

    #[test]
    fn a_write_that_nobody_looked_for_proves_nothing() {
        let verdict = judged(check, |h| {
            h.ok(0, put("a", "1"), written(2));
        });
        assert_eq!(verdict, Verdict::Vacuous);
    }

    #[test]
    fn does_not_take_a_stale_read_for_a_loss() {
        let verdict = judged(check, |h| {
            h.ok(0, put("a", "1"), written(2));
            h.ok(0, put("a", "2"), written(3));
            h.ok(1, get("a"), ranged(2, [kv("a", "1", 2, 2, 1)]));
            h.ok(1, get("a"), ranged(3, [kv("a", "2", 2, 3, 2)]));
        });
        assert!(verdict.holds(), "{verdict}");
    }

    #[test]
    fn rejects_a_read_without_an_acknowledged_write() {
        let kind = kind(check, |h| {
            h.ok(0, put("a", "1"), written(2));
            h.ok(0, put("b", "1"), written(3));
            h.ok(1, get("a"), ranged(3, []));
        });
        assert_eq!(kind, "lost-write");
    }

    #[test]
    fn leaves_a_read_that_overlaps_the_write_to_linearizable() {
        let verdict = judged(check, |h| {
            let write = h.ok(0, put("a", "1"), written(2));
            let read = h.ok(1, get("a"), ranged(2, []));
            h.during(write, 10, 30);
            h.during(read, 20, 40);
            h.ok(1, get("a"), ranged(2, [kv("a", "1", 2, 2, 1)]));
        });
        assert!(verdict.holds(), "{verdict}");
    }

    #[test]
    fn rejects_a_revision_that_is_given_out_again() {
        let again = |revision: Revision| {
            kind(check, |h| {
                h.ok(0, put("a", "1"), written(2));
                h.ok(0, put("a", "2"), written(3));
                h.ok(1, put("b", "1"), written(revision));
            })
        };
        assert_eq!(again(3), "written-over");
        assert_eq!(again(2), "written-over");
    }

    #[test]
    fn rejects_a_write_at_a_revision_that_was_answered_before_it_was_asked() {
        let verdict = judged(check, |h| {
            h.ok(0, put("a", "1"), written(2));
            h.ok(1, get("a"), ranged(3, [kv("a", "1", 2, 2, 1)]));
            h.ok(0, put("b", "1"), written(3));
        });
        let evidence = verdict.evidence().unwrap_or_else(|| panic!("{verdict}"));
        assert_eq!(evidence.kind, "written-over");
        assert!(evidence.message.contains("revision 3 had been answered"), "{evidence}");
    }

    #[test]
    fn rejects_a_revision_that_turns_out_to_be_another() {
        let kind = kind(check, |h| {
            h.unknown(1, put("b", "1"));
            h.ok(0, put("a", "1"), written(2));
            let watch = h.watch(2, watching("b", "", 2));
            h.created(watch, 2);
            h.events(watch, [put_event(kv("b", "1", 2, 2, 1))]);
        });
        assert_eq!(kind, "replaced");
    }

    #[test]
    fn rejects_what_was_read_and_taken_back() {
        let kind = kind(check, |h| {
            h.unknown(1, put("b", "1"));
            h.unknown(0, put("a", "1"));
            h.ok(1, get("a"), ranged(2, [kv("a", "1", 2, 2, 1)]));
            h.ok(1, get("b"), ranged(2, [kv("b", "1", 2, 2, 1)]));
        });
        assert_eq!(kind, "taken-back");
    }

    #[test]
    fn rejects_members_that_settle_before_what_was_acknowledged() {
        let kind = kind(check, |h| {
            h.ok(0, put("a", "1"), written(2));
            h.ok(0, put("a", "2"), written(3));
            settled(h, 1, 2);
            settled(h, 2, 2);
        });
        assert_eq!(kind, "lost-write");
    }
}
