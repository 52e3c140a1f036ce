//! Tells the program its version: with the commit, where it is built from a checkout.

#![allow(
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    reason = "a build script speaks to cargo by stdout and the environment"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let version = env!("CARGO_PKG_VERSION");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // A test suite asks no version; and a folder within the checkout of another project has none of its own.
    let is_asked = std::env::var_os("CARGO_FEATURE_CLI").is_some() && root.join(".git").exists();
    let commit = is_asked.then(|| commit(root)).flatten();
    let version = commit.map_or_else(|| version.to_owned(), |commit| format!("{version} ({commit})"));
    println!("cargo::rustc-env=REVLINE_VERSION={version}");
}

/// The commit that is checked out. The script runs again when there is another: HEAD changes with the branch, the file of
/// the branch with its commit.
fn commit(root: &Path) -> Option<String> {
    let commit = git(root, &["rev-parse", "--short=12", "HEAD"])?;
    let path_of = |name: &str| git(root, &["rev-parse", "--git-path", name]).map(|path| root.join(path));
    let branch = git(root, &["symbolic-ref", "--quiet", "HEAD"]);
    let of_branch = branch.and_then(|branch| path_of(&branch)).filter(|file| file.is_file());
    // A branch that is packed has no file until the next commit, which the log of HEAD tells then.
    let of_branch = of_branch.or_else(|| path_of("logs/HEAD"));
    for file in path_of("HEAD").into_iter().chain(of_branch).filter(|file: &PathBuf| file.is_file()) {
        println!("cargo::rerun-if-changed={}", file.display());
    }
    Some(commit)
}

/// The answer of git in a folder.
fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let mut git = Command::new("git");
    // A hook of git's sets these for the repository that it is run for.
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        git.env_remove(variable);
    }
    let output = git.arg("-C").arg(folder).args(arguments).output().ok()?;
    let answer = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !answer.is_empty()).then_some(answer)
}
