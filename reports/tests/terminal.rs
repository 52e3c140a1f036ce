//! Reports for people, of runs made by hand: also of runs that no healthy store would have.

#![allow(clippy::unwrap_used, reason = "a test: the panic is the message")]

use revline_checker::evidence::Evidence;
use revline_checker::guarantee::BelievedOverlaps;
use revline_checker::verdict::{Verdict, Verdicts};
use revline_reports::RunReport;
use revline_reports::latency::Latencies;
use revline_reports::sweep::SweepReport;
use revline_reports::terminal::Look;
use revline_reports::{json, terminal};
use revline_scenarios::{Counters, TraceHash};
use std::time::Duration;

fn run(scenario: &str, seed: u64, verdicts: &[(&str, Verdict)]) -> RunReport {
    let mut guarantees = Verdicts::default();
    verdicts.iter().for_each(|(name, verdict)| guarantees.add(name, verdict.clone()));
    RunReport {
        scenario: scenario.to_owned(),
        seed,
        variant: None,
        members: 3,
        trace_hash: TraceHash(seed + 1),
        trace_events: 10,
        operations: 6_000,
        unknown_operations: 1,
        watch_events: 20,
        elections: 1,
        faults: 0,
        simulated_ms: 6_000,
        wall_ms: 1.0,
        counters: Counters { elections: 1, ..Counters::default() },
        believed: None,
        marks: None,
        latencies: Latencies::default(),
        guarantees,
        panic: None,
        replay: Some(format!("revline replay {scenario}@{seed}")),
        bundle: None,
        page: None,
    }
}

fn holds(examined: u64) -> Verdict {
    Verdict::Holds { examined }
}

fn violated(kind: &str) -> Verdict {
    Verdict::Violated { examined: 7, evidence: Evidence::new(kind, format!("it broke by {kind}"), vec![]) }
}

fn report(runs: Vec<RunReport>) -> SweepReport {
    let mut report = SweepReport { wall: Duration::from_millis(1_500), ..SweepReport::default() };
    runs.into_iter().for_each(|run| report.add(run));
    report
}

#[test]
fn a_sweep_in_which_all_holds() {
    let runs = vec![
        run("calm", 0, &[("linearizable", holds(6_000)), ("recovers", holds(2))]),
        run("rough-weather", 0, &[("linearizable", holds(5_000)), ("recovers", Verdict::Vacuous)]),
        run("calm", 1, &[("linearizable", holds(6_000)), ("recovers", holds(2))]),
    ];
    let expected = "                     calm    rough    all
                           weather
─────────────────────────────────────────
linearizable        12.0k     5000  17.0k
recovers                4        -      4

runs                    2        1      3
operations          12.0k     6000  18.0k
of unknown outcome      2        1      3
simulated time       12 s    6.0 s   18 s

a number: it holds, after so many observations; -: nothing to examine

total    3 runs, 18 000 operations (3 of unknown outcome), 60 watch events; 18 s simulated in 1.5 s
reached  elections 3
";
    let text = terminal::sweep(&report(runs), Look::plain(120));
    assert_eq!(text.split("never ").next(), Some(expected), "{text}");
    assert!(text.ends_with("result   all hold: 2 guarantees in 3 runs\n"), "{text}");
}

#[test]
fn every_way_to_fail_is_told_with_its_replay() {
    let unknown = Verdict::Unknown { why: "no time left".into() };
    let runs = vec![
        run("calm", 0, &[("durable", violated("lost-write")), ("recovers", Verdict::Vacuous)]),
        run("calm", 1, &[("durable", violated("lost-write")), ("recovers", Verdict::Vacuous)]),
        run("calm", 2, &[("durable", violated("rollback")), ("recovers", Verdict::Vacuous)]),
        run("calm", 3, &[("linearizable", unknown), ("recovers", Verdict::Vacuous)]),
        RunReport { panic: Some("index out of bounds".into()), ..run("calm", 4, &[]) },
    ];
    let text = terminal::sweep(&report(runs), Look::plain(120));
    for part in [
        "durable             FAIL 3\n",
        "linearizable            ?1\n",
        "recovers                 -\n",
        "FAIL n: violated in n runs",
        "?n: undecided in n runs",
        "VACUOUS  nothing in any run exercised recovers\n",
        "1 guarantee violated, in 3 runs; 1 run panicked, which is a bug of revline; 1 guarantee undecided; 1 \
         guarantee not exercised; 0 hold",
        "FAILED   calm@0  trace 0000000000000001\n         durable: it broke by lost-write (lost-write)\n\
         replay   revline replay calm@0\n",
        "FAILED   calm@2",
        "FAILED   calm@4",
        "a bug of revline: index out of bounds\nreplay   revline replay calm@4\n",
        "in the same ways:\n         revline replay calm@1  # durable/lost-write\n",
        "UNDECIDED calm@3",
        "linearizable: no time left\nreplay   revline replay calm@3\n",
    ] {
        assert!(text.contains(part), "`{part}` is missing:\n{text}");
    }
}

#[test]
fn what_failed_is_red_where_there_are_colours() {
    let runs = || {
        vec![
            run("calm", 0, &[("durable", violated("lost-write")), ("recovers", holds(3))]),
            run("rough", 0, &[("durable", holds(3)), ("recovers", holds(3))]),
        ]
    };
    let text = terminal::sweep(&report(runs()), Look { width: 120, is_coloured: true });
    let cell = "\u{1b}[31mFAIL 1\u{1b}[0m";
    assert_eq!(text.matches(cell).count(), 2, "{text}");
    assert!(text.contains("\u{1b}[31mFAILED\u{1b}[0m   calm@0"), "{text}");
    let bare = text.replace("\u{1b}[31m", "").replace("\u{1b}[0m", "");
    assert_eq!(bare, terminal::sweep(&report(runs()), Look::plain(120)), "the same text");
}

fn believed(seed: u64, pairs: u64, longest_ms: u64, exclusive: Verdict) -> RunReport {
    let overlaps = BelievedOverlaps { holds: 700, pairs, longest_ns: longest_ms * 1_000_000 };
    RunReport { believed: Some(overlaps), ..run("locks", seed, &[("lock-exclusive", exclusive)]) }
}

#[test]
fn what_clients_believed_is_told_where_something_was_held() {
    let line = |runs: Vec<RunReport>| {
        let text = terminal::sweep(&report(runs), Look::plain(120));
        let (_, after) = text.split_once("believed ")?;
        let line = after.split("\nresult ").next()?.split("\nVACUOUS ").next()?;
        Some(line.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    assert_eq!(line(vec![run("calm", 0, &[("lock-exclusive", holds(7))])]), None);
    assert_eq!(
        line(vec![run("calm", 0, &[]), believed(0, 0, 0, holds(700))]).unwrap(),
        "locks: 700 locks and leaderships held, no two clients in the same one at once"
    );
    let pairs = |exclusive| line(vec![believed(0, 1_233, 50, holds(7)), believed(1, 1, 4_299, exclusive)]);
    let twice = "locks: 1 400 locks and leaderships held, 1 234 pairs of clients in the same one at once, \
                 in 2 of 2 runs, the longest 4.2 s of true time; by revision";
    assert_eq!(pairs(holds(7)).unwrap(), format!("{twice} none"));
    assert_eq!(
        pairs(violated("two-holders")).unwrap().split(" FAILED").next().unwrap(),
        format!("{twice}, too")
    );
    let unknown = Verdict::Unknown { why: "no time left".into() };
    assert_eq!(pairs(unknown).unwrap(), format!("{twice} that is undecided"));
    let unjudged = RunReport { guarantees: Verdicts::default(), ..believed(0, 1, 99, holds(7)) };
    let one = line(vec![unjudged, believed(1, 0, 0, Verdict::Vacuous)]).unwrap();
    assert!(one.ends_with(
        "1 pair of clients in the same one at once, in 1 of 2 runs, the longest 99 ms of true time"
    ));

    let totals = |runs: Vec<RunReport>| -> serde_json::Value {
        let document: serde_json::Value = serde_json::from_str(&json::sweep(&report(runs))).unwrap();
        document["totals"]["believed"].clone()
    };
    assert!(totals(vec![run("calm", 0, &[])]).is_null());
    let both = totals(vec![believed(0, 0, 0, holds(7)), believed(1, 3, 20, holds(7))]);
    let expected = serde_json::json!({"holds": 1_400, "pairs": 3, "runs": 1, "longest_ns": 20_000_000});
    assert_eq!(both, expected);
}

#[test]
fn a_narrow_terminal_gets_blocks_of_about_the_same_size() {
    let names = ["one", "two", "three", "four", "five-and-more", "six"];
    let runs = names.map(|name| run(name, 0, &[("linearizable", holds(100))])).to_vec();
    let text = terminal::sweep(&report(runs), Look::plain(44));
    let table = text.split("a number").next().unwrap();
    assert!(table.lines().all(|line| line.chars().count() <= 44), "{table}");
    assert_eq!(table.matches("linearizable").count(), 3, "{table}");
    for width in [0, 1, 20] {
        assert!(terminal::sweep(&report(vec![run("one", 0, &[])]), Look::plain(width)).contains("one"));
    }
}

#[test]
fn nothing_ran() {
    assert_eq!(terminal::sweep(&report(vec![]), Look::plain(120)), "no runs: this shard is empty\n");
}

#[test]
fn json_has_the_same_fields_for_every_verdict() {
    let unknown = Verdict::Unknown { why: "no time left".into() };
    let verdicts = [("a", holds(1)), ("b", violated("rollback")), ("c", unknown), ("d", Verdict::Vacuous)];
    let document: serde_json::Value =
        serde_json::from_str(&json::sweep(&report(vec![run("calm", 0, &verdicts)]))).unwrap();
    for list in [&document["runs"][0]["guarantees"], &document["guarantees"]] {
        for guarantee in list.as_array().unwrap() {
            assert!(guarantee["examined"].is_u64(), "{guarantee}");
            assert_eq!(guarantee["evidence"].is_null(), guarantee["verdict"] != "violated", "{guarantee}");
        }
        assert_eq!(list[2]["why"], "no time left");
    }
    assert_eq!(document["totals"]["violated"], 1);
    let run: RunReport = serde_json::from_value(document["runs"][0].clone()).unwrap();
    assert_eq!(run.guarantees.get("d"), Some(&Verdict::Vacuous), "what was written can be read");
}
