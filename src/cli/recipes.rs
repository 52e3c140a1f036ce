//! The recipes of docs/ci.md: their YAML is of the form that it should be, and their scripts call this program as it can be
//! called.
//!
//! A shell runs each script, where `revline` is a stand-in that writes down its arguments.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests: a panic is its message, and shells have a PATH"
)]

use super::usage;
use std::collections::BTreeSet;
use std::fs;
use std::process::Command;
use tempfile::TempDir;
use yaml_rust2::{Yaml, YamlLoader};

const GUIDE: &str = include_str!("../../docs/ci.md");

/// The blocks of the guide in a language.
fn blocks(language: &str) -> Vec<&'static str> {
    let head = format!("```{language}\n");
    GUIDE.split(head.as_str()).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

/// The recipes in YAML: those of the first key.
fn recipes(key: &str) -> Vec<Yaml> {
    let all = blocks("yaml").into_iter().map(|text| {
        let mut documents = YamlLoader::load_from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
        assert_eq!(documents.len(), 1, "{text}");
        documents.remove(0)
    });
    all.filter(|recipe| !recipe[key].is_badvalue()).collect()
}

/// A folder in which scripts run, with stand-ins for what they call.
struct Stage(TempDir);

impl Stage {
    fn new() -> Stage {
        let place = tempfile::tempdir().unwrap();
        fs::create_dir_all(place.path().join("target/release")).unwrap();
        fs::write(place.path().join("calls"), "").unwrap();
        let stage = Stage(place);
        stage.stand_in(
            "revline",
            "printf '%s\\n' \"$@\" . >> \"$STAGE/calls\"; echo \"$SAYS\"; exit ${STATUS:-0}",
        );
        fs::copy(stage.0.path().join("revline"), stage.0.path().join("target/release/revline")).unwrap();
        stage.stand_in("cargo", "exit ${CARGO_STATUS:-0}");
        stage
    }

    fn stand_in(&self, name: &str, script: &str) {
        use std::os::unix::fs::PermissionsExt;
        let file = self.0.path().join(name);
        fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Runs a script; returns its status, and the arguments of each call of `revline`.
    fn run(&self, script: &str, variables: &[(&str, &str)]) -> (i32, Vec<Vec<String>>) {
        let path = format!("{}:{}", self.0.path().display(), std::env::var("PATH").unwrap());
        let mut shell = Command::new("sh");
        shell.args(["-eu", "-c", script]).current_dir(self.0.path()).env("PATH", path);
        shell.env("STAGE", self.0.path()).env("SAYS", "").envs(variables.iter().copied());
        let output = shell.output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(errors, "", "{script}");
        let file = self.0.path().join("calls");
        let calls = fs::read_to_string(&file).unwrap();
        fs::write(&file, "").unwrap();
        let calls = calls.split("\n.\n").filter(|call| !call.is_empty());
        let words = |call: &str| call.split('\n').map(str::to_owned).collect();
        (output.status.code().unwrap(), calls.map(words).collect())
    }
}

/// The command line takes these arguments.
fn is_understood(arguments: &[String]) {
    let line = std::iter::once("revline").chain(arguments.iter().map(String::as_str));
    if let Err(error) = usage::command().try_get_matches_from(line) {
        panic!("{arguments:?}: {error}");
    }
}

/// The value of an option.
fn option<'a>(call: &'a [String], name: &str) -> &'a str {
    let at = call.iter().position(|argument| argument == name).unwrap_or_else(|| panic!("{name}: {call:?}"));
    &call[at + 1]
}

/// The parts of these calls are all parts of the whole, and each has a folder of its own.
fn are_all_parts(calls: &[Vec<String>], of: usize) {
    let shards: BTreeSet<String> = calls.iter().map(|call| option(call, "--shard").to_owned()).collect();
    assert_eq!(shards, (1..=of).map(|index| format!("{index}/{of}")).collect());
    let folders: BTreeSet<&str> = calls.iter().map(|call| option(call, "--out")).collect();
    assert_eq!(folders.len(), of);
}

#[test]
fn workflows_run_all_parts_and_call_the_program_as_it_can_be_called() {
    let (stage, workflows) = (Stage::new(), recipes("jobs"));
    assert_eq!(workflows.len(), 3);
    let (mut commands, mut sharded) = (BTreeSet::new(), 0);
    for workflow in &workflows {
        assert!(workflow["name"].as_str().is_some() && !workflow["on"].is_badvalue());
        let jobs = workflow["jobs"].as_hash().unwrap();
        for job in jobs.values() {
            assert!(job["runs-on"].as_str().is_some());
            assert!(job["needs"].is_badvalue() || jobs.contains_key(&job["needs"]), "{:?}", job["needs"]);
            let parts = job["strategy"]["matrix"]["part"]
                .as_vec()
                .map_or(vec![1], |parts| parts.iter().map(|part| part.as_i64().unwrap()).collect());
            let mut calls = Vec::new();
            for step in job["steps"].as_vec().unwrap() {
                assert_ne!(step["uses"].as_str().is_some(), step["run"].as_str().is_some(), "{step:?}");
                let known = ["uses", "run", "with", "if", "env", "continue-on-error"];
                let keys = step.as_hash().unwrap().keys().map(|key| key.as_str().unwrap());
                keys.for_each(|key| assert!(known.contains(&key), "{key}"));
                assert!(step["uses"].as_str().is_none_or(|action| action.contains('@')), "{step:?}");
                let Some(script) = step["run"].as_str() else { continue };
                for part in &parts {
                    let script = script.replace("${{ matrix.part }}", &part.to_string());
                    let script = script.replace("${{ github.run_number }}", "17");
                    let (status, called) = stage.run(&script, &[]);
                    assert_eq!(status, 0, "{script}");
                    calls.extend(called);
                }
            }
            calls.iter().for_each(|call| is_understood(call));
            commands.extend(calls.iter().map(|call| call[0].clone()));
            if calls.iter().any(|call| call.iter().any(|argument| argument == "--shard")) {
                are_all_parts(&calls, parts.len());
                sharded += 1;
            }
        }
    }
    assert_eq!(sharded, 1);
    assert_eq!(commands, ["explore", "merge", "run"].map(str::to_owned).into());
}

#[test]
fn pods_run_all_parts_and_fail_where_there_is_no_report() {
    let (stage, jobs) = (Stage::new(), recipes("apiVersion"));
    assert_eq!(jobs.len(), 2);
    for job in &jobs {
        assert_eq!((job["apiVersion"].as_str(), job["kind"].as_str()), (Some("batch/v1"), Some("Job")));
        let pod = &job["spec"]["template"]["spec"];
        assert_eq!(pod["restartPolicy"].as_str(), Some("Never"));
        let container = &pod["containers"][0];
        assert_eq!(
            (container["command"][0].as_str(), container["command"][1].as_str()),
            (Some("sh"), Some("-c"))
        );
        assert_eq!(container["volumeMounts"][0]["name"], pod["volumes"][0]["name"]);
        let script = container["args"][0].as_str().unwrap();
        let Some(completions) = job["spec"]["completions"].as_i64() else {
            let (_, calls) = stage.run(script, &[]);
            is_understood(&calls[0]);
            assert_eq!(calls[0][0], "merge");
            continue;
        };
        assert_eq!(job["spec"]["completionMode"].as_str(), Some("Indexed"));
        // The shell of a pod goes on after a command that fails.
        let script = format!("set +e\n{script}");
        let mut calls = Vec::new();
        for index in 0..completions {
            let (status, called) = stage.run(&script, &[("JOB_COMPLETION_INDEX", &index.to_string())]);
            assert_eq!(status, 0);
            called.iter().for_each(|call| is_understood(call));
            calls.extend(called);
        }
        are_all_parts(&calls, completions as usize);
        for (status, fails) in [("1", 0), ("3", 0), ("2", 1), ("137", 1)] {
            let variables = [("JOB_COMPLETION_INDEX", "0"), ("STATUS", status)];
            assert_eq!(stage.run(&script, &variables).0, fails, "{status}");
        }
    }
}

#[test]
fn a_bisection_tells_commits_apart() {
    let (stage, scripts) = (Stage::new(), blocks("sh"));
    assert!(scripts.len() == 2 && scripts[1].contains("git bisect run sh /tmp/bisect.sh"));
    let script = format!("set +e\n{}", scripts[0].replace("/tmp/", "./"));
    for (variables, expected) in [
        ([("SAYS", "\"verdict\": \"holds\""), ("STATUS", "0")], 0),
        ([("SAYS", "\"verdict\": \"holds\""), ("STATUS", "1")], 0),
        ([("SAYS", "\"verdict\": \"violated\""), ("STATUS", "1")], 1),
        ([("SAYS", "\"panic\": \"overflow\""), ("STATUS", "1")], 1),
        ([("SAYS", ""), ("STATUS", "2")], 125),
        ([("CARGO_STATUS", "101"), ("STATUS", "0")], 125),
    ] {
        let (status, calls) = stage.run(&script, &variables);
        assert_eq!(status, expected, "{variables:?}");
        calls.iter().for_each(|call| is_understood(call));
    }
}
