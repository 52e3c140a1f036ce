//! The first contact: `revline new-suite`, the guide that goes on from there, and a build without `--cfg madsim`.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a test: a panic is its message, it says what it skipped, and PATH is where shells look"
)]

mod place;
mod shown;

use place::Place;
use shown::{Shown, commands};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A call of cargo in a folder, without flags beside those of its `.cargo/config.toml`.
fn cargo(folder: &Path, arguments: &str) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(arguments.split_whitespace()).current_dir(folder).env_remove("RUSTFLAGS").stdin(Stdio::null());
    cargo
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

const FILES: [&str; 6] =
    ["Cargo.toml", ".cargo/config.toml", ".gitignore", "README.md", "src/lib.rs", "tests/in_world.rs"];

#[test]
fn a_suite_is_written_into_a_new_or_an_empty_folder() {
    let place = Place::new();
    fs::create_dir(place.path("empty")).unwrap();
    for folder in ["empty", "new", "new-as-well/below"] {
        let ended = place.call(&format!("new-suite {folder}")).status(0);
        for file in FILES {
            assert!(ended.stdout.contains(&format!("wrote {folder}/{file}\n")), "{}", ended.stdout);
            let text = fs::read_to_string(place.path(folder).join(file)).unwrap();
            assert!(!text.is_empty() && !text.contains('@'), "{file}: {text}");
        }
        let manifest = fs::read_to_string(place.path(folder).join("Cargo.toml")).unwrap();
        let path = format!("revline = {{ path = \"{}\",", root().canonicalize().unwrap().display());
        assert!(manifest.contains(&path), "{manifest}");
        is_formatted(&place.path(folder));
    }
}

/// The sources of a suite are as `cargo fmt` leaves them in a package without settings of its own.
#[track_caller]
fn is_formatted(suite: &Path) {
    // Nor are there any in a folder above.
    fs::write(suite.join("rustfmt.toml"), "").unwrap();
    let mut rustfmt = Command::new("rustfmt");
    rustfmt.args(["--check", "--edition", "2024", "src/lib.rs"]).current_dir(suite);
    let tests = fs::read_dir(suite.join("tests")).unwrap().map(|entry| entry.unwrap().path());
    rustfmt.args(tests.filter(|path| path.extension().is_some_and(|end| end == "rs")));
    let output = rustfmt.output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn a_suite_may_take_revline_from_git() {
    let place = Place::new();
    place.call("new-suite a --revline https://example.org/revline.git").status(0);
    let manifest = fs::read_to_string(place.path("a/Cargo.toml")).unwrap();
    assert!(manifest.contains("revline = { git = \"https://example.org/revline.git\","), "{manifest}");
}

#[test]
fn a_folder_that_holds_anything_is_left_as_it_is() {
    let place = Place::new();
    fs::create_dir(place.path("full")).unwrap();
    place.write("full/.hidden", "");
    place.write("file", "");
    place.refuses("new-suite full", &["error: full: is not empty"]);
    assert_eq!(fs::read_dir(place.path("full")).unwrap().count(), 1);
    place.refuses("new-suite file", &["error: file: is no folder"]);
    place.refuses(
        "new-suite a --revline none",
        &["error: --revline: none: No such file", "folder of revline"],
    );
    place.refuses("new-suite a --revline full", &["error: --revline: full: no Cargo.toml is there"]);
    place.refuses("new-suite", &["DIR"]);
}

/// The package whose compilation is the error.
const NEEDS_FLAG: &str = "revline-needs-cfg-madsim";

#[test]
fn a_build_without_the_flag_says_which_lines_are_missing() {
    let output =
        cargo(root(), &format!("check --offline --package {NEEDS_FLAG}")).env("RUSTFLAGS", "").output();
    let output = output.unwrap();
    let said = said(&output);
    assert!(
        !output.status.success() && said.contains("error: revline is built without `--cfg madsim`"),
        "{said}"
    );
    let skeleton = fs::read_to_string(root().join("src/cli/new_suite/skeleton/config.toml.in")).unwrap();
    for line in skeleton.lines().filter(|line| !line.starts_with('#')) {
        assert!(said.contains(line), "`{line}`: {said}");
    }
    assert!(said.contains("RUSTFLAGS") && said.contains("docs/testing-your-service.md"), "{said}");
    assert!(root().join("docs/testing-your-service.md").is_file());
}

#[test]
fn the_lowest_package_depends_on_that_error_where_the_flag_is_missing() {
    let tree = |flags: Option<&str>| {
        let mut tree = cargo(root(), "tree --offline --package revline-bytes --edges normal --prefix none");
        // With unified features it is the tree of the whole workspace.
        tree.env_remove("CARGO_RESOLVER_FEATURE_UNIFICATION");
        if let Some(flags) = flags {
            tree.env("RUSTFLAGS", flags);
        }
        said(&tree.output().unwrap())
    };
    assert!(tree(Some("")).contains(NEEDS_FLAG) && !tree(None).contains(NEEDS_FLAG), "{}", tree(None));
}

/// Returns `true` if a program can be called.
fn is_there(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}

/// The guide, cut where a step begins: a `console` block, or a `rust` block of a file.
fn steps(guide: &str) -> impl Iterator<Item = &str> {
    guide.split("\n```\n")
}

/// The file that a step shows whole: its name is in the first line of the `rust` block.
fn file_of(step: &str) -> Option<(&str, &str)> {
    let (_, block) = step.split_once("```rust\n// ")?;
    block.split_once('\n').filter(|(name, _)| name.ends_with(".rs"))
}

/// A command of the guide with the seed of the last failure: the guide's own is that of one day.
fn with_seed(command: &str, seed: Option<&str>) -> String {
    match (command.strip_prefix("REVLINE_SEED=").and_then(|rest| rest.split_once(' ')), seed) {
        (Some((_, rest)), Some(seed)) => format!("REVLINE_SEED={seed} {rest}"),
        _ => command.to_owned(),
    }
}

/// The seed that a failure names.
fn seed(said: &str) -> Option<&str> {
    said.split("failed under seed ").nth(1)?.split(':').next()
}

/// Runs a command of the guide in a folder, and returns all that it says.
fn run_shown(shown: &Shown, folder: &Path) -> String {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_revline")).parent().unwrap();
    let output = Command::new("sh")
        .args(["-c", &shown.command])
        .current_dir(folder)
        .env("PATH", format!("{}:{}", program.display(), env::var("PATH").unwrap()))
        .env("CARGO_TARGET_DIR", target)
        .env_remove("RUSTFLAGS")
        .env_remove("RUST_LOG")
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let (place, command, said) = (&shown.place, &shown.command, said(&output));
    assert_eq!(output.status.code(), Some(shown.status), "{place}: `{command}`: {said}");
    for line in shown.errors.iter().chain(&shown.output).filter(|line| line.trim() != "...") {
        let expected = line.trim().trim_end_matches(" ...");
        assert!(said.contains(expected), "{place}: `{command}` does not say `{expected}`: {said}");
    }
    said
}

#[test]
fn the_guide_leads_from_an_empty_folder_to_a_failing_seed_and_mends_it() {
    if !is_there("protoc") {
        println!("skipped: etcd-client's build needs protoc (apt-get install protobuf-compiler)");
        return;
    }
    let place = Place::new();
    let mut folder: PathBuf = place.0.path().canonicalize().unwrap();
    // The packages that were compiled for the workspace serve here, too: of the same versions, with the same options.
    fs::create_dir(folder.join(".cargo")).unwrap();
    fs::write(folder.join(".cargo/config.toml"), options_of_the_workspace()).unwrap();
    let name = "docs/testing-your-service.md";
    let guide = fs::read_to_string(root().join(name)).unwrap();
    let (mut failures, mut last) = (0, String::new());
    for step in steps(&guide) {
        if let Some((file, text)) = file_of(step) {
            fs::write(folder.join(file), format!("{text}\n")).unwrap();
        }
        for mut shown in commands(name, &format!("{step}\n```\n")) {
            shown.command = with_seed(&shown.command, seed(&last));
            match shown.command.strip_prefix("cd ") {
                Some(into) => {
                    folder.push(into);
                    fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
                }
                None => last = run_shown(&shown, &folder),
            }
            failures += u32::from(shown.status != 0);
        }
    }
    is_formatted(&folder);
    assert_eq!(failures, 2, "{name} shows a test that fails, and the seed alone");
}

/// The options by package in the workspace's manifest, which the configuration of a folder above may say as well.
fn options_of_the_workspace() -> String {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let options = manifest.split("[profile.dev.package]").nth(1).unwrap();
    format!("[profile.dev.package]{}", options.split("\n[").next().unwrap())
}
