use super::check;
use crate::guarantee::by_hand::{judged, kind};
use crate::history::build::*;
use crate::history::{AdminRequest, MemberId, Observation, Request, Response, SeenMember};
use crate::verdict::Verdict;

/// A member by its id, whether it is a learner, and the end of its log.
type Seen = (u64, bool, u64);

fn seen(h: &mut Builder, member: u64, index: u64, changed: bool, members: &[Seen]) {
    let at_ns = h.tick();
    let seen =
        |&(id, is_learner, last): &Seen| SeenMember { id: MemberId(id), is_learner, last_index: Some(last) };
    let members = members.iter().map(seen).collect();
    h.observation(Observation::Members { at_ns, member: MemberId(member), index, changed, members });
}

fn leads(h: &mut Builder, member: u64, term: u64) {
    let at_ns = h.tick();
    h.observation(Observation::Leader { at_ns, member: MemberId(member), term, last_index: None });
}

fn add(id: u64) -> AdminRequest {
    AdminRequest::MemberAdd { id: MemberId(id), is_learner: true }
}

fn promote(id: u64) -> AdminRequest {
    AdminRequest::MemberPromote { id: MemberId(id) }
}

fn remove(id: u64) -> AdminRequest {
    AdminRequest::MemberRemove { id: MemberId(id) }
}

const LIST: AdminRequest = AdminRequest::MemberList { linearizable: true };

/// A learner joins at index 100, and gets a vote at index 120 with a log of its own up to `last`.
fn promoted(h: &mut Builder, last: u64) {
    leads(h, 1, 2);
    seen(h, 1, 100, true, &[(1, false, 100), (2, false, 99), (4, true, 0)]);
    h.admin(9, promote(4), members(&[1, 2, 4], &[]));
    seen(h, 1, 120, true, &[(1, false, 119), (2, false, 119), (4, false, last)]);
}

fn by_member(mut response: Response, member: u64) -> Response {
    response.header_mut().member = MemberId(member);
    response
}

#[test]
fn accepts_members_that_come_and_go_one_by_one() {
    let verdict = judged(check, |h| {
        leads(h, 1, 2);
        h.admin(9, LIST, members(&[1, 2], &[]));
        h.admin(9, add(4), members(&[1, 2], &[4]));
        seen(h, 1, 100, true, &[(1, false, 100), (2, false, 99), (4, true, 0)]);
        seen(h, 4, 104, false, &[(1, false, 103), (2, false, 99), (4, true, 103)]);
        seen(h, 2, 100, true, &[(1, false, 100), (2, false, 100), (4, true, 0)]);
        h.ok(0, serializable("a", ""), by_member(ranged(1, []), 4));
        h.admin(9, promote(4), members(&[1, 2, 4], &[]));
        seen(h, 2, 120, true, &[(1, false, 119), (2, false, 119), (4, false, 93)]);
        h.ok(0, get("a"), by_member(ranged(1, []), 4));
        leads(h, 4, 3);
        h.admin(9, remove(1), members(&[2, 4], &[]));
        seen(h, 4, 140, true, &[(2, false, 139), (4, false, 139)]);
        h.admin(9, LIST, members(&[2, 4], &[]));
    });
    assert_eq!(verdict, Verdict::Holds { examined: 10 });
    let other = judged(check, |h| {
        h.ok(0, put("a", "1"), written(2));
    });
    assert_eq!(other, Verdict::Vacuous);
}

#[test]
fn accepts_a_promotion_that_the_logs_do_not_speak_against() {
    // Nine tenths of what was committed when it was asked for.
    assert!(judged(check, |h| promoted(h, 90)).holds());
    // A leader whose own disk is behind compares with that.
    let verdict = judged(check, |h| {
        leads(h, 1, 2);
        seen(h, 2, 100, true, &[(1, false, 40), (2, false, 99), (4, true, 0)]);
        seen(h, 2, 120, true, &[(1, false, 50), (2, false, 119), (4, false, 36)]);
    });
    assert!(verdict.holds(), "{verdict}");
    // Another leader may have been elected in between.
    let verdict = judged(check, |h| {
        leads(h, 2, 2);
        seen(h, 2, 100, true, &[(1, false, 40), (2, false, 99), (4, true, 0)]);
        leads(h, 1, 3);
        seen(h, 2, 120, true, &[(1, false, 50), (2, false, 119), (4, false, 36)]);
    });
    assert!(verdict.holds(), "{verdict}");
}

#[test]
fn rejects_a_promotion_of_a_learner_that_is_behind() {
    assert_eq!(kind(check, |h| promoted(h, 89)), "promoted-early");
    assert_eq!(kind(check, |h| promoted(h, 0)), "promoted-early");
}

#[test]
fn rejects_members_that_disagree_or_change_at_once() {
    let two: &[Seen] = &[(1, false, 9), (2, false, 9)];
    let three: &[Seen] = &[(1, false, 9), (2, false, 9), (3, false, 9)];
    let learner: &[Seen] = &[(1, false, 9), (2, true, 9)];
    let four: &[Seen] = &[(1, false, 9), (2, false, 9), (3, true, 9), (4, true, 9)];
    for (first, second, expected) in [
        ((10, true, two), (10, true, three), "different-members"),
        ((10, true, two), (15, false, three), "different-members"),
        ((10, true, two), (10, true, learner), "different-members"),
        ((10, true, two), (12, true, four), "several-changed"),
        ((10, true, two), (12, true, learner), "demoted"),
    ] {
        let kind = kind(check, |h| {
            seen(h, 1, first.0, first.1, first.2);
            seen(h, 2, second.0, second.1, second.2);
        });
        assert_eq!(kind, expected);
    }
}

#[test]
fn rejects_a_learner_that_acts_as_a_voter() {
    let early = |act: fn(&mut Builder)| {
        kind(check, |h| {
            seen(h, 1, 100, true, &[(1, false, 100), (4, true, 0)]);
            act(h);
            seen(h, 1, 120, true, &[(1, false, 119), (4, false, 119)]);
        })
    };
    assert_eq!(early(|h| leads(h, 4, 3)), "learner-led");
    for (request, response) in [
        (get("a"), ranged(1, [])),
        (put("a", "1"), written(2)),
        (txn([], [serializable("a", "")], []), decided(1, true, [ranged(1, [])])),
    ] {
        let answer: (Request, Response) = (request, by_member(response, 4));
        let kind = kind(check, |h| {
            seen(h, 1, 100, true, &[(1, false, 100), (4, true, 0)]);
            h.ok(0, answer.0, answer.1);
        });
        assert_eq!(kind, "learner-answered");
    }
}

#[test]
fn rejects_answers_that_lack_a_change_or_make_one_up() {
    let answered = |first: AdminRequest, second: (&[u64], &[u64])| {
        kind(check, |h| {
            h.ok(0, put("a", "1"), written(2));
            h.admin(9, add(4), members(&[1, 2], &[4]));
            h.admin(9, first, members(&[1, 2], &[]));
            h.admin(9, LIST, members(second.0, second.1));
        })
    };
    assert_eq!(answered(LIST, (&[1, 2], &[4])), "member-missing");
    assert_eq!(answered(promote(4), (&[1, 2], &[4])), "member-missing");
    assert_eq!(answered(remove(4), (&[1, 2], &[4])), "member-still-there");
    let kind = kind(check, |h| {
        h.admin(9, add(4), members(&[1, 2], &[4]));
        h.admin(9, LIST, members(&[1, 2, 4], &[]));
    });
    assert_eq!(kind, "vote-from-nowhere");
}

/// Three members, of which some were started; then others are added, one by one, and nobody starts them.
fn grown(h: &mut Builder, with_process: &[u64], to: u64) {
    with_process.iter().for_each(|id| h.observation(started(*id)));
    for last in 3..=to {
        let members: Vec<Seen> = (1..=last).map(|id| (id, false, 0)).collect();
        seen(h, 1, 100 + last, true, &members);
    }
}

#[test]
fn accepts_voters_of_whom_a_quorum_was_started() {
    let accepted = |with_process: &[u64], to| {
        let verdict = judged(check, |h| grown(h, with_process, to));
        assert!(verdict.holds(), "{verdict}");
    };
    accepted(&[1, 2, 3], 5);
    accepted(&[1, 2, 3, 4], 7);
    accepted(&[], 9);
    let verdict = judged(check, |h| {
        [4, 5].into_iter().for_each(|member| leads(h, member, 7));
        grown(h, &[1, 2, 3], 8);
    });
    assert!(verdict.holds(), "who led has a process: {verdict}");
    let verdict = judged(check, |h| {
        h.observation(started(1));
        seen(h, 1, 100, true, &[(1, false, 0)]);
        seen(h, 1, 101, true, &[(1, false, 0), (2, false, 0)]);
    });
    assert!(verdict.holds(), "the second of one: {verdict}");
}

#[test]
fn rejects_voters_of_whom_no_quorum_was_started() {
    assert_eq!(kind(check, |h| grown(h, &[1, 2, 3], 6)), "no-quorum-started");
    let removed = kind(check, |h| {
        grown(h, &[1, 2, 3], 5);
        seen(h, 1, 110, true, &[(2, false, 0), (3, false, 0), (4, false, 0), (5, false, 0)]);
    });
    assert_eq!(removed, "no-quorum-started");
}
