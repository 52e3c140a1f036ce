//! The search, and the explanation of what it refutes, on logs of real systems where they are present:
//! `cargo bench -p revline-checker --bench search`.

use divan::Bencher;
use revline_checker::import::{Imported, read_file};
use revline_checker::search::{Budget, Call, Decision, Search};
use revline_checker::spec::append_kv::{AppendKv, AppendKvOp, AppendKvRet};
use revline_checker::spec::register::{Register, RegisterOp, RegisterRet};
use std::path::Path;

type RegisterCall = Call<RegisterOp, RegisterRet>;
type AppendKvCall = Call<AppendKvOp, AppendKvRet>;

fn main() {
    divan::main();
}

/// The logs in a folder of recorded histories; none where it is absent.
fn logs(folder: &str) -> Vec<Imported> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data").join(folder);
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    paths.iter().filter_map(|path| read_file(path, None).ok()).collect()
}

/// The logs of Jepsen's register, all of them together.
#[divan::bench(args = [false, true])]
fn jepsen_logs(bencher: Bencher, is_compact: bool) {
    let logs = logs("jepsen-etcd");
    bencher.bench(|| logs.iter().map(|log| decide(log, is_compact)).filter(Option::is_some).count());
}

/// The largest of porcupine's logs.
#[divan::bench(args = [false, true])]
fn fifty_clients(bencher: Bencher, is_compact: bool) {
    let logs = logs("porcupine-kv");
    bencher.bench(|| logs.last().and_then(|log| decide(log, is_compact)));
}

/// All of porcupine's logs together.
#[divan::bench(args = [false, true])]
fn porcupine_logs(bencher: Bencher, is_compact: bool) {
    let logs = logs("porcupine-kv");
    bencher.bench(|| logs.iter().map(|log| decide(log, is_compact)).filter(Option::is_some).count());
}

/// The verdict on one of porcupine's illegal logs, and its explanation, in as many steps as `check` takes.
#[divan::bench(args = ["c01-bad", "c10-bad", "c50-bad"])]
fn explained(bencher: Bencher, name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/porcupine-kv");
    let log = read_file(&path.join(name).with_extension("txt"), None).ok();
    bencher.bench(|| log.as_ref().is_some_and(explain));
}

/// The same for the logs of Jepsen's register, all of them together.
#[divan::bench]
fn jepsen_logs_explained(bencher: Bencher) {
    let logs = logs("jepsen-etcd");
    bencher.bench(|| logs.iter().filter(|log| explain(log)).count());
}

const EXPLANATION: Budget<'static> = Budget::steps(50_000);

fn register(calls: &[RegisterCall]) -> Search<'_, Register> {
    Search::new(Register::default(), calls).reads(Register::is_read)
}

fn append_kv(calls: &[AppendKvCall]) -> Search<'_, AppendKv> {
    let search = Search::new(AppendKv::default(), calls).reads(AppendKv::is_read);
    search.parts(|op: &AppendKvOp| op.key().clone()).outlook(AppendKv::may_lead)
}

fn explain(log: &Imported) -> bool {
    match log {
        Imported::Register(calls) => match register(calls).decide(&Budget::UNLIMITED) {
            Decision::Illegal(illegal) => register(calls).explain(&illegal, &EXPLANATION).is_some(),
            _ => false,
        },
        Imported::AppendKv(calls) => match append_kv(calls).decide(&Budget::UNLIMITED) {
            Decision::Illegal(illegal) => append_kv(calls).explain(&illegal, &EXPLANATION).is_some(),
            _ => false,
        },
        Imported::Registers(_) | Imported::Mutexes(_) | Imported::Etcd(_) => false,
    }
}

fn decide(log: &Imported, is_compact: bool) -> Option<Decision> {
    match log {
        Imported::Register(calls) => {
            let search = if is_compact { register(calls).compact() } else { register(calls) };
            Some(search.decide(&Budget::UNLIMITED))
        }
        Imported::AppendKv(calls) => {
            let search = if is_compact { append_kv(calls).compact() } else { append_kv(calls) };
            Some(search.decide(&Budget::UNLIMITED))
        }
        Imported::Registers(_) | Imported::Mutexes(_) | Imported::Etcd(_) => None,
    }
}
