//! Public names of a library that nothing outside of it names: neither another crate, nor a test, nor an example.
//!
//! A type that the signature of a used name shows counts as used. Fields, variants and trait methods are not
//! looked at. Names are compared, not meanings: a namesake outside counts as a use.

use crate::allowed::Finding;
use crate::items::{Item, Items, Path};
use crate::tree::{Crate, File, Tree};
use std::collections::{BTreeMap, BTreeSet};

/// Finds public names that could be private.
pub fn findings(tree: &Tree) -> Vec<Finding> {
    let mut findings: BTreeMap<String, Finding> = BTreeMap::new();
    for owner in tree.crates.iter().filter(|owner| is_room(owner)) {
        let items = Items::of(owner);
        let used = used(tree, owner, &items);
        for item in reachable(&items).into_iter().filter(|item| !used.contains(&item.name)) {
            let of = item.owner.iter().map(|of| format!("{of}::")).collect::<String>();
            let key = format!("unused-public {} {of}{}", owner.name, item.name);
            let new = Finding {
                key: key.clone(),
                number: 0,
                place: item.place.to_string(),
                says: format!(
                    "`{of}{}` is public, and nothing outside the crate names it: make it private or pub(crate)",
                    item.name
                ),
            };
            findings.entry(key).or_insert(new).number += 1;
        }
    }
    findings.into_values().collect()
}

/// Returns `true` for a library that other packages of the workspace use; the names of the front door are for everybody.
fn is_room(owner: &Crate) -> bool {
    !owner.folder.is_empty()
}

/// The items that another crate can name.
fn reachable(items: &Items) -> Vec<&Item> {
    let mut open: BTreeSet<Path> = BTreeSet::from([Vec::new()]);
    let mut exported: BTreeSet<Path> = BTreeSet::new();
    loop {
        let before = open.len() + exported.len();
        for (module, public) in &items.modules {
            let parent = &module[..module.len() - 1];
            if (*public && open.contains(parent)) || exported.contains(module) {
                open.insert(module.clone());
            }
        }
        for import in items.imports.iter().filter(|import| import.public) {
            let here: Path = import.module.iter().chain([&import.name]).cloned().collect();
            if !open.contains(&import.module) && !exported.contains(&here) {
                continue;
            }
            if let Some(mut path) = items.absolute(import) {
                if import.name == "*" {
                    path.pop();
                    open.insert(path);
                } else {
                    exported.insert(path);
                }
            }
        }
        if open.len() + exported.len() == before {
            break;
        }
    }
    let path = |item: &Item| item.module.iter().chain([&item.name]).cloned().collect::<Path>();
    let is_open = |item: &&Item| {
        item.owner.is_none() && item.public && (open.contains(&item.module) || exported.contains(&path(item)))
    };
    let types: BTreeSet<&str> = items.items.iter().filter(is_open).map(|item| item.name.as_str()).collect();
    let of_open =
        |item: &&Item| item.public && item.owner.as_deref().is_some_and(|owner| types.contains(owner));
    items.items.iter().filter(|item| is_open(item) || of_open(item)).collect()
}

/// The words that stand outside of a crate, and those that its names used there show.
fn used(tree: &Tree, owner: &Crate, items: &Items) -> BTreeSet<String> {
    let mut used: BTreeSet<String> = BTreeSet::new();
    for other in &tree.crates {
        let outside = |file: &&File| other.name != owner.name || other.source_path(file).is_none();
        for file in other.files.iter().filter(outside) {
            used.extend(
                file.lexed.tokens.iter().filter(|token| token.is_word()).map(|token| token.text.clone()),
            );
        }
        other
            .files
            .iter()
            .for_each(|file| used.extend(examples(file.lexed.docs.iter().map(|doc| doc.text.as_str()))));
    }
    tree.documents.iter().for_each(|(_, text)| used.extend(examples(text.lines())));
    loop {
        let before = used.len();
        for item in &items.items {
            if used.contains(&item.name) && item.owner.as_ref().is_none_or(|owner| used.contains(owner)) {
                used.extend(item.shows.iter().cloned());
            }
        }
        for implementation in &items.trait_implementations {
            if used.contains(&implementation.owner) {
                used.extend(implementation.shows.iter().cloned());
            }
        }
        if used.len() == before {
            return used;
        }
    }
}

/// The words of the Rust examples in a document.
fn examples<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut fence: Option<bool> = None;
    let mut words = Vec::new();
    for line in lines {
        if let Some(language) = line.trim_start().strip_prefix("```") {
            let rust = language.is_empty() || language.starts_with("rust") || language.starts_with("no_run");
            fence = if fence.is_some() { None } else { Some(rust) };
        } else if fence == Some(true) {
            words.extend(line.split(|c: char| !c.is_alphanumeric() && c != '_').map(str::to_owned));
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(files: &[(&str, &str)]) -> Vec<String> {
        let manifests = [
            ("Cargo.toml", "[package]\nname = \"top\"\n"),
            ("room/Cargo.toml", "[package]\nname = \"top-room\"\n"),
        ];
        let tree = Tree::of(manifests.iter().chain(files).copied());
        findings(&tree)
            .iter()
            .map(|one| one.key.strip_prefix("unused-public top-room ").unwrap_or_default().to_owned())
            .collect()
    }

    #[test]
    fn names_that_nothing_outside_names_are_rejected() {
        let room = ("room/src/lib.rs", "pub mod a; mod b; pub use b::B;");
        let a = (
            "room/src/a.rs",
            "pub struct A; impl A { pub fn f(&self) {} fn g() {} } pub(crate) fn h() {} // A",
        );
        let b = ("room/src/b.rs", "pub struct B; pub struct Hidden;");
        assert_eq!(names(&[room, a, b]), ["A", "A::f", "B"]);
    }

    #[test]
    fn names_used_outside_are_accepted() {
        let room = ("room/src/lib.rs", "pub mod a;");
        let a = (
            "room/src/a.rs",
            "pub struct A; pub fn make() -> A { A } pub struct T; pub struct E; /// ```\n/// E\n/// ```\nfn x() {}",
        );
        assert_eq!(names(&[room, a, ("src/main.rs", "room::a::make();"), ("room/tests/t.rs", "T")]), [""; 0]);
        let inside = ("room/src/c.rs", "use crate::a::make;");
        assert_eq!(
            names(&[room, a, inside, ("src/main.rs", "// make\nfn main() { \"A\"; }")]),
            ["A", "T", "make"]
        );
    }
}
