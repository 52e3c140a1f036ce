//! Types whose inherent methods lie in more than [`FILES`] files: parts of them should own their state.

use crate::allowed::Finding;
use crate::items::{Implementation, Items, Path};
use crate::tree::{Crate, Tree};
use std::collections::{BTreeMap, BTreeSet};

/// The files that a type's methods may lie in.
const FILES: usize = 3;

/// Finds types whose methods are scattered.
pub fn findings(tree: &Tree) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for Scattered { name, methods, files } in tree.crates.iter().flat_map(scattered) {
        if files.len() > FILES && !findings.iter().any(|finding| finding.key == format!("type-files {name}"))
        {
            findings.push(Finding {
                key: format!("type-files {name}"),
                number: files.len() as u64,
                place: files.last().cloned().unwrap_or_default(),
                says: format!(
                    "{methods} methods of the type lie in {} files: at most {FILES}; give its parts their own state",
                    files.len()
                ),
            });
        }
    }
    findings
}

/// A type, its number of methods and where its implementations begin, one place a file.
pub struct Scattered {
    pub name: String,
    pub methods: u64,
    pub files: Vec<String>,
}

/// The types of a crate, those with the most files first.
pub fn scattered(owner: &Crate) -> Vec<Scattered> {
    let items = Items::of(owner);
    let mut types: BTreeMap<(Path, &str), Vec<&Implementation>> = BTreeMap::new();
    for implementation in &items.implementations {
        let module = defining_module(&items, implementation);
        types.entry((module, &implementation.owner)).or_default().push(implementation);
    }
    let scattered = |((_, name), mut all): ((Path, &str), Vec<&Implementation>)| {
        let methods = all.iter().map(|implementation| implementation.methods).sum();
        let mut seen = BTreeSet::new();
        all.retain(|implementation| seen.insert(&implementation.place.path));
        let files = all.iter().map(|implementation| implementation.place.to_string()).collect();
        Scattered { name: format!("{}::{name}", owner.name), methods, files }
    };
    let mut types: Vec<_> = types.into_iter().map(scattered).collect();
    types.sort_by_key(|one| std::cmp::Reverse((one.files.len(), one.methods)));
    types
}

/// The module that defines the type of an implementation: the one it is imported from, or else, of those that
/// define a type of that name, the one with the longest common way from the root.
fn defining_module(items: &Items, implementation: &Implementation) -> Path {
    let Implementation { owner, module, .. } = implementation;
    let named = items.items.iter().filter(|item| item.is_type && item.name == *owner);
    let candidates: Vec<&Path> = named.map(|item| &item.module).collect();
    let import = items.imports.iter().find(|import| import.module == *module && import.name == *owner);
    let imported = import.and_then(|import| items.absolute(import));
    let imported = imported.and_then(|path| path.split_last().map(|(_, module)| module.to_vec()));
    let common = |a: &Path, b: &Path| a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let aim = imported.as_ref().unwrap_or(module);
    let best = candidates.into_iter().max_by_key(|candidate| (*candidate == aim, common(candidate, aim)));
    best.unwrap_or(aim).clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> Tree {
        Tree::of([("Cargo.toml", "[package]\nname = \"a\"\n")].iter().chain(files).copied())
    }

    #[test]
    fn four_files_are_rejected() {
        let found = findings(&tree(&[
            ("src/m/mod.rs", "pub struct M;\nimpl M { fn a() {} }\nimpl M { fn b() {} }"),
            ("src/m/b.rs", "use super::M;\nimpl M { fn c() {} }"),
            ("src/m/c.rs", "impl super::M { fn d() {} }"),
            ("src/m/d.rs", "\n\nimpl<'a> crate::m::M where M: Sized { fn e() {} }"),
        ]));
        assert_eq!((found[0].key.as_str(), found[0].number), ("type-files a::M", 4));
        assert!(found[0].says.contains("5 methods"), "{}", found[0].says);
        assert_eq!(found[0].place, "src/m/mod.rs:2");
    }

    #[test]
    fn traits_and_namesakes_are_accepted() {
        assert!(
            findings(&tree(&[
                ("src/a.rs", "struct M; impl M {}"),
                ("src/b.rs", "struct M; impl M {}"),
                ("src/c.rs", "struct M; impl M {}"),
                ("src/d.rs", "use crate::a::M; impl M {}"),
                ("src/e.rs", "use crate::a::M; impl Clone for M {} impl Iterator for M { type Item = (); }"),
                ("src/f.rs", "use crate::a::M; impl M {}"),
                ("src/g.rs", "use crate::a::M; #[cfg(test)] impl M {}"),
            ]))
            .is_empty()
        );
    }
}
