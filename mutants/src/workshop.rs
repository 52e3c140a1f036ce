//! The copy of the workspace in which the store has mutants.

use crate::Failure;
use std::fs;
use std::path::{Path, PathBuf};

/// The folders of the copy.
pub struct Workshop {
    /// The workspace that is copied.
    pub root: PathBuf,
    /// The folder for everything that is made: `target/mutants`.
    pub place: PathBuf,
}

/// The parts of the workspace that are copied besides its members.
const PARTS: [&str; 7] = ["Cargo.lock", "benches", "build.rs", "clippy.toml", "docs", "src", "tests"];

impl Workshop {
    /// The workshop of the workspace at `root`.
    pub fn of(root: &Path) -> Result<Workshop, Failure> {
        let root = root.canonicalize().map_err(|error| Failure::at(root.display(), error))?;
        Ok(Workshop { place: root.join("target/mutants"), root })
    }

    /// The root of the copy.
    pub fn copy(&self) -> PathBuf {
        self.place.join("workspace")
    }

    /// The sources of the store, as they are.
    pub fn store(&self) -> PathBuf {
        self.root.join("store/src")
    }

    /// Copies everything but the sources of the store, and adds the runner.
    pub fn set_up(&self) -> Result<(), Failure> {
        let copy = self.copy();
        let manifest = read(&self.root.join("Cargo.toml"))?;
        for part in PARTS.into_iter().chain(members(&manifest)) {
            take_away(&self.root.join(part), &copy.join(part))?;
            copy_all(&self.root.join(part), &copy.join(part), &self.store())?;
        }
        let runner = self.root.join("mutants/runner");
        for file in ["Cargo.toml", "src/main.rs"] {
            write(&copy.join("runner").join(file), &read(&runner.join(file))?)?;
        }
        write(&copy.join("Cargo.toml"), &manifest.replacen("members = [", "members = [\"runner\", ", 1))
    }
}

/// The members of a workspace, by the one line of its manifest that lists them.
fn members(manifest: &str) -> impl Iterator<Item = &str> {
    let list = manifest.lines().find_map(|line| line.strip_prefix("members = [")?.strip_suffix(']'));
    let names = list.unwrap_or_default().split(',').map(|name| name.trim().trim_matches('"'));
    names.filter(|name| !name.is_empty())
}

/// Copies a folder. A file that is the same is not written again, so that it is not compiled again.
fn copy_all(from: &Path, to: &Path, without: &Path) -> Result<(), Failure> {
    if from == without {
        return Ok(());
    }
    if from.is_dir() {
        let entries = fs::read_dir(from).map_err(|error| Failure::at(from.display(), error))?;
        for entry in entries.flatten() {
            copy_all(&entry.path(), &to.join(entry.file_name()), without)?;
        }
        return Ok(());
    }
    let bytes = fs::read(from).map_err(|error| Failure::at(from.display(), error))?;
    write_bytes(to, &bytes)
}

/// Takes away from a copy everything that is not there any more: a module in two files is none.
fn take_away(from: &Path, copy: &Path) -> Result<(), Failure> {
    let at_copy = |error| Failure::at(copy.display(), error);
    match (from.is_dir(), copy.is_dir()) {
        (true, true) => {
            for entry in fs::read_dir(copy).map_err(at_copy)?.flatten() {
                take_away(&from.join(entry.file_name()), &entry.path())?;
            }
            Ok(())
        }
        (false, true) => fs::remove_dir_all(copy).map_err(at_copy),
        _ if copy.exists() && !from.is_file() => fs::remove_file(copy).map_err(at_copy),
        _ => Ok(()),
    }
}

/// Reads a text.
pub fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| Failure::at(path.display(), error))
}

/// Writes a text if the file is not the same already.
pub fn write(path: &Path, text: &str) -> Result<(), Failure> {
    write_bytes(path, text.as_bytes())
}

fn write_bytes(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(|error| Failure::at(folder.display(), error))?;
    fs::write(path, bytes).map_err(|error| Failure::at(path.display(), error))
}
