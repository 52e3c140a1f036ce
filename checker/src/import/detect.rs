//! Detection of the form of a history by its beginning.

use super::error::{ImportError, Problem, excerpt};
use super::fields::Ignored;
use super::known::Known;
use super::{Imported, jepsen, jepsen_edn, porcupine, robustness};
use crate::history::{History, jsonl};
use std::borrow::Cow;
use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read as _};
use std::path::Path;

/// The bytes of a history searched for its form.
pub const LOOKED_AT_BYTES: u64 = 4096;

/// A form of history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// revline's own JSONL.
    Jsonl,
    /// A log of Jepsen's tests of etcd.
    Jepsen,
    /// Jepsen's `history.edn`: registers and mutexes.
    JepsenEdn,
    /// A log of porcupine's key-value tests.
    Porcupine,
    /// A report of etcd's robustness tests: a folder, or one file of it.
    Robustness,
}

/// The way to read a history.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reading {
    /// The form it has; without one, the content says which.
    pub format: Option<Format>,
    /// True if fields that the form does not have are passed over. Without this they are errors. revline's own form
    /// has no such fields in any case.
    pub ignore_unknown_fields: bool,
}

/// A history that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Read {
    /// The history.
    pub history: Imported,
    /// The fields that were passed over.
    pub ignored: Ignored,
}

impl Reading {
    /// Reads the history in a file, or the report in a folder.
    pub fn path(&self, path: &Path) -> Result<Read, ImportError> {
        let name = path.display().to_string();
        let error = |problem| ImportError { name: name.clone(), line: 0, problem };
        match self.format {
            _ if !path.is_dir() => {
                let file = File::open(path).map_err(|io| error(io.into()))?;
                self.reader(BufReader::new(file), &name)
            }
            None | Some(Format::Robustness) => {
                robustness::read_folder(path, self.ignore_unknown_fields).map(Read::of_etcd)
            }
            Some(_) => Err(error(Problem::Folder)),
        }
    }

    /// Reads a history; `name` is for messages.
    pub fn reader(&self, mut reader: impl BufRead, name: &str) -> Result<Read, ImportError> {
        let error = |problem| ImportError { name: name.into(), line: 0, problem };
        let mut beginning = Vec::new();
        reader.by_ref().take(LOOKED_AT_BYTES).read_to_end(&mut beginning).map_err(|io| error(io.into()))?;
        let format = match self.format {
            Some(format) => format,
            None => detect(&beginning).map_err(error)?,
        };
        let part = robustness::part(&beginning);
        let reader = Cursor::new(beginning).chain(reader);
        match format {
            Format::Robustness => {
                let part = part.ok_or_else(|| error(Problem::NoReport))?;
                robustness::read(part, reader, name, self.ignore_unknown_fields).map(Read::of_etcd)
            }
            Format::Jepsen => jepsen::read(reader, name).map(|calls| Read::whole(Imported::Register(calls))),
            Format::JepsenEdn => {
                let read = jepsen_edn::read(reader, name, self.ignore_unknown_fields);
                read.map(|(history, ignored)| Read { history, ignored })
            }
            Format::Porcupine => {
                let read = porcupine::read(reader, name, self.ignore_unknown_fields);
                read.map(|(calls, ignored)| Read { history: Imported::AppendKv(calls), ignored })
            }
            Format::Jsonl => match jsonl::read(name, reader) {
                Ok(history) => Ok(Read::whole(Imported::Etcd(history))),
                Err(error) => Err(error.into()),
            },
        }
    }
}

impl Read {
    fn whole(history: Imported) -> Read {
        Read { history, ignored: Ignored::new() }
    }

    fn of_etcd((history, ignored): (History, Ignored)) -> Read {
        Read { history: Imported::Etcd(history), ignored }
    }
}

/// Reads the history in a file, or the report in a folder. Without a format, the content says which it is.
pub fn read_path(path: &Path, format: Option<Format>) -> Result<Imported, ImportError> {
    Reading { format, ..Reading::default() }.path(path).map(|read| read.history)
}

/// Reads the history in a file. Without a format, the content says which it is.
pub fn read_file(path: &Path, format: Option<Format>) -> Result<Imported, ImportError> {
    read_path(path, format)
}

/// Reads a history; `name` is for messages. Without a format, the content says which it is.
pub fn read(reader: impl BufRead, name: &str, format: Option<Format>) -> Result<Imported, ImportError> {
    Reading { format, ..Reading::default() }.reader(reader, name).map(|read| read.history)
}

/// The form that a line alone tells of its history.
fn by_line(line: &str) -> Option<Result<Format, Problem>> {
    match Known::of_line(line) {
        Some(known) => Some(Err(Problem::Known(known))),
        None => jepsen::is_operation(line).then_some(Ok(Format::Jepsen)),
    }
}

/// The form of a history that begins so: with its first [`LOOKED_AT_BYTES`], or all of it.
pub fn detect(beginning: &[u8]) -> Result<Format, Problem> {
    let text =
        std::str::from_utf8(beginning).map_or_else(|_| String::from_utf8_lossy(beginning), Cow::Borrowed);
    if let Some(known) = Known::of(beginning, &text) {
        return if robustness::part(beginning).is_some() {
            Ok(Format::Robustness)
        } else {
            Err(Problem::Known(known))
        };
    }
    let mut lines = text.lines().map(str::trim_ascii).filter(|line| !line.is_empty());
    let Some(first) = lines.clone().next() else { return Err(Problem::Nothing) };
    if jepsen_edn::is_operation(&text) {
        Ok(Format::JepsenEdn)
    } else if porcupine::is_line(first) {
        Ok(Format::Porcupine)
    } else if robustness::part(beginning).is_some() {
        Ok(Format::Robustness)
    } else if first.starts_with('{') {
        Ok(Format::Jsonl)
    } else if let Some(format) = lines.clone().find_map(by_line) {
        format
    } else if lines.any(jepsen::is_line) {
        Ok(Format::Jepsen)
    } else if std::str::from_utf8(beginning).is_err_and(|error| error.error_len().is_some()) {
        Err(Problem::Known(Known::Binary))
    } else {
        Err(Problem::UnknownForm { found: excerpt(first) })
    }
}
