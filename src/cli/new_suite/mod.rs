//! `revline new-suite`: the skeleton of a test suite for a service that uses `etcd-client`.

mod source;

use super::arguments::NewSuiteArguments;
use super::print::{print, status_after};
use super::status::{Status, Unusable};
use revline_scenarios::whole_file;
use source::Source;
use std::fmt::Write;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// A file of the skeleton: its path in the suite, and its text.
const FILES: [(&str, &str); 6] = [
    ("Cargo.toml", include_str!("skeleton/Cargo.toml.in")),
    (".cargo/config.toml", include_str!("skeleton/config.toml.in")),
    (".gitignore", include_str!("skeleton/gitignore.in")),
    ("README.md", include_str!("skeleton/README.md.in")),
    ("src/lib.rs", include_str!("skeleton/lib.rs")),
    ("tests/in_world.rs", include_str!("skeleton/in_world.rs")),
];

/// The place of the dependency's source in the manifest.
const REVLINE: &str = "@REVLINE@";

/// Writes the skeleton into the folder that the arguments name, which is new or empty.
pub fn new_suite(arguments: &NewSuiteArguments) -> Result<Status, Unusable> {
    let source = Source::parse(arguments.revline.as_deref())?;
    let folder = &arguments.folder;
    check_empty(folder)?;
    let mut said = String::new();
    for (name, text) in FILES {
        let file = folder.join(name);
        keep(&file, &text.replace(REVLINE, &source.to_string()))?;
        let _ = writeln!(said, "wrote {}", file.display());
    }
    let _ = writeln!(said, "next: cd {} && cargo test", folder.display());
    status_after(print(&said), Status::Holds)
}

/// Refuses a folder in which there is anything.
fn check_empty(folder: &Path) -> Result<(), Unusable> {
    let refused = |what: &str| Err(Unusable::new(format!("{}: {what}", folder.display())));
    match fs::read_dir(folder).map(|mut entries| entries.next().is_none()) {
        Ok(true) => Ok(()),
        Ok(false) => refused("is not empty: give a new or an empty folder"),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotADirectory => {
            refused("is no folder: give a new or an empty one")
        }
        Err(error) => refused(&error.to_string()),
    }
}

fn keep(file: &Path, text: &str) -> Result<(), Unusable> {
    let made = file.parent().map_or(Ok(()), fs::create_dir_all);
    made.and_then(|()| whole_file::write(file, |out| out.write_all(text.as_bytes())))
        .map_err(|error| Unusable::new(format!("{}: {error}", file.display())))
}
