//! Bytes of any kind, read as a history of one form: an error with its place, or a history, never a panic.
//!
//! `REVLINE_FUZZ_FORMAT` says which form: `jsonl`, `jepsen`, `jepsen-edn`, `porcupine` or `robustness`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use revline_checker::judge::Judge;
use revline_checker::history::jsonl::Checked;
use revline_checker::import::{Format, Imported, read};
use revline_checker::verdict::Verdicts;
use std::sync::LazyLock;

static FORMAT: LazyLock<Format> = LazyLock::new(|| {
    match std::env::var("REVLINE_FUZZ_FORMAT").as_deref() {
        Ok("jsonl") => Format::Jsonl,
        Ok("jepsen") => Format::Jepsen,
        Ok("jepsen-edn") => Format::JepsenEdn,
        Ok("porcupine") => Format::Porcupine,
        Ok("robustness") => Format::Robustness,
        other => panic!("REVLINE_FUZZ_FORMAT is {other:?}; jsonl, jepsen, jepsen-edn, porcupine or robustness was expected"),
    }
});

/// A history proven while it is read must not be refused as a whole.
fn proven_while_read(bytes: &[u8]) -> Option<Verdicts> {
    let mut records = Checked::new("fuzzed", bytes);
    let mut judge = Judge::online();
    for record in records.by_ref() {
        judge.record(record.ok()?).ok()?;
    }
    let verdicts = judge.finish().ok().filter(|_| records.is_sure())?;
    Some(verdicts)
}

fuzz_target!(|bytes: &[u8]| {
    if *FORMAT == Format::Jsonl && proven_while_read(bytes).is_some() {
        let Ok(Imported::Etcd(history)) = read(bytes, "fuzzed", Some(Format::Jsonl)) else {
            panic!("the whole was refused");
        };
        assert!(!Judge::new(&history).run().any_violated(), "what was proven is violated");
    }
    match read(bytes, "fuzzed", Some(*FORMAT)) {
        // What was read may be anything the form allows: the judge must bear it, too.
        Ok(Imported::Etcd(history)) => drop(Judge::new(&history).run()),
        Ok(_) => {}
        Err(error) => assert!(error.to_string().starts_with("fuzzed"), "{error} names no place"),
    }
});
