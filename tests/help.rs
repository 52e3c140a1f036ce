//! The program on itself: its help, its version, the pages of the manual, and completions for shells.

#![allow(clippy::unwrap_used, reason = "a test: the panic is the message")]

mod place;

use place::Place;
use std::ffi::OsString;
use std::fs;

/// The commands, by the help of the program.
fn commands(place: &Place) -> Vec<String> {
    let help = place.call("--help").status(0).stdout;
    let (_, commands) = help.split_once("Commands:\n").unwrap();
    let names =
        commands.lines().take_while(|line| !line.is_empty()).map(|line| line.split_whitespace().next());
    names.map(|name| name.unwrap().to_owned()).filter(|name| name != "help").collect()
}

#[test]
fn help_fits_on_a_screen() {
    let place = Place::new();
    let commands = commands(&place);
    assert!(commands.len() >= 11, "{commands:?}");
    for command in commands.iter().map(String::as_str).chain([""]) {
        for help in ["-h", "--help"] {
            let text = place.call(&format!("{command} {help}")).status(0).stdout;
            assert!(text.lines().count() <= 40, "{text}");
            assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
            assert!(!text.contains("ack-before-sync"), "the defects are in `revline list defects`: {text}");
        }
    }
}

#[test]
fn the_version_has_the_commit_that_it_was_built_from() {
    let version = Place::new().call("--version").status(0).stdout;
    let (name, commit) = version.trim_end().split_once(" 0.1.0").unwrap();
    assert_eq!(name, "revline");
    let commit = commit.strip_prefix(" (").map(|commit| commit.strip_suffix(')').unwrap());
    let is_hash =
        |commit: &str| commit.len() >= 12 && commit.bytes().all(|letter| letter.is_ascii_hexdigit());
    assert!(commit.is_none_or(is_hash), "{version}");
}

#[test]
fn shells_complete_and_the_manual_has_every_command() {
    let place = Place::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = place.call(&format!("completions {shell}")).status(0).stdout;
        assert!(script.contains("insist-on-marks") && script.contains("new-suite"), "{shell}");
        let knows_values = ["bash", "fish", "zsh"].contains(&shell);
        assert_eq!(script.contains("ack-before-sync"), knows_values, "{shell}");
    }
    place.call("man pages").status(0);
    let mut pages: Vec<OsString> =
        fs::read_dir(place.path("pages")).unwrap().map(|page| page.unwrap().file_name()).collect();
    pages.sort();
    let mut expected: Vec<OsString> =
        commands(&place).iter().map(|name| format!("revline-{name}.1").into()).collect();
    expected.push("revline.1".into());
    expected.sort();
    assert_eq!(pages, expected);
    let page = fs::read_to_string(place.path("pages/revline-run.1")).unwrap();
    assert!(page.contains("first\\-seed") && page.starts_with(".ie"), "{page}");
    place.write("file", "");
    place.refuses("man file", &["file", "give a folder"]);
}
