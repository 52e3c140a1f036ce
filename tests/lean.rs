//! A test suite that depends on revline without its command line compiles no library for people's terminals.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test: it asks cargo, and a panic is its message"
)]

use std::collections::BTreeSet;
use std::process::Command;

/// The most packages of others that a test suite may have to compile for revline.
const LEAN_PACKAGES_MAX: usize = 123;

/// Packages that only the command line needs.
const OF_THE_COMMAND_LINE: [&str; 9] = [
    "clap",
    "clap_complete",
    "clap_mangen",
    "clojure-reader",
    "comfy-table",
    "console",
    "indicatif",
    "plotters",
    "signal-hook",
];

/// The names of the packages that a build of revline links, with these arguments to cargo.
fn packages(arguments: &[&str]) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--offline",
            "--locked",
            "--package",
            "revline",
            "--edges",
            "normal",
            "--prefix",
            "none",
        ])
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        // With unified features a package has those that any other package of the workspace asks for.
        .env_remove("CARGO_RESOLVER_FEATURE_UNIFICATION")
        .output()
        .unwrap();
    assert!(output.status.success(), "cargo tree: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().map(|line| line.trim_end_matches(" (*)"));
    lines.filter(|line| !line.is_empty()).map(|line| line.split(" (/").next().unwrap().to_owned()).collect()
}

fn has(packages: &BTreeSet<String>, name: &str) -> bool {
    packages.iter().any(|package| package.split(' ').next() == Some(name))
}

#[test]
fn a_test_suite_compiles_no_command_line() {
    let (lean, whole) = (packages(&["--no-default-features"]), packages(&[]));
    for name in OF_THE_COMMAND_LINE {
        assert!(has(&whole, name), "`{name}` is no dependency any more: take it from the list");
        assert!(!has(&lean, name), "`{name}` is compiled without the feature `cli`");
    }
    for room in ["checker", "reports", "scenarios", "sim", "store"] {
        assert!(has(&lean, &format!("revline-{room}")), "`{room}` is missing: {lean:?}");
    }
    let others: Vec<&String> = lean.iter().filter(|package| !package.starts_with("revline")).collect();
    assert!(
        others.len() <= LEAN_PACKAGES_MAX,
        "{} packages without the feature `cli`, at most {LEAN_PACKAGES_MAX}: {others:?}",
        others.len()
    );
}
