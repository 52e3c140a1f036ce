//! Declared bounds on the drift and jumps of clocks.

use revline_checker::history::build::*;
use revline_checker::history::jsonl::{read, write};
use revline_checker::history::{History, Observation};
use revline_checker::judge::Judge;

const SECOND_NS: u64 = 1_000_000_000;

fn bounds(clock_drift_ppm: u64, clock_jump_ms: u64) -> Observation {
    Observation::Bounds {
        at_ns: 0,
        clock_drift_ppm,
        clock_jump_ms,
        lease_expiry_slack_ms: 500,
        lease_leader_slack_ms: None,
    }
}

/// Lease 7 is granted at second 1, and its key is gone by another.
fn gone(bounds: Option<Observation>, ttl_s: i64, at_s: u64) -> History {
    let mut h = Builder::default();
    bounds.into_iter().for_each(|bounds| h.observation(bounds));
    let index = h.ok(0, grant(7, ttl_s), granted(1, 7, ttl_s));
    h.during(index, SECOND_NS, SECOND_NS + 1);
    let index = h.ok(0, put_with("a", "1", 7), written(2));
    h.during(index, SECOND_NS + 2, SECOND_NS + 3);
    let index = h.ok(0, get("a"), ranged(3, []));
    h.during(index, at_s * SECOND_NS, at_s * SECOND_NS + 1);
    h.build()
}

/// The same, and its key is still there, in a term in which something was written just before.
fn kept(bounds: Observation, ttl_s: i64, at_s: u64) -> History {
    let mut h = Builder::default();
    h.observation(bounds);
    let index = h.ok_in_term(0, grant(7, ttl_s), granted(1, 7, ttl_s), 2);
    h.during(index, SECOND_NS, SECOND_NS + 1);
    let index = h.ok_in_term(0, put_with("a", "1", 7), written(2), 2);
    h.during(index, SECOND_NS + 2, SECOND_NS + 3);
    let index = h.ok_in_term(0, put("b", "1"), written(3), 2);
    h.during(index, at_s * SECOND_NS, at_s * SECOND_NS + 1);
    let index = h.ok_in_term(0, get("a"), ranged(3, [with_lease(kv("a", "1", 2, 2, 1), 7)]), 2);
    h.during(index, at_s * SECOND_NS + 2, at_s * SECOND_NS + 3);
    h.build()
}

fn violated(history: &History) -> Vec<String> {
    Judge::new(history).run().violations().map(|(name, _)| name.to_owned()).collect()
}

#[test]
fn a_drift_without_a_promise_accuses_nobody() {
    for ppm in [1_000_000, 1_000_001, 2_000_000, u64::MAX] {
        for ttl_s in [60, 9_000_000_000] {
            assert_eq!(violated(&gone(Some(bounds(ppm, 0)), ttl_s, 2)), [""; 0], "{ppm} {ttl_s}");
            assert_eq!(violated(&kept(bounds(ppm, 0), 2, 100_000)), [""; 0], "{ppm}");
        }
    }
    assert_eq!(violated(&gone(Some(bounds(999_999, 0)), 60, 2)), ["lease-alive"]);
    assert_eq!(violated(&gone(None, 60, 2)), ["lease-alive"]);
    assert_eq!(violated(&gone(Some(bounds(0, 0)), 9_000_000_000, 2)), ["lease-alive"]);
    assert_eq!(violated(&kept(bounds(0, 0), 2, 100_000)), ["lease-expires"]);
}

#[test]
fn a_jump_takes_time_away_or_gives_it() {
    // 10 s from second 1 on, and 9 of them are over.
    assert_eq!(violated(&gone(Some(bounds(0, 999)), 10, 10)), ["lease-alive"]);
    assert_eq!(violated(&gone(Some(bounds(0, 1_001)), 10, 10)), [""; 0]);
    assert_eq!(violated(&gone(Some(bounds(0, u64::MAX)), 10, 2)), [""; 0]);
    // It had to be proposed by 11.5 s.
    assert_eq!(violated(&kept(bounds(0, 0), 10, 12)), ["lease-expires"]);
    assert_eq!(violated(&kept(bounds(0, 400), 10, 12)), ["lease-expires"]);
    assert_eq!(violated(&kept(bounds(0, 501), 10, 12)), [""; 0]);
    assert_eq!(violated(&kept(bounds(0, u64::MAX), 10, 12)), [""; 0]);
}

#[test]
fn a_jump_is_written_and_read() {
    let history = gone(Some(bounds(7, 1_500)), 10, 20);
    let mut text = Vec::new();
    write(&history, &mut text).expect("memory takes it");
    let text = String::from_utf8(text).expect("it is JSON");
    assert!(text.contains(r#""clock_jump_ms":1500"#), "{text}");
    assert_eq!(read("h", text.as_bytes()).expect("it is sound"), history);
    let without = text.replace(r#""clock_jump_ms":1500,"#, "");
    assert_eq!(read("h", without.as_bytes()).expect("it has a default").observations, [bounds(7, 0)]);
    for (wrong, problem) in [
        (r#""clock_jump_ms":-1"#, "invalid value"),
        (r#""clock_jump_s":1"#, "unknown field"),
        (r#""clock_jump_ms":"1""#, "invalid type"),
    ] {
        let error = read("h", text.replace(r#""clock_jump_ms":1500"#, wrong).as_bytes())
            .expect_err(wrong)
            .to_string();
        assert!(error.contains(problem) && error.starts_with("h:"), "{error}");
    }
}
