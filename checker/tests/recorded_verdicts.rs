//! The verdicts on histories of real systems are known. The histories are not part of this project: where
//! their folder is absent, these tests say so and pass.

#![allow(clippy::disallowed_macros, reason = "says what it skipped")]

use revline_checker::import::{Imported, read_file};
use revline_checker::search::{Budget, Call, Decision, Search, replay};
use revline_checker::spec::append_kv::{AppendKv, AppendKvOp};
use revline_checker::spec::register::Register;
use stateright::semantics::SequentialSpec;
use std::hash::Hash;
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

/// The decision on a log, which must be the same with an exact memo and with a compact one.
fn decide(path: &Path) -> Decision {
    let [exact, compact] = [false, true].map(|is_compact| decide_so(path, is_compact));
    assert_eq!(exact.is_linearizable(), compact.is_linearizable(), "{}", path.display());
    assert_eq!(exact.is_illegal(), compact.is_illegal(), "{}", path.display());
    exact
}

fn decide_so(path: &Path, is_compact: bool) -> Decision {
    match read_file(path, None).unwrap_or_else(|error| panic!("{error}")) {
        Imported::Register(calls) => {
            let search = Search::new(Register::default(), &calls).reads(Register::is_read);
            proven(Register::default(), &calls, if is_compact { search.compact() } else { search })
        }
        Imported::AppendKv(calls) => {
            let search = Search::new(AppendKv::default(), &calls).reads(AppendKv::is_read);
            let search = search.parts(|op: &AppendKvOp| op.key().clone());
            let ahead = search.outlook(AppendKv::may_lead);
            let ahead = proven(AppendKv::default(), &calls, if is_compact { ahead.compact() } else { ahead });
            let search = Search::new(AppendKv::default(), &calls).reads(AppendKv::is_read);
            let search = search.parts(|op: &AppendKvOp| op.key().clone());
            let search =
                proven(AppendKv::default(), &calls, if is_compact { search.compact() } else { search });
            assert_eq!(ahead.is_linearizable(), search.is_linearizable(), "looking ahead changes nothing");
            search
        }
        Imported::Registers(_) | Imported::Mutexes(_) | Imported::Etcd(_) => {
            panic!("{} is of another form", path.display())
        }
    }
}

fn proven<S>(init: S, calls: &[Call<S::Op, S::Ret>], search: Search<'_, S>) -> Decision
where
    S: SequentialSpec + Clone + PartialEq + Hash,
    S::Op: PartialEq + Hash,
{
    let decision = search.decide(&BUDGET);
    if let Decision::Linearizable { order } = &decision {
        replay(init, calls, order).expect("the order proves it");
    }
    decision
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

/// With the model's look ahead, the log of fifty clients takes next to nothing: more would mean that the look
/// ahead got worse.
#[test]
fn fifty_clients_take_few_steps() {
    let Some(folder) = folder("porcupine-kv") else { return };
    let path = folder.join("c50-ok.txt");
    let Ok(Imported::AppendKv(calls)) = read_file(&path, None) else {
        println!("skipped: {} is absent", path.display());
        return;
    };
    let search = Search::new(AppendKv::default(), &calls).reads(AppendKv::is_read);
    let search = search.parts(|op: &AppendKvOp| op.key().clone()).outlook(AppendKv::may_lead);
    assert!(search.decide(&Budget::steps(30_000)).is_linearizable());
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
