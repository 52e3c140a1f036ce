//! Rules of the house that no compiler checks, held over every crate of the workspace.
//!
//! Each rule names its findings; `tests/tidy/allowed.txt` has a ceiling for each that was there before the rule.
//! A finding above its ceiling fails, and so does a ceiling above its finding: the list shrinks and never grows.
//! `TIDY=lower cargo test --test tidy` lowers the ceilings to what is there.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::disallowed_macros,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test: it reads files and the environment, and a panic is its message"
)]

mod allowed;
mod items;
mod measures;
mod reader;
mod rules;
mod tokens;
mod tree;

use allowed::{Allowed, Finding};
use std::fs;
use std::path::Path;
use tree::Tree;

#[test]
fn the_house_is_tidy() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let list = root.join("tests/tidy/allowed.txt");
    let tree = Tree::read(root);
    let findings: Vec<Finding> = rules::RULES.iter().flat_map(|(_, rule)| rule(&tree)).collect();
    let text = fs::read_to_string(&list).unwrap();
    let mut allowed = Allowed::parse(&text);
    match std::env::var("TIDY").as_deref() {
        Ok("lower") => {
            allowed = allowed.lowered(&findings);
            let comment: String =
                text.lines().filter(|line| line.starts_with('#')).map(|line| format!("{line}\n")).collect();
            fs::write(&list, comment + &allowed.text()).unwrap();
        }
        // The numbers of the whole tree, for people.
        Ok("measure") => println!("{}", measures::table(&tree, &findings)),
        Ok(other) => panic!("TIDY is `lower` or `measure`, not `{other}`"),
        Err(_) => {}
    }
    let complaints = allowed.complaints(&findings);
    assert!(
        complaints.is_empty(),
        "{}\n\nLower ceilings with `TIDY=lower cargo test --test tidy`; raise none.",
        complaints.join("\n")
    );
}

#[test]
fn every_ceiling_is_of_a_rule() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("tests/tidy/allowed.txt")).unwrap();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let rule = line.split(' ').next().unwrap();
        assert!(rules::RULES.iter().any(|(name, _)| *name == rule), "no rule `{rule}`: {line}");
    }
}
