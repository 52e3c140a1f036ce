//! The rules: what each finds in the workspace, with made-up input that it must reject and accept.

pub mod circles;
pub mod dependencies;
pub mod doc_words;
pub mod file_lines;
pub mod glossary;
pub mod public_names;
pub mod type_files;

use crate::allowed::Finding;
use crate::tree::Tree;

/// A rule: its findings in a workspace.
pub type Rule = fn(&Tree) -> Vec<Finding>;

/// Every rule, by the word its findings begin with.
pub const RULES: [(&str, Rule); 7] = [
    ("file-lines", file_lines::findings),
    ("type-files", type_files::findings),
    ("circle", circles::findings),
    ("doc-words", doc_words::findings),
    ("unused-dependency", dependencies::findings),
    ("unused-public", public_names::findings),
    ("glossary", glossary::findings),
];
