//! `revline check` of histories in revline's own form: judged while they are read, from files and pipes.

#![allow(clippy::unwrap_used, reason = "a test: the panic is the message")]

mod place;

use place::{Ended, Place};
use revline_checker::generate::{Flaw, Shape, flawed, legal, stream};
use revline_checker::history::History;
use revline_checker::history::jsonl::{self, Writer};
use serde_json::Value;
use std::io::Write;
use std::process::{Command, Stdio};

const HEADER: &str = r#"{"kind":"header","format":"revline-history","version":1}"#;

/// Calls `check` on stdin, with an own directory for temporary files.
fn piped(place: &Place, text: &[u8], arguments: &str) -> Ended {
    let scratch = place.path("scratch");
    std::fs::create_dir_all(&scratch).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_revline"))
        .args(["check", "-"])
        .args(arguments.split_whitespace())
        .env_remove("RUST_LOG")
        .env("TMPDIR", &scratch)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let output = std::thread::scope(|scope| {
        // The program may well end before it has read everything.
        scope.spawn(move || drop(stdin.write_all(text)));
        child.wait_with_output().unwrap()
    });
    assert_eq!(std::fs::read_dir(&scratch).unwrap().count(), 0, "something was left behind");
    Ended {
        status: output.status.code().expect("it ended by itself"),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn text(history: &History) -> String {
    let mut text = Vec::new();
    jsonl::write(history, &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

/// The verdicts of the report.
fn guarantees(ended: &Ended) -> Value {
    ended.json()["histories"][0]["guarantees"].clone()
}

/// The same lines with the operations in another order: it must be read as a whole.
fn disordered(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    let is_operation = |line: &&str| line.starts_with(r#"{"kind":"op""#);
    let mut operations: Vec<&str> = lines.iter().copied().filter(is_operation).collect();
    operations.reverse();
    lines.retain(|line| !is_operation(line));
    lines.extend(operations);
    lines.join("\n")
}

#[test]
fn verdicts_do_not_depend_on_how_a_history_comes() {
    let place = Place::new();
    // More than is kept of a pipe in memory.
    let shape = Shape { operations: 3000, ..Shape::default() };
    let sound = legal(&shape, 1);
    let flawed = flawed(&shape, 1, Flaw::StaleRead).expect("there is something to miss");
    for (history, status) in [(sound, 0), (flawed, 1)] {
        let text = text(&history);
        assert!(text.len() > 1 << 20, "only {} bytes", text.len());
        place.write("ordered.jsonl", &text);
        place.write("disordered.jsonl", &disordered(&text));
        let first = place.call("check ordered.jsonl --json").status(status);
        assert_eq!(first.json()["histories"][0]["operations"], 3000);
        let words = |ended: &Ended| -> Vec<Value> {
            guarantees(ended).as_array().unwrap().iter().map(|each| each["verdict"].clone()).collect()
        };
        let whole = place.call("check disordered.jsonl --json").status(status);
        assert_eq!(words(&whole), words(&first));
        let from_pipe = piped(&place, text.as_bytes(), "--json").status(status);
        assert_eq!(guarantees(&from_pipe), guarantees(&first));
        let from_pipe = piped(&place, disordered(&text).as_bytes(), "--json").status(status);
        assert_eq!(guarantees(&from_pipe), guarantees(&whole));
    }
    piped(&place, b"", "").status(2);
}

#[test]
fn a_history_is_refused_where_it_breaks_and_nothing_is_said_of_it() {
    let place = Place::new();
    let mut writer = Writer::of_new_store(Vec::new()).unwrap();
    let shape = Shape { operations: 200, ..Shape::default() };
    stream(&shape, 1, None, |record| writer.record(&record)).unwrap();
    let good = String::from_utf8(writer.into_inner()).unwrap();
    let lines = good.lines().count();
    let op = |client: u32, times: &str, request: &str| {
        format!(r#"{{"kind":"op","client":{client},{times},"request":{request},"outcome":{{"unknown":""}}}}"#)
    };
    let late = r#""invoke_ns":9000000000,"return_ns":9000000010"#;
    let get = r#"{"range":{"key":"a"}}"#;
    let fine = op(70, late, get);
    for (rest, line, said) in [
        (fine[..60].to_owned(), 1, "the JSON is cut off at column 60"),
        (op(70, r#""invoke_ns":9000000000,"return_ns":8000000000"#, get), 1, "is before invoke_ns"),
        (op(70, r#""invoke_ns":-1,"return_ns":5"#, get), 1, "never negative"),
        (op(70, late, r#"{"renge":{"key":"a"}}"#), 1, "unknown variant `renge`"),
        (format!("{fine}\n{fine}"), 2, "client 70 has another operation open"),
        (r#"{"kind":"frame","watch":77,"received_ns":9000000000}"#.to_owned(), 1, "there is no watch 77"),
        (r#"{"kind":"frame","watch":0,"received_ns":1}"#.to_owned(), 1, "watch 0"),
        (r#"{"kind":"watch_end","watch":77,"end":"broken"}"#.to_owned(), 1, "there is no watch 77"),
        (HEADER.to_owned(), 1, "a header must be the first line"),
    ] {
        let text = format!("{good}{rest}");
        place.write("bad.jsonl", &text);
        let place_of = format!(":{}: ", lines + line);
        place.refuses("check bad.jsonl", &[&format!("bad.jsonl{place_of}"), said]);
        place.refuses("check bad.jsonl --json", &[said]);
        let ended = piped(&place, text.as_bytes(), "").status(2);
        assert!(
            ended.stderr.contains(&format!("stdin{place_of}")) && ended.stderr.contains(said),
            "{ended:?}"
        );
        assert_eq!(ended.stdout, "");
    }
    place.write("good.jsonl", &good);
    place.refuses("check good.jsonl --model register", &["good.jsonl", "`etcd`", "`register`"]);
}

#[test]
fn a_line_of_100_mb_is_refused() {
    let place = Place::new();
    let text = format!("{HEADER}\n{}", "x".repeat(100 << 20));
    let ended = piped(&place, text.as_bytes(), "").status(2);
    assert!(ended.stderr.contains("stdin:2: the line is longer than"), "{ended:?}");
}

/// There are too many ways to fill the gaps, however fast the machine: of many operations nobody knows whether
/// they happened, no watch tells, and their values do not either.
#[test]
fn what_is_not_decided_within_the_budget_is_undecided_and_says_why() {
    let place = Place::new();
    let shape = Shape {
        operations: 20_000,
        clients: 10,
        keys: 20,
        values: 4,
        unknown_percent: 40,
        watchers: 0,
        ..Shape::default()
    };
    place.write("open.jsonl", &text(&legal(&shape, 0)));
    let ended = place.call("check open.jsonl --budget 1").status(3);
    let first = ended.stdout.lines().next().unwrap();
    assert!(first.starts_with("open.jsonl: unknown (etcd, 20000 operations"), "{first}");
    assert!(ended.stdout.contains("linearizable"), "{ended:?}");
    let report = place.call("check open.jsonl --budget 1 --json").status(3).json();
    let guarantees = report["histories"][0]["guarantees"].as_array().unwrap();
    let open: Vec<&Value> = guarantees.iter().filter(|each| each["verdict"] == "unknown").collect();
    assert!(open.iter().any(|each| each["name"] == "linearizable"), "{report}");
    for each in open {
        assert!(each["why"].as_str().is_some_and(|why| !why.is_empty()), "{each}");
    }
}

#[test]
fn a_violation_is_explained_for_as_long_as_is_asked_for() {
    let place = Place::new();
    place.write("stale.log", include_str!("../docs/examples/stale-read.log"));
    for (arguments, is_explained) in [("", true), (" --explain 5", true), (" --explain 0", false)] {
        let ended = place.call(&format!("check stale.log{arguments}")).status(1);
        assert_eq!(ended.stdout.contains("these contradict each other:"), is_explained, "{ended:?}");
    }
    place.refuses("check stale.log --explain soon", &["--explain", "soon"]);
}

#[test]
fn what_cannot_be_read_does_not_hide_the_others() {
    let place = Place::new();
    let log = "INFO  jepsen.util - 0 :invoke :write 1\nINFO  jepsen.util - 0 :ok :write 1\n";
    place.write("good.log", log);
    place.write("page.html", "<html></html>");
    place.write(
        "stale.edn",
        "{:process 0, :type :invoke, :f :read, :value nil}\n{:process 0, :type :ok, :f :read, :value 3}\n",
    );
    let ended = place.call("check page.html good.log none.log stale.edn --json").status(2);
    let document = ended.json();
    let verdicts: Vec<&Value> =
        document["histories"].as_array().unwrap().iter().map(|one| &one["verdict"]).collect();
    assert_eq!(verdicts, ["holds", "violated"]);
    let errors = document["errors"].as_array().unwrap();
    assert_eq!(errors.iter().map(|one| &one["file"]).collect::<Vec<_>>(), ["page.html", "none.log"]);
    assert!(errors[0]["error"].as_str().unwrap().contains("is an HTML page"), "{document}");
    assert!(ended.stderr.contains("page.html: is an HTML page") && ended.stderr.contains("none.log: cannot"));
    let ended = place.call("check good.log stale.edn --json").status(1);
    assert_eq!(ended.json()["errors"], Value::Array(Vec::new()));
    place.refuses("check page.html --json", &["page.html: is an HTML page: expected a history"]);
    place.refuses("check stale.edn --model mutex", &["`register`", "`mutex`"]);
    place.call("check stale.edn --format jepsen-edn --model register").status(1);
}

#[test]
fn unknown_fields_are_refused_or_told() {
    let place = Place::new();
    let operation = r#"{"ClientId":1,"Input":{"Type":"txn","Txn":{"OperationsOnSuccess":[{"Type":"put-operation","Put":{"Key":"a","Value":{"Value":"1"},"Colour":"red"}}]}},"Call":10,"Output":{"Txn":{"Results":[{}]},"Revision":2},"Return":20}"#;
    place.write("operations.json", operation);
    let field = "Input.Txn.OperationsOnSuccess.Put.Colour";
    place.refuses(
        "check operations.json",
        &["operations.json:1: unknown field", field, "--ignore-unknown-fields"],
    );
    let ended = place.call("check operations.json --ignore-unknown-fields").status(0);
    assert!(
        ended.stdout.contains(&format!("judged without fields that are not known: {field} (1)")),
        "{ended:?}"
    );
    let document = place.call("check operations.json --ignore-unknown-fields --json").status(0).json();
    assert_eq!(document["histories"][0]["ignored_fields"][field], 1);
    place.write("wrong.json", &operation.replace("\"Revision\":2", "\"Revision\":\"two\""));
    place.refuses(
        "check wrong.json --ignore-unknown-fields",
        &["wrong.json:1:", "`Output.Revision`", "expected i64"],
    );
}
