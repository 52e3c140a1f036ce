//! Dependencies of a manifest that no source of its package names.

use crate::allowed::Finding;
use crate::tree::{Crate, File, Tree};

/// Finds dependencies that are not used, or used by tests alone.
pub fn findings(tree: &Tree) -> Vec<Finding> {
    let mut findings: Vec<Finding> = tree.crates.iter().flat_map(of_crate).collect();
    // A version that the workspace names for its packages, and that none takes.
    for owner in &tree.crates {
        for (name, line) in dependencies(&owner.manifest, "workspace.dependencies") {
            let takes = |other: &Crate| {
                SECTIONS.iter().any(|(section, _)| {
                    dependencies(&other.manifest, section).any(|(taken, _)| taken == name)
                })
            };
            if !tree.crates.iter().any(takes) {
                findings.push(finding(
                    owner,
                    "workspace",
                    name,
                    line,
                    "no package of the workspace takes it",
                ));
            }
        }
    }
    findings
}

/// The sections of a manifest, and whether the sources of a library or a program may use them.
const SECTIONS: [(&str, bool); 4] = [
    ("dependencies", true),
    ("target.'cfg(unix)'.dependencies", true),
    ("dev-dependencies", false),
    ("build-dependencies", false),
];

fn of_crate(owner: &Crate) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (section, real) in SECTIONS {
        for (name, line) in dependencies(&owner.manifest, section) {
            let word = name.replace('-', "_");
            let names = |file: &&File| file.lexed.tokens.iter().any(|token| token.text == word);
            let documents = |file: &&File| file.lexed.docs.iter().any(|doc| doc.text.contains(&word));
            let used = if real {
                owner.sources().chain(&owner.generated).any(|file| names(&file))
            } else {
                owner.files.iter().any(|file| names(&file) || documents(&file))
            };
            if !used {
                let elsewhere = real && owner.files.iter().any(|file| names(&file));
                let says = if elsewhere {
                    "only tests use it: make it a dev-dependency"
                } else {
                    "no source uses it: take it away"
                };
                findings.push(finding(owner, &owner.name, name, line, says));
            }
        }
    }
    findings
}

fn finding(owner: &Crate, package: &str, name: &str, line: usize, says: &str) -> Finding {
    Finding {
        key: format!("unused-dependency {package} {name}"),
        number: 1,
        place: format!("{}:{line}", owner.manifest_path()),
        says: format!("dependency `{name}`: {says}"),
    }
}

/// The names in a section of a manifest, with their lines.
fn dependencies<'m>(manifest: &'m str, section: &str) -> impl Iterator<Item = (&'m str, usize)> {
    let header = format!("[{section}]");
    let mut inside = false;
    manifest.lines().enumerate().filter_map(move |(at, line)| {
        if line.starts_with('[') {
            inside = line == header;
            return None;
        }
        let name = line.split(['=', '.']).next()?.trim();
        (inside && !name.is_empty() && !name.starts_with('#')).then_some((name, at + 1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(manifest: &str, files: &[(&str, &str)]) -> Vec<(String, String)> {
        let manifest = format!("[package]\nname = \"a\"\n{manifest}");
        let tree = Tree::of([("Cargo.toml", manifest.as_str())].iter().chain(files).copied());
        findings(&tree).into_iter().map(|finding| (finding.key, finding.place)).collect()
    }

    #[test]
    fn an_unused_dependency_is_rejected() {
        let manifest = "[dependencies]\nserde-json.workspace = true\nraft = \"1\"\n[dev-dependencies]\ntempfile = \"3\"\n";
        let files = [("src/lib.rs", "// serde_json\nuse raft::X;"), ("tests/a.rs", "serde_json::x();")];
        let expected = [
            ("unused-dependency a serde-json", "Cargo.toml:4"),
            ("unused-dependency a tempfile", "Cargo.toml:7"),
        ];
        assert_eq!(found(manifest, &files), expected.map(|(key, place)| (key.to_owned(), place.to_owned())));
    }

    #[test]
    fn a_used_dependency_is_accepted() {
        let manifest = "[dependencies]\nserde-json.workspace = true\n# a comment\n[dev-dependencies]\ntempfile = \"3\"\n[features]\nx = []\n";
        let files = [("src/a.rs", "fn f() { serde_json::x() }"), ("benches/a.rs", "use tempfile;")];
        assert!(found(manifest, &files).is_empty());
        let generated = "// @generated\nfn f() { serde_json::x() }";
        let files = [("src/a.rs", generated), ("benches/a.rs", "use tempfile;")];
        assert!(found(manifest, &files).is_empty());
    }

    #[test]
    fn a_version_that_no_package_takes_is_rejected() {
        let found = found(
            "[workspace.dependencies]\nrand = \"1\"\nraft = \"1\"\n[dependencies]\nraft.workspace = true\n",
            &[("src/a.rs", "raft")],
        );
        assert_eq!(found[0].0, "unused-dependency workspace rand");
        assert_eq!(found.len(), 1);
    }
}
