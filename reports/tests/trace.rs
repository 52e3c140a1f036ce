//! The trace of a run as lines, held against its history.

#![allow(clippy::unwrap_used, reason = "a test: the panic is the message")]

use revline_checker::history::{Request, Response};
use revline_reports::trace::{Filter, Form, write};
use revline_scenarios::plan::{Plan, draw};
use revline_scenarios::{Outcome, catalogue, execute};
use revline_sim::trace::Trace;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;

fn plan(scenario: &str, seed: u64) -> Plan {
    draw(&catalogue::find(scenario).unwrap(), seed, Default::default())
}

fn everything(trace: &Trace) -> Filter {
    Filter::new(trace, &[], Vec::new(), 0..=u64::MAX).unwrap()
}

fn lines(trace: &Trace, filter: &Filter, form: Form) -> Vec<String> {
    let mut bytes = Vec::new();
    write(trace, filter, form, &mut bytes, || false).unwrap();
    String::from_utf8(bytes).unwrap().lines().map(str::to_owned).collect()
}

fn objects(trace: &Trace, filter: &Filter) -> Vec<Value> {
    let lines = lines(trace, filter, Form::JsonLines);
    lines
        .iter()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

fn run(scenario: &str, seed: u64) -> Outcome {
    execute(&plan(scenario, seed), true).unwrap()
}

/// The puts that were answered: key, value, revision.
type Puts = BTreeSet<(String, String, i64)>;

fn puts_of_history(outcome: &Outcome) -> Puts {
    let answered = outcome.history.operations.iter().filter_map(|operation| {
        match (&operation.request, operation.response()?) {
            (Request::Put(put), Response::Put(answer)) => {
                Some((put.key.to_string(), put.value.to_string(), answer.header.revision))
            }
            _ => None,
        }
    });
    answered.collect()
}

fn puts_of_trace(objects: &[Value]) -> Puts {
    let mut asked: BTreeMap<(String, u64), (String, String)> = BTreeMap::new();
    let mut puts = Puts::new();
    for object in objects {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let name = || (text(&object["node"]), object["call"].as_u64().unwrap());
        match object["event"].as_str().unwrap() {
            "invoke" => {
                if let Some(put) = object["request"].get("put") {
                    asked.insert(name(), (text(&put["key"]), text(&put["value"])));
                }
            }
            "return" => {
                if let Some(answer) = object["outcome"].pointer("/ok/put") {
                    let (key, value) = asked[&name()].clone();
                    puts.insert((key, value, answer["header"]["revision"].as_i64().unwrap()));
                }
            }
            _ => {}
        }
    }
    puts
}

#[test]
fn a_trace_has_the_keys_the_values_and_the_revisions_that_the_history_has() {
    let outcome = run("steady", 3);
    let objects = objects(&outcome.trace, &everything(&outcome.trace));
    let puts = puts_of_history(&outcome);
    assert!(puts.len() > 100, "{}", puts.len());
    assert_eq!(puts_of_trace(&objects), puts);
    // In words, from the client to the log of a member and back.
    let text = lines(&outcome.trace, &everything(&outcome.trace), Form::Text);
    let (key, value, revision) = puts.iter().next().unwrap();
    let shown = |parts: &[&str]| text.iter().any(|line| parts.iter().all(|part| line.contains(part)));
    let put = format!("put {key} = {value}");
    assert!(shown(&["invoke operation", &put]) && shown(&["call to m", "call ", &put]));
    assert!(shown(&["send MsgAppend", "term 1", &put]) && shown(&["append ", "to the log", &put]));
    assert!(shown(&["applied up to", &format!("revision {revision}  #"), &put]));
    assert!(shown(&["return operation", &format!("put at revision {revision}")]));
}

#[test]
fn both_forms_have_a_line_for_each_event_in_order() {
    let outcome = run("crash-restart", 1);
    let (trace, all) = (&outcome.trace, everything(&outcome.trace));
    let (text, objects) = (lines(trace, &all, Form::Text), objects(trace, &all));
    assert_eq!((text.len() as u64, objects.len() as u64), (trace.count(), trace.count()));
    for (line, object) in text.iter().zip(&objects) {
        let at_ms = object["at_ns"].as_u64().unwrap() as f64 / 1e6;
        assert!(
            line.trim_start().starts_with(&format!("{at_ms:.6} ms  {}", object["node"].as_str().unwrap())),
            "{line}"
        );
    }
    let events: BTreeSet<&str> = objects.iter().map(|object| object["event"].as_str().unwrap()).collect();
    for event in ["crash", "start", "role", "fault", "heal", "victim", "disk_sync", "frame_send", "deliver"] {
        assert!(events.contains(event), "{event}: {events:?}");
    }
    let fault = objects.iter().find(|object| object["event"] == "fault").unwrap();
    assert!(fault["text"].as_str().unwrap().contains("crash"), "{fault}");
}

#[test]
fn keeping_details_changes_no_hash() {
    for (scenario, seed) in [("steady", 3), ("crash-restart", 1)] {
        let plan = plan(scenario, seed);
        let (with, without) = (execute(&plan, true).unwrap(), execute(&plan, false).unwrap());
        assert_eq!(with.trace.hash(), without.trace.hash());
        assert!(without.trace.records().is_none());
    }
}

#[test]
fn filters_let_through_what_they_say_and_nothing_else() {
    let outcome = run("steady", 3);
    let trace = &outcome.trace;
    let all = objects(trace, &everything(trace));
    let of = |names: &[&str], keys: &[&str], at_ns| {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let keys = keys.iter().map(|key| key.parse().unwrap()).collect();
        objects(trace, &Filter::new(trace, &names, keys, at_ns).unwrap())
    };
    let chosen = |is_meant: &dyn Fn(&Value) -> bool| -> Vec<Value> {
        all.iter().filter(|object| is_meant(object)).cloned().collect()
    };
    let anytime = 0..=u64::MAX;
    let own = |object: &Value| object["node"] == "m2" || object["node"] == "world";
    let expected = chosen(&own);
    assert!(!expected.is_empty() && expected.len() < all.len());
    assert_eq!(of(&["m2", "world"], &[], anytime.clone()), expected);
    let (from_ns, to_ns) = (1_500_000_000, 1_600_000_000);
    let at_ns = |object: &Value| object["at_ns"].as_u64().unwrap();
    let expected = chosen(&|object| (from_ns..=to_ns).contains(&at_ns(object)));
    assert!(!expected.is_empty() && expected.len() < all.len());
    assert_eq!(of(&[], &[], from_ns..=to_ns), expected);
    // A put and its answer, which does not name the key.
    let of_key = of(&[], &["key/2"], anytime.clone());
    assert!(of_key.len() < all.len());
    let puts = puts_of_history(&outcome);
    let puts: Puts = puts.into_iter().filter(|(key, ..)| key == "key/2").collect();
    assert!(!puts.is_empty());
    assert_eq!(puts_of_trace(&of_key), puts);
    // A range of keys concerns each of them.
    let ranged = |object: &Value| object["request"]["range"]["range_end"] == "key0";
    assert!(of_key.iter().any(ranged));
    let of_prefix = of(&[], &["key/*"], anytime.clone());
    assert!(of_key.len() < of_prefix.len() && of_prefix.len() < all.len());
    let all_puts = puts_of_history(&outcome);
    let below: Puts = all_puts.iter().filter(|(key, ..)| key.starts_with("key/")).cloned().collect();
    assert!(below.len() < all_puts.len(), "probes put other keys");
    assert_eq!(puts_of_trace(&of_prefix), below);
    assert_eq!(puts_of_trace(&of(&[], &["key/"], anytime)), Puts::new());
    let both = of(&["m2"], &["key/2"], from_ns..=to_ns);
    let expected: Vec<Value> = of_key
        .into_iter()
        .filter(|object| object["node"] == "m2" && (from_ns..=to_ns).contains(&at_ns(object)))
        .collect();
    assert!(!expected.is_empty());
    assert_eq!(both, expected);
}

#[test]
fn a_node_that_is_not_there_is_told_with_those_that_are() {
    let outcome = run("steady", 3);
    let unknown = Filter::new(&outcome.trace, &["m9".to_owned()], Vec::new(), 0..=1).unwrap_err();
    assert_eq!(unknown.name, "m9");
    for name in ["m1", "m3", "writer 0", "world"] {
        assert!(unknown.known.iter().any(|known| known == name), "{name}: {:?}", unknown.known);
    }
}

#[test]
fn writing_stops_when_it_is_told() {
    let outcome = run("steady", 3);
    let mut bytes = Vec::new();
    let ended = write(&outcome.trace, &everything(&outcome.trace), Form::Text, &mut bytes, || true);
    assert_eq!((ended.unwrap_err().kind(), bytes.len()), (ErrorKind::Interrupted, 0));
}
