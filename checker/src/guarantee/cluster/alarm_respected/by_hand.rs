use super::check;
use crate::guarantee::by_hand::{judged, kind};
use crate::history::build::*;
use crate::history::{AlarmKind, MemberId, Observation};
use crate::verdict::Verdict;

const NO_SPACE: &str = "etcdserver: mvcc: database space exceeded";
const CORRUPT: &str = "etcdserver: corrupt cluster";

fn raised(h: &mut Builder, member: u64, alarm: AlarmKind) {
    let at_ns = h.tick();
    h.observation(Observation::Alarm { at_ns, member: MemberId(member), alarm, by_operator: false });
}

fn first_write(h: &mut Builder) {
    h.observation(started(1));
    h.ok(0, put("a", "1"), written(2));
}

#[test]
fn accepts_alarms_that_forbid_what_they_should() {
    let verdict = judged(check, |h| {
        first_write(h);
        raised(h, 2, AlarmKind::NoSpace);
        h.failed(0, put("a", "2"), "ResourceExhausted", NO_SPACE);
        h.ok(0, delete("a"), deleted(3, 1));
        h.ok(0, txn([], [get("a")], [delete("b")]), decided(3, true, [ranged(3, [])]));
        h.ok(0, compact(3), compaction(3));
        h.admin(9, alarms(), alarmed(3, &[no_space(2)]));
        h.admin(9, disarm(no_space(2)), alarmed(3, &[no_space(2)]));
        h.ok(0, put("a", "2"), written(4));
        h.admin(9, alarms(), alarmed(4, &[]));
        h.admin(9, disarm(no_space(2)), alarmed(4, &[]));
        h.admin(9, raise(corrupt(1)), alarmed(4, &[corrupt(1)]));
        h.failed(0, delete("a"), "DataLoss", CORRUPT);
        h.ok(0, get("a"), ranged(4, [kv("a", "2", 4, 4, 1)]));
        h.admin(9, disarm(corrupt(1)), alarmed(4, &[corrupt(1)]));
        h.ok(0, delete("a"), deleted(5, 1));
    });
    assert_eq!(verdict, Verdict::Holds { examined: 8 });
    assert_eq!(judged(check, first_write), Verdict::Vacuous);
}

#[test]
fn accepts_what_may_have_been_in_another_order() {
    // The alarm was disarmed by a request that was given up, raised beside the put, or disarmed beside it.
    let verdict = judged(check, |h| {
        first_write(h);
        h.admin_unknown(9, disarm(no_space(2)));
        raised(h, 2, AlarmKind::NoSpace);
        h.ok(0, put("a", "2"), written(3));
    });
    assert_eq!(verdict, Verdict::Holds { examined: 1 });
    let verdict = judged(check, |h| {
        first_write(h);
        let beside = h.ok(0, put("a", "2"), written(3));
        let raise = h.admin(9, raise(no_space(2)), alarmed(3, &[no_space(2)]));
        h.during(beside, 100, 200);
        h.admin_during(raise, 110, 190);
        let disarm = h.admin(9, disarm(no_space(2)), alarmed(3, &[no_space(2)]));
        let beside = h.ok(0, put("a", "3"), written(4));
        h.admin_during(disarm, 300, 400);
        h.during(beside, 310, 390);
    });
    assert_eq!(verdict, Verdict::Holds { examined: 2 });
}

#[test]
fn accepts_what_a_nested_txn_puts_as_etcd_does() {
    let nested = || txn([], [txn([], [put("a", "2")], [])], []);
    let answer = || decided(3, true, [decided(3, true, [written(3)])]);
    let verdict = judged(check, |h| {
        first_write(h);
        raised(h, 1, AlarmKind::NoSpace);
        h.ok(0, nested(), answer());
    });
    assert_eq!(verdict, Verdict::Holds { examined: 1 });
    let kind = kind(check, |h| {
        first_write(h);
        raised(h, 1, AlarmKind::Corrupt);
        h.ok(0, nested(), answer());
    });
    assert_eq!(kind, "applied-under-alarm");
}

#[test]
fn rejects_what_succeeds_under_an_alarm() {
    let branch = || txn([], [get("a")], [put("b", "1")]);
    let seen = || decided(2, true, [ranged(2, [kv("a", "1", 2, 2, 1)])]);
    for (alarm, request, response) in [
        (AlarmKind::NoSpace, put("a", "2"), written(3)),
        (AlarmKind::NoSpace, grant(7, 60), granted(2, 7, 60)),
        (AlarmKind::NoSpace, branch(), seen()),
        (AlarmKind::Corrupt, put("a", "2"), written(3)),
        (AlarmKind::Corrupt, grant(7, 60), granted(2, 7, 60)),
        (AlarmKind::Corrupt, revoke(7), revoked(2)),
        (AlarmKind::Corrupt, branch(), seen()),
        (AlarmKind::Corrupt, delete("b"), deleted(2, 0)),
        (AlarmKind::Corrupt, compact(2), compaction(2)),
    ] {
        let by = |sighting: fn(&mut Builder, AlarmKind)| {
            kind(check, |h| {
                first_write(h);
                sighting(h, alarm);
                h.ok(0, request.clone(), response.clone());
            })
        };
        let observed = by(|h, alarm| raised(h, 3, alarm));
        let told = by(|h, alarm| {
            let standing = crate::history::Alarm { member: MemberId(3), alarm };
            h.admin(9, alarms(), alarmed(2, &[standing]));
        });
        assert_eq!((observed.as_str(), told.as_str()), ("applied-under-alarm", "applied-under-alarm"));
    }
}

#[test]
fn rejects_by_revisions_what_times_leave_open() {
    let kind = kind(check, |h| {
        first_write(h);
        let told = h.admin(9, raise(no_space(2)), alarmed(2, &[no_space(2)]));
        let put = h.ok(0, put("a", "2"), written(3));
        h.admin_during(told, 100, 200);
        h.during(put, 110, 190);
        // It was asked for when that put was answered.
        h.ok(1, get("b"), ranged(3, []));
        h.admin_unknown(9, disarm(no_space(1)));
    });
    assert_eq!(kind, "applied-under-alarm");
}

#[test]
fn rejects_an_alarm_that_was_forgotten_or_stays() {
    let forgotten = |end: fn(&mut Builder)| {
        kind(check, |h| {
            first_write(h);
            h.admin(9, raise(no_space(2)), alarmed(2, &[no_space(2)]));
            end(h);
        })
    };
    let kinds = [
        forgotten(|h| {
            h.admin(9, alarms(), alarmed(2, &[]));
        }),
        forgotten(|h| {
            h.admin(9, disarm(no_space(2)), alarmed(2, &[]));
        }),
        forgotten(|h| {
            h.admin_unknown(9, disarm(no_space(1)));
            h.admin(9, alarms(), alarmed(2, &[]));
        }),
    ];
    assert!(kinds.iter().all(|kind| kind == "alarm-forgotten"), "{kinds:?}");
    let not_raised = [
        kind(check, |h| {
            first_write(h);
            h.admin(9, alarms(), alarmed(2, &[no_space(2)]));
        }),
        kind(check, |h| {
            first_write(h);
            raised(h, 2, AlarmKind::NoSpace);
            h.admin(9, disarm(no_space(2)), alarmed(2, &[no_space(2)]));
            h.admin(9, alarms(), alarmed(2, &[no_space(2)]));
        }),
        kind(check, |h| {
            first_write(h);
            raised(h, 2, AlarmKind::NoSpace);
            h.admin(9, disarm(no_space(2)), alarmed(2, &[no_space(2)]));
            h.admin(9, disarm(no_space(2)), alarmed(2, &[no_space(2)]));
        }),
    ];
    assert!(not_raised.iter().all(|kind| kind == "alarm-not-raised"), "{not_raised:?}");
}

#[test]
fn accepts_an_alarm_that_a_member_raised_again_or_nobody_observed() {
    let verdict = judged(check, |h| {
        first_write(h);
        raised(h, 2, AlarmKind::NoSpace);
        h.admin(9, disarm(no_space(2)), alarmed(2, &[no_space(2)]));
        raised(h, 2, AlarmKind::NoSpace);
        h.admin(9, alarms(), alarmed(2, &[no_space(2)]));
    });
    assert_eq!(verdict, Verdict::Holds { examined: 4 });
    let verdict = judged(check, |h| {
        h.ok(0, put("a", "1"), written(2));
        h.failed(0, put("a", "2"), "DataLoss", CORRUPT);
        h.admin(9, alarms(), alarmed(2, &[no_space(2)]));
    });
    assert_eq!(verdict, Verdict::Holds { examined: 2 });
}

#[test]
fn rejects_refusals_that_no_alarm_explains() {
    let refused = |request: crate::history::Request, message: &str| {
        kind(check, |h| {
            first_write(h);
            raised(h, 2, AlarmKind::NoSpace);
            h.admin(9, raise(corrupt(3)), alarmed(2, &[corrupt(3)]));
            h.admin(9, disarm(corrupt(3)), alarmed(2, &[corrupt(3)]));
            h.failed(0, request, "Unknown", message);
        })
    };
    assert_eq!(refused(delete("a"), NO_SPACE), "refused-without-need");
    assert_eq!(refused(compact(2), NO_SPACE), "refused-without-need");
    assert_eq!(refused(put("a", "2"), CORRUPT), "refused-without-alarm");
}
