//! All mutants of the store that compile.

use crate::Failure;
use crate::find::{find, test_modules};
use crate::mutant::{Identity, Mutant};
use crate::rewrite::{Place, rewrite};
use crate::workshop::{Workshop, read, write};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Files without mutants: the defects of a hunt, and the vocabulary of observers.
const LEFT_ALONE: [&str; 3] = ["defect/", "member/event.rs", "lib.rs"];

/// The mutants by their numbers, which begin at 1.
pub struct Pool {
    sources: BTreeMap<String, String>,
    /// The mutants. That of number n is at n - 1.
    pub mutants: Vec<Mutant>,
    /// The bytes that belong to mutants, in the rewritten files.
    pub places: BTreeMap<String, Vec<Place>>,
}

impl Pool {
    /// Finds all but those that were dropped.
    pub fn find(workshop: &Workshop, dropped: &BTreeSet<Identity>) -> Result<Pool, Failure> {
        let store = workshop.store();
        let mut sources = BTreeMap::new();
        gather(&store, &store, &mut sources)?;
        let mut for_tests = BTreeSet::new();
        for (file, source) in &sources {
            let modules = test_modules(source).map_err(|error| Failure::at(file, error))?;
            let folder = file.strip_suffix("mod.rs").or(file.strip_suffix("lib.rs")).map(str::to_owned);
            let folder = folder.unwrap_or_else(|| format!("{}/", file.trim_end_matches(".rs")));
            for_tests.extend(modules.iter().map(|module| format!("{folder}{module}")));
        }
        let mut mutants = Vec::new();
        for (file, source) in &sources {
            let test = for_tests.iter().any(|module| {
                file.starts_with(&format!("{module}.rs")) || file.starts_with(&format!("{module}/"))
            });
            if test || LEFT_ALONE.iter().any(|alone| file.starts_with(alone)) {
                continue;
            }
            mutants.extend(find(file, source).map_err(|error| Failure::at(file, error))?);
        }
        mutants.retain(|mutant| !dropped.contains(&mutant.identity));
        Ok(Pool { sources, mutants, places: BTreeMap::new() })
    }

    /// Writes the store with all of them into the workshop.
    pub fn write(&mut self, workshop: &Workshop) -> Result<(), Failure> {
        let to = workshop.copy().join("store/src");
        let mut by_file: BTreeMap<&str, Vec<(usize, &Mutant)>> = BTreeMap::new();
        for (position, mutant) in self.mutants.iter().enumerate() {
            by_file.entry(&mutant.identity.file).or_default().push((position + 1, mutant));
        }
        self.places.clear();
        for (file, source) in &self.sources {
            let none = Vec::new();
            let rewritten = rewrite(source, by_file.get(file.as_str()).unwrap_or(&none));
            let text = match file.as_str() {
                "lib.rs" => library(&rewritten.text),
                _ => rewritten.text,
            };
            write(&to.join(file), &text)?;
            self.places.insert(file.clone(), rewritten.places);
        }
        let switch = read(&workshop.root.join("mutants/runner/mutant.rs"))?;
        let count = format!("{switch}\nconst COUNT: usize = {};\n", self.mutants.len());
        write(&to.join("mutant.rs"), &count)
    }
}

/// The root of the store with the module that switches mutants.
fn library(text: &str) -> String {
    let allowed = "#![allow(warnings, arithmetic_overflow, unconditional_panic, unconditional_recursion)]\n";
    format!("{text}\n/// The mutants.\npub mod mutant;\n").replacen(
        "\npub mod api;",
        &format!("\n{allowed}\npub mod api;"),
        1,
    )
}

fn gather(root: &Path, folder: &Path, sources: &mut BTreeMap<String, String>) -> Result<(), Failure> {
    let entries = fs::read_dir(folder).map_err(|error| Failure::at(folder.display(), error))?;
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            gather(root, &path, sources)?;
        } else if let Ok(name) = path.strip_prefix(root) {
            sources.insert(name.display().to_string(), read(&path)?);
        }
    }
    Ok(())
}
