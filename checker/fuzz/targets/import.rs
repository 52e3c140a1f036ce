//! Bytes of any kind, read as a history of one form: an error with its place, or a history, never a panic.
//!
//! `REVLINE_FUZZ_FORMAT` says which form: `jsonl`, `jepsen`, `porcupine` or `robustness`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use revline_checker::guarantee::judge;
use revline_checker::import::{Format, Imported, read};
use std::sync::LazyLock;

static FORMAT: LazyLock<Format> = LazyLock::new(|| {
    match std::env::var("REVLINE_FUZZ_FORMAT").as_deref() {
        Ok("jsonl") => Format::Jsonl,
        Ok("jepsen") => Format::Jepsen,
        Ok("porcupine") => Format::Porcupine,
        Ok("robustness") => Format::Robustness,
        other => panic!("REVLINE_FUZZ_FORMAT is {other:?}; jsonl, jepsen, porcupine or robustness was expected"),
    }
});

fuzz_target!(|bytes: &[u8]| {
    match read(bytes, "fuzzed", Some(*FORMAT)) {
        // What was read may be anything the form allows: the judge must bear it, too.
        Ok(Imported::Etcd(history)) => drop(judge(&history)),
        Ok(Imported::Register(_) | Imported::AppendKv(_)) => {}
        Err(error) => assert!(error.to_string().starts_with("fuzzed"), "{error} names no place"),
    }
});
