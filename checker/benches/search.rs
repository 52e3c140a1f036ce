//! The search on logs of real systems, where they are present: `cargo bench -p revline-checker --bench search`.

use divan::Bencher;
use revline_checker::import::{Imported, read_file};
use revline_checker::linearizability::{Budget, Decision, Search};
use revline_checker::spec::append_kv::{AppendKv, AppendKvOp};
use revline_checker::spec::register::Register;
use std::path::Path;

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

fn decide(log: &Imported, is_compact: bool) -> Option<Decision> {
    match log {
        Imported::Register(calls) => {
            let search = Search::new(Register::default(), calls).reads(Register::is_read);
            let search = if is_compact { search.compact() } else { search };
            Some(search.decide(&Budget::UNLIMITED))
        }
        Imported::AppendKv(calls) => {
            let search = Search::new(AppendKv::default(), calls).reads(AppendKv::is_read);
            let search = search.parts(|op: &AppendKvOp| op.key().clone()).outlook(AppendKv::may_lead);
            let search = if is_compact { search.compact() } else { search };
            Some(search.decide(&Budget::UNLIMITED))
        }
        Imported::Registers(_) | Imported::Mutexes(_) | Imported::Etcd(_) => None,
    }
}
