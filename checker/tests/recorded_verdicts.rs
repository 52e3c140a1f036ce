//! The verdicts on histories of real systems are known. The histories are not part of this project: where
//! their folder is absent, these tests say so and pass.

#![allow(clippy::disallowed_macros, reason = "says what it skipped")]

use revline_checker::import::{Imported, read_file};
use revline_checker::linearizability::{Budget, Decision, Search, replay};
use revline_checker::spec::append_kv::{AppendKv, AppendKvOp};
use revline_checker::spec::register::Register;
use std::path::{Path, PathBuf};

/// Enough for every log here; more would mean that the search got worse.
const BUDGET: Budget<'static> = Budget::steps(5_000_000);

fn folder(name: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data").join(name);
    if !folder.is_dir() {
        println!("skipped: {} is absent", folder.display());
        return None;
    }
    Some(folder)
}

fn decide(path: &Path) -> Decision {
    match read_file(path, None).unwrap_or_else(|error| panic!("{error}")) {
        Imported::Register(calls) => {
            let decision = Search::new(Register::default(), &calls).reads(Register::is_read).decide(&BUDGET);
            if let Decision::Linearizable { order } = &decision {
                replay(Register::default(), &calls, order).expect("the order proves it");
            }
            decision
        }
        Imported::AppendKv(calls) => {
            let search = Search::new(AppendKv::default(), &calls);
            let decision =
                search.reads(AppendKv::is_read).parts(|op: &AppendKvOp| op.key().clone()).decide(&BUDGET);
            if let Decision::Linearizable { order } = &decision {
                replay(AppendKv::default(), &calls, order).expect("the order proves it");
            }
            decision
        }
        Imported::Etcd(_) => panic!("{} is no etcd history", path.display()),
    }
}

#[test]
fn jepsen_etcd_logs_get_their_known_verdicts() {
    let Some(folder) = folder("jepsen-etcd") else { return };
    let verdicts = std::fs::read_to_string(folder.join("verdicts.csv")).unwrap();
    let mut logs = 0;
    for line in verdicts.lines().skip(1) {
        let (file, linearizable) = line.split_once(',').unwrap();
        let decision = decide(&folder.join(file));
        let right = match linearizable {
            "true" => decision.is_linearizable(),
            _ => decision.is_illegal(),
        };
        assert!(right, "{file} should be {linearizable}, but got {decision:?}");
        logs += 1;
    }
    assert_eq!(logs, 52);
}

#[test]
fn porcupine_kv_logs_get_their_known_verdicts() {
    let Some(folder) = folder("porcupine-kv") else { return };
    for (file, linearizable) in [
        ("c01-ok.txt", true),
        ("c01-bad.txt", false),
        ("c10-ok.txt", true),
        ("c10-bad.txt", false),
        ("c50-ok.txt", true),
        ("c50-bad.txt", false),
    ] {
        let path = folder.join(file);
        if !path.is_file() {
            println!("skipped: {} is absent", path.display());
            continue;
        }
        let decision = decide(&path);
        let right = if linearizable { decision.is_linearizable() } else { decision.is_illegal() };
        assert!(right, "{file} should be {linearizable}, but got {decision:?}");
    }
}
