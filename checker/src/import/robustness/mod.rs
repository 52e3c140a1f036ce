//! Reports of etcd's robustness tests (etcd-io/etcd, `tests/robustness`).
//!
//! A report is a folder with one folder for each client, and in it `operations.json` and `watch.json`: JSON
//! objects one after the other, times in nanoseconds from the beginning of the test. Files are known by what
//! they hold, or by these names; what is neither (pictures, members' data) is passed over.
//!
//! Fields are known one by one (`recorded`); any other is refused, or passed over and counted.
//!
//! Create revisions, versions and leases of keys are not recorded, or only in part:
//! [`KeyValue::NOT_RECORDED`](crate::history::KeyValue::NOT_RECORDED) stands for them. Nothing is taken from
//! members' logs: what became of a request whose answer was lost is left to the judge, but for what the
//! report itself says of it (`PersistedRevision`, once `PartialResponse`).

mod lease;
mod objects;
mod operation;
mod recorded;
mod report;
mod value;
mod watch;

use super::detect::LOOKED_AT_BYTES;
use super::error::{ImportError, Problem};
use super::fields::Ignored;
use crate::history::History;
use report::Report;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};

/// The content of a file of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Operations of a client.
    Operations,
    /// Watches of a client.
    Watches,
}

/// The content of a file of a report that begins so; `None` if it is none.
pub(super) fn part(beginning: &[u8]) -> Option<Part> {
    let rest = beginning.trim_ascii_start().strip_prefix(b"{")?.trim_ascii_start().strip_prefix(b"\"")?;
    let key = &rest[..rest.iter().position(|byte| *byte == b'"')?];
    let text = String::from_utf8_lossy(beginning);
    let has = |field: &str| text.contains(&format!("\"{field}\""));
    match key {
        b"ClientId" | b"ClientID" | b"Input" | b"Call" | b"Output" | b"Return" | b"Metadata" => {
            Some(Part::Operations)
        }
        b"Request" | b"Responses" => Some(Part::Watches),
        // A field that is not known, and is said to be so when the object is read.
        _ if has("ClientId") && has("Input") => Some(Part::Operations),
        _ if has("Request") && has("Responses") => Some(Part::Watches),
        _ => None,
    }
}

/// The content of a file of a report by its name, as etcd names them.
fn part_by_name(path: &Path) -> Option<Part> {
    match path.file_name()?.to_str()? {
        "operations.json" => Some(Part::Operations),
        "watch.json" => Some(Part::Watches),
        _ => None,
    }
}

/// Reads one file of a report; `ignore_unknown_fields`: they are passed over, and returned.
pub(super) fn read(
    part: Part,
    reader: impl BufRead,
    name: &str,
    ignore_unknown_fields: bool,
) -> Result<(History, Ignored), ImportError> {
    let mut report = Report::new(ignore_unknown_fields);
    report.take(part, reader, name)?;
    report.finish()
}

/// Reads a report: every file of it in a folder and the folders below.
pub(super) fn read_folder(
    folder: &Path,
    ignore_unknown_fields: bool,
) -> Result<(History, Ignored), ImportError> {
    let error = |path: &Path, problem| ImportError { name: path.display().to_string(), line: 0, problem };
    let mut files = Vec::new();
    collect(folder, &mut files).map_err(|(path, io)| error(&path, io.into()))?;
    let mut report = Report::new(ignore_unknown_fields);
    let mut of_report: Option<&Path> = None;
    let mut found = 0;
    for path in &files {
        let name = path.display().to_string();
        let mut file = File::open(path).map_err(|io| error(path, io.into()))?;
        let mut beginning = Vec::new();
        file.by_ref()
            .take(LOOKED_AT_BYTES)
            .read_to_end(&mut beginning)
            .map_err(|io| error(path, io.into()))?;
        let named = || part_by_name(path).filter(|_| !beginning.trim_ascii().is_empty());
        let Some(part) = part(&beginning).or_else(named) else { continue };
        // Beside the folder of this client are those of the others.
        let clients = path.parent().and_then(Path::parent);
        if let (Some(one), Some(other)) = (of_report, clients)
            && one != other
        {
            let several = Problem::SeveralReports {
                one: one.display().to_string(),
                other: other.display().to_string(),
            };
            return Err(error(folder, several));
        }
        of_report = clients;
        found += 1;
        report.take(part, Cursor::new(beginning).chain(BufReader::new(file)), &name)?;
    }
    if found == 0 {
        return Err(error(folder, Problem::NoReport));
    }
    report.finish()
}

/// The files in a folder and the folders below, in the order of their names.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), (PathBuf, io::Error)> {
    let at = |error| (folder.to_owned(), error);
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(at)? {
        let entry = entry.map_err(at)?;
        entries.push((entry.path(), entry.file_type().map_err(at)?));
    }
    entries.sort_by(|one, other| one.0.cmp(&other.0));
    for (path, kind) in entries {
        if kind.is_dir() {
            collect(&path, files)?;
        } else if kind.is_file() {
            files.push(path);
        }
    }
    Ok(())
}
