//! The items of a crate, read from its tokens: modules, imports, public names, implementations.

use crate::reader::Reader;
use crate::tree::Crate;
use std::collections::BTreeSet;

/// A path from the root of a crate: `["member", "reads"]`.
pub type Path = Vec<String>;

/// An item with a name: a type, a trait, a function, a constant, a method.
#[derive(Clone, Debug)]
pub struct Item {
    pub name: String,
    pub module: Path,
    /// The type it belongs to, for a method or an associated constant.
    pub owner: Option<String>,
    /// True for a type.
    pub is_type: bool,
    /// True for a function or a method.
    pub is_function: bool,
    /// True for `pub`, without a restriction.
    pub public: bool,
    pub place: Place,
    /// The words that its users can see: a function's signature, a type's public fields.
    pub shows: Vec<String>,
}

/// An inherent implementation.
#[derive(Clone, Debug)]
pub struct Implementation {
    pub owner: String,
    pub module: Path,
    pub place: Place,
    pub methods: u64,
}

/// An implementation of a trait: the type, and the words of its associated types.
#[derive(Clone, Debug)]
pub struct TraitImplementation {
    pub owner: String,
    pub shows: Vec<String>,
}

/// One path that a `use` imports.
#[derive(Clone, Debug)]
pub struct Import {
    /// As it is written, groups taken apart; a glob ends with `*`.
    pub path: Path,
    /// The name it has here.
    pub name: String,
    pub module: Path,
    pub public: bool,
    pub place: Place,
}

/// A path with `crate::`, `super::` or `self::` in an expression or a signature, from the root of the crate.
#[derive(Clone, Debug)]
pub struct Mention {
    pub path: Path,
    pub module: Path,
    pub place: Place,
}

/// A file and a line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub path: String,
    pub line: usize,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.path, self.line)
    }
}

/// The items of a crate's sources, without those that only its tests see.
#[derive(Clone, Debug, Default)]
pub struct Items {
    pub items: Vec<Item>,
    pub implementations: Vec<Implementation>,
    pub trait_implementations: Vec<TraitImplementation>,
    pub imports: Vec<Import>,
    pub mentions: Vec<Mention>,
    /// Every module, and whether it is `pub`.
    pub modules: Vec<(Path, bool)>,
    pub test_modules: BTreeSet<Path>,
}

impl Items {
    /// Reads the items of a crate.
    pub fn of(owner: &Crate) -> Items {
        let mut items = Items::default();
        for file in owner.sources() {
            let module = module_of(owner.source_path(file).unwrap_or_default());
            Reader::new(file, &mut items).read(&module);
        }
        items.drop_test_modules();
        items
    }

    /// An import's path from the root of the crate; `None` if it leads out of the crate.
    pub fn absolute(&self, import: &Import) -> Option<Path> {
        if let Some(path) = from_root(&import.path, &import.module) {
            return Some(path);
        }
        let here: Path = import.module.iter().chain(&import.path).cloned().collect();
        let child = &here[..import.module.len() + 1];
        let known = self.modules.iter().any(|(module, _)| module == child)
            || self.items.iter().any(|item| {
                item.owner.is_none() && item.module == import.module && item.name == child[child.len() - 1]
            });
        known.then_some(here)
    }

    /// Drops what lies in files that only `#[cfg(test)]` declares.
    fn drop_test_modules(&mut self) {
        let tests = std::mem::take(&mut self.test_modules);
        let keep = |module: &Path| !(0..=module.len()).any(|length| tests.contains(&module[..length]));
        self.items.retain(|item| keep(&item.module));
        self.implementations.retain(|one| keep(&one.module));
        self.imports.retain(|import| keep(&import.module));
        self.mentions.retain(|mention| keep(&mention.module));
        self.modules.retain(|(module, _)| keep(module));
    }
}

/// The module that a file holds.
fn module_of(path: &str) -> Path {
    let stem = path.strip_suffix(".rs").unwrap_or(path);
    let mut module: Path = stem.split('/').map(str::to_owned).collect();
    let last = module.last().map(String::as_str);
    if last == Some("mod") || matches!(module.as_slice(), [only] if only == "lib" || only == "main") {
        module.pop();
    }
    module
}

/// A path that begins with `crate`, `super` or `self`, from the root of the crate.
pub fn from_root(path: &[String], module: &Path) -> Option<Path> {
    let supers = path.iter().take_while(|part| *part == "super").count();
    let (start, rest) = match path.first().map(String::as_str)? {
        "crate" => (0, 1),
        "self" => (module.len(), 1),
        "super" => (module.len().checked_sub(supers)?, supers),
        _ => return None,
    };
    Some(module[..start].iter().chain(&path[rest..]).cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Tree;

    fn items(files: &[(&str, &str)]) -> Items {
        let manifest = [("Cargo.toml", "[package]\nname = \"a\"\n")];
        Items::of(&Tree::of(manifest.iter().chain(files).copied()).crates[0])
    }

    fn paths(items: &Items) -> Vec<String> {
        items.imports.iter().map(|import| import.path.join("::")).collect()
    }

    #[test]
    fn items_have_names_modules_and_owners() {
        let source = "pub struct A<'a>(pub B, C);\nimpl<'a> A<'a> { pub const fn new() -> A<'a> { A() } fn x() {} }\n\
                      impl<T: Fn() -> u8> Trait<T> for A<'_> { type Item = D; fn y() {} }\npub(crate) const X: u8 = { 1 };";
        let items = items(&[("src/a/mod.rs", source)]);
        let names: Vec<_> = items.items.iter().map(|item| (item.name.as_str(), item.public)).collect();
        assert_eq!(names, [("A", true), ("new", true), ("x", false), ("X", false)]);
        assert_eq!(items.items[0].shows, ["B"]);
        assert_eq!(items.implementations[0].methods, 2);
        assert_eq!(items.implementations[0].module, ["a"]);
        assert_eq!(items.trait_implementations[0].shows, ["D"]);
    }

    #[test]
    fn groups_of_imports_are_taken_apart() {
        let items = items(&[(
            "src/lib.rs",
            "pub use crate::a::{self, b::*, C as D}; fn f() { use super::x; self::y::z(); }",
        )]);
        assert_eq!(paths(&items), ["crate::a", "crate::a::b::*", "crate::a::C", "super::x"]);
        assert_eq!(items.imports[2].name, "D");
        assert_eq!(items.mentions[0].path, ["y", "z"]);
    }

    #[test]
    fn what_only_tests_see_is_left_out() {
        let root =
            "#[cfg(test)] mod tests { use crate::a; } #[cfg(test)] mod by_hand; mod b; #[test] fn t() {}";
        let items = items(&[
            ("src/lib.rs", root),
            ("src/by_hand.rs", "use crate::c;"),
            ("src/b.rs", "use crate::d;"),
        ]);
        assert_eq!(paths(&items), ["crate::d"]);
        assert!(items.items.is_empty());
    }

    #[test]
    fn paths_start_at_the_root_of_the_crate() {
        let path = |path: &[&str], module: &[&str]| {
            let owned = |parts: &[&str]| parts.iter().map(|part| (*part).to_owned()).collect::<Path>();
            from_root(&owned(path), &owned(module)).map(|path| path.join("::"))
        };
        assert_eq!(path(&["super", "super", "x"], &["a", "b"]), Some("x".to_owned()));
        assert_eq!(path(&["self", "x"], &["a"]), Some("a::x".to_owned()));
        assert_eq!(path(&["crate", "x"], &["a"]), Some("x".to_owned()));
        assert_eq!(path(&["serde", "x"], &["a"]), None);
    }
}
