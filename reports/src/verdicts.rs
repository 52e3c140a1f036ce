//! The verdicts on one history, a line each, with the evidence in full.

use crate::sweep::in_order;
use revline_checker::verdict::Verdicts;
use std::fmt::Write;

/// A line for each verdict.
pub fn text(verdicts: &Verdicts) -> String {
    let names = in_order(verdicts.iter().map(|(name, _)| name));
    let widest = names.iter().map(|name| name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for name in names {
        if let Some(verdict) = verdicts.get(name) {
            let _ = writeln!(text, "  {name:widest$}  {}", indented(&verdict.to_string(), "    "));
        }
    }
    text
}

/// Text whose lines after the first begin further right.
pub(crate) fn indented(text: &str, indent: &str) -> String {
    text.replace('\n', &format!("\n{indent}"))
}
