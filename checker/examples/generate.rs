//! Writes a generated history as JSONL, record by record:
//! `cargo run --release -p revline-checker --example generate -- OPERATIONS SEED [FLAW] > history.jsonl`
#![allow(clippy::disallowed_macros, reason = "talks to people")]

use revline_checker::generate::{Flaw, Shape, stream};
use revline_checker::history::jsonl::Writer;
use std::io::{self, BufWriter};
use std::process::ExitCode;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn run() -> io::Result<()> {
    let bad = |text: String| io::Error::new(io::ErrorKind::InvalidInput, text);
    let mut arguments = std::env::args().skip(1);
    let mut number = |default: u64| match arguments.next() {
        Some(text) => text.parse().map_err(|_| bad(format!("{text} is no number"))),
        None => Ok(default),
    };
    let (operations, seed) = (number(1000)? as usize, number(1)?);
    let flaw = match arguments.next() {
        Some(name) => Some(Flaw::named(&name).ok_or_else(|| {
            let known: Vec<&str> = Flaw::ALL.iter().map(|flaw| flaw.name()).collect();
            bad(format!("{name} is none of {}", known.join(", ")))
        })?),
        None => None,
    };
    let shape = Shape { operations, clients: 20, keys: 1000, watchers: 20, ..Shape::default() };
    let mut writer = Writer::of_new_store(BufWriter::new(io::stdout().lock()))?;
    if !stream(&shape, seed, flaw, |record| writer.record(&record))? {
        return Err(bad("there was no place for the flaw: try another seed".to_owned()));
    }
    writer.finish()
}
