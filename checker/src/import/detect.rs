//! Which form a history has, by how it begins.

use super::error::{ImportError, Problem, excerpt};
use super::{Imported, jepsen, porcupine, robustness};
use crate::history::jsonl;
use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read};
use std::path::Path;

/// How far into a history its form is looked for, in bytes.
pub const LOOKED_AT_BYTES: u64 = 4096;

/// A form of history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// revline's own JSONL.
    Jsonl,
    /// A log of Jepsen's tests of etcd.
    Jepsen,
    /// A log of porcupine's key-value tests.
    Porcupine,
    /// A report of etcd's robustness tests: a folder, or one file of it.
    Robustness,
}

/// Reads the history in a file, or the report in a folder. Without a format, the content says which it is.
pub fn read_path(path: &Path, format: Option<Format>) -> Result<Imported, ImportError> {
    match format {
        _ if !path.is_dir() => read_file(path, format),
        None | Some(Format::Robustness) => robustness::read_folder(path).map(Imported::Etcd),
        Some(_) => {
            let name = path.display().to_string();
            Err(ImportError { name, line: 0, problem: Problem::Folder })
        }
    }
}

/// Reads the history in a file. Without a format, the content says which it is.
pub fn read_file(path: &Path, format: Option<Format>) -> Result<Imported, ImportError> {
    let name = path.display().to_string();
    match File::open(path) {
        Ok(file) => read(BufReader::new(file), &name, format),
        Err(error) => Err(ImportError { name, line: 0, problem: error.into() }),
    }
}

/// Reads a history; `name` is for messages. Without a format, the content says which it is.
pub fn read(mut reader: impl BufRead, name: &str, format: Option<Format>) -> Result<Imported, ImportError> {
    let error = |problem| ImportError { name: name.into(), line: 0, problem };
    let mut beginning = Vec::new();
    reader.by_ref().take(LOOKED_AT_BYTES).read_to_end(&mut beginning).map_err(|io| error(io.into()))?;
    let format = match format {
        Some(format) => format,
        None => detect(&beginning).map_err(error)?,
    };
    let part = robustness::part(&beginning);
    let reader = Cursor::new(beginning).chain(reader);
    match format {
        Format::Robustness => {
            let part = part.ok_or_else(|| error(Problem::NoReport))?;
            robustness::read(part, reader, name).map(Imported::Etcd)
        }
        Format::Jepsen => jepsen::read(reader, name).map(Imported::Register),
        Format::Porcupine => porcupine::read(reader, name).map(Imported::AppendKv),
        Format::Jsonl => jsonl::read(name, reader).map(Imported::Etcd).map_err(ImportError::from),
    }
}

/// The form of a history that begins so: with its first [`LOOKED_AT_BYTES`], or all of it.
pub fn detect(beginning: &[u8]) -> Result<Format, Problem> {
    let text = String::from_utf8_lossy(beginning);
    let mut lines = text.lines().map(str::trim_ascii).filter(|line| !line.is_empty());
    let Some(first) = lines.clone().next() else { return Err(Problem::Empty) };
    if porcupine::is_line(first) {
        Ok(Format::Porcupine)
    } else if robustness::part(beginning).is_some() {
        Ok(Format::Robustness)
    } else if first.starts_with('{') {
        Ok(Format::Jsonl)
    } else if lines.any(jepsen::is_line) {
        Ok(Format::Jepsen)
    } else {
        Err(Problem::UnknownForm { found: excerpt(first) })
    }
}
