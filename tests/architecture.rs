//! "The way of one operation" in docs/architecture.md is the way of the code: every `file: function` exists, and names
//! the function that the page says it calls.

#![allow(clippy::unwrap_used, reason = "a test: a panic is its message")]

use std::fs;
use std::path::Path;

/// A step: a function in a file.
type Step<'a> = (&'a str, &'a str);

/// The steps of a line, which calls them in this order: the code spans of the form `file.rs: function`.
fn steps(line: &str) -> impl Iterator<Item = Step<'_>> {
    let spans = line.split('`').skip(1).step_by(2);
    spans.filter_map(|span| span.split_once(": ").filter(|(file, _)| file.ends_with(".rs")))
}

/// True if a line is a numbered step of a list.
fn is_numbered(line: &str) -> bool {
    line.split_once(". ").is_some_and(|(number, _)| number.parse::<u64>().is_ok())
}

/// True if `text` has this word.
fn names(text: &str, word: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|other| other == word)
}

/// The functions of this name in a file, without their names: from the parameters to the closing brace.
fn functions<'a>(code: &'a str, name: &str) -> Vec<&'a str> {
    let mut found = Vec::new();
    for (at, head) in code.match_indices(&format!("fn {name}")) {
        let rest = &code[at + head.len()..];
        if rest.starts_with(['(', '<']) {
            let line = code[..at].rfind('\n').map_or(0, |end| end + 1);
            let indent = code[line..].len() - code[line..].trim_start().len();
            let end = rest.find(&format!("\n{}}}", " ".repeat(indent))).unwrap_or(rest.len());
            found.push(&rest[..end]);
        }
    }
    found
}

/// The faults of a page, over the files that `read` finds.
fn faults(page: &str, read: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let mut faults = Vec::new();
    let mut numbered: Option<Step<'_>> = None;
    for (at, line) in page.lines().enumerate() {
        let (is_numbered, is_below) = (is_numbered(line), line.starts_with(' '));
        let mut caller = if is_numbered || is_below { numbered } else { None };
        for (file, name) in steps(line) {
            let place = format!("{}: `{file}: {name}`", at + 1);
            match read(file) {
                None => faults.push(format!("{place}: no such file")),
                Some(code) if functions(&code, name).is_empty() => {
                    faults.push(format!("{place}: no such function"));
                }
                Some(_) => {}
            }
            if let Some((file, before)) = caller {
                let code = read(file).unwrap_or_default();
                if !functions(&code, before).iter().any(|body| names(body, name)) {
                    faults.push(format!("{place}: `{file}: {before}` does not call it"));
                }
            }
            caller = Some((file, name));
        }
        if !is_below {
            numbered = caller.filter(|_| is_numbered);
        }
    }
    faults
}

#[test]
fn the_way_of_one_operation_is_that_of_the_code() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/architecture.md")).unwrap();
    assert!(page.lines().flat_map(steps).count() > 100, "the page has lost its steps");
    let faults = faults(&page, |file| fs::read_to_string(root.join(file)).ok());
    assert!(faults.is_empty(), "docs/architecture.md:\n{}", faults.join("\n"));
}

#[test]
fn a_page_that_is_not_the_way_of_the_code_is_rejected() {
    let code = "fn ask() {\n    send(1);\n}\n\nfn send(n: u64) {\n    drop(n)\n}\n";
    let found = |page: &str| faults(page, |file| (file == "a.rs").then(|| code.to_owned()));
    assert!(found("1. `a.rs: ask`\n   - `a.rs: send`\n2. `a.rs: send`\n\n1. `a.rs: ask`\n").is_empty());
    assert_eq!(found("1. `b.rs: ask`\n"), ["1: `b.rs: ask`: no such file"]);
    assert_eq!(found("`a.rs: sen`\n"), ["1: `a.rs: sen`: no such function"]);
    assert_eq!(found("1. `a.rs: send`\n2. `a.rs: ask`\n"), ["2: `a.rs: ask`: `a.rs: send` does not call it"]);
    assert_eq!(found("`a.rs: send` → `a.rs: ask`\n"), ["1: `a.rs: ask`: `a.rs: send` does not call it"]);
    assert_eq!(found("1. `a.rs: ask`\n   - `a.rs: ask`\n"), ["2: `a.rs: ask`: `a.rs: ask` does not call it"]);
}
