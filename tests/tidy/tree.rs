//! The crates of the workspace and their source files.

use crate::tokens::{Lexed, lex};
use std::fs;
use std::path::Path;

/// A source file.
#[derive(Clone, Debug)]
pub struct File {
    /// Its path from the root of the workspace.
    pub path: String,
    pub text: String,
    pub lexed: Lexed,
}

/// A crate: its manifest and its files.
#[derive(Clone, Debug)]
pub struct Crate {
    /// The package's name without the workspace's prefix.
    pub name: String,
    /// The folder of its manifest, from the root: `store/`; empty for the root package.
    pub folder: String,
    pub manifest: String,
    pub files: Vec<File>,
    /// The files that a generator wrote. Only their uses of dependencies count: no other rule is about them.
    pub generated: Vec<File>,
}

impl Crate {
    /// The files of the library and the program, without integration tests and benches.
    pub fn sources(&self) -> impl Iterator<Item = &File> {
        let source = format!("{}src/", self.folder);
        self.files.iter().filter(move |file| file.path.starts_with(&source))
    }

    /// The path of a file from the folder of the sources, if it lies there: `member/mod.rs`.
    pub fn source_path<'f>(&self, file: &'f File) -> Option<&'f str> {
        file.path.strip_prefix(self.folder.as_str())?.strip_prefix("src/")
    }

    /// The path of the manifest.
    pub fn manifest_path(&self) -> String {
        format!("{}Cargo.toml", self.folder)
    }
}

/// The workspace.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    pub crates: Vec<Crate>,
    /// The documents: Markdown files at the root and in `docs/`.
    pub documents: Vec<(String, String)>,
}

/// The beginning of a file that a generator wrote.
const GENERATED: &str = "// @generated";

/// Folders of a crate that hold source files.
const SOURCE_FOLDERS: [&str; 4] = ["src", "tests", "benches", "examples"];

impl Tree {
    /// Reads the workspace at `root`.
    pub fn read(root: &Path) -> Tree {
        let mut files = Vec::new();
        let manifest = read(&root.join("Cargo.toml"));
        for folder in
            [String::new()].into_iter().chain(members(&manifest).iter().map(|name| format!("{name}/")))
        {
            let manifest = format!("{folder}Cargo.toml");
            files.push((manifest.clone(), read(&root.join(&manifest))));
            for part in SOURCE_FOLDERS {
                gather(root, &format!("{folder}{part}"), "rs", &mut files);
            }
        }
        gather(root, "docs", "md", &mut files);
        files.push(("README.md".to_owned(), read(&root.join("README.md"))));
        Tree::of(files)
    }

    /// The workspace that consists of these files.
    pub fn of<P: Into<String>, T: Into<String>>(files: impl IntoIterator<Item = (P, T)>) -> Tree {
        let mut tree = Tree::default();
        let mut sources = Vec::new();
        for (path, text) in files.into_iter().map(|(path, text)| (path.into(), text.into())) {
            if let Some(folder) = path.strip_suffix("Cargo.toml") {
                let package = text.split("[package]").nth(1).unwrap_or_default();
                let name = package.lines().find_map(|line| line.strip_prefix("name = ")).unwrap_or(folder);
                let name = name.trim_matches(['"', '/']);
                let name = name.strip_prefix("revline-").unwrap_or(name).to_owned();
                tree.crates.push(Crate {
                    name,
                    folder: folder.to_owned(),
                    manifest: text,
                    files: Vec::new(),
                    generated: Vec::new(),
                });
            } else if path.ends_with(".md") {
                tree.documents.push((path, text));
            } else {
                sources.push(File { lexed: lex(&text), path, text });
            }
        }
        sources.sort_by(|a, b| a.path.cmp(&b.path));
        for file in sources {
            let owners = tree.crates.iter_mut().filter(|owner| file.path.starts_with(&owner.folder));
            if let Some(owner) = owners.max_by_key(|owner| owner.folder.len()) {
                let generated = file.text.starts_with(GENERATED);
                if generated { &mut owner.generated } else { &mut owner.files }.push(file);
            }
        }
        tree
    }

    /// Every source file of every crate.
    pub fn files(&self) -> impl Iterator<Item = &File> {
        self.crates.iter().flat_map(|owner| &owner.files)
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The folders of the workspace's other packages.
fn members(manifest: &str) -> Vec<String> {
    let list = manifest.split("members = [").nth(1).and_then(|rest| rest.split(']').next());
    let list = list.expect("the root manifest lists the members");
    list.split(',')
        .map(|name| name.trim().trim_matches('"').to_owned())
        .filter(|name| !name.is_empty())
        .collect()
}

/// Adds every file below `folder` whose name ends so.
fn gather(root: &Path, folder: &str, extension: &str, files: &mut Vec<(String, String)>) {
    let Ok(entries) = fs::read_dir(root.join(folder)) else { return };
    for entry in entries.flatten() {
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            gather(root, &path, extension, files);
        } else if entry.path().extension().is_some_and(|ending| ending == extension) {
            files.push((path, read(&entry.path())));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_belongs_to_the_innermost_package() {
        let tree = Tree::of([
            ("Cargo.toml", "[package]\nname = \"revline\"\n"),
            ("store/Cargo.toml", "[package]\nname = \"revline-store\"\n"),
            ("src/lib.rs", ""),
            ("store/src/lib.rs", ""),
            ("store/tests/a.rs", ""),
        ]);
        let names: Vec<_> = tree.crates.iter().map(|one| (one.name.as_str(), one.files.len())).collect();
        assert_eq!(names, [("revline", 1), ("store", 2)]);
        assert_eq!(tree.crates[1].sources().count(), 1);
        assert_eq!(tree.crates[1].source_path(&tree.crates[1].files[0]), Some("lib.rs"));
    }
}
