//! Doc lines that describe around a thing: they begin with *who*, *what*, *somebody* and the like.
//!
//! One line in fifty may; a crate with more has a ceiling.

use crate::allowed::Finding;
use crate::tokens::DocLine;
use crate::tree::{Crate, Tree};

/// The words, in lower case.
const WORDS: [&str; 22] = [
    "who",
    "what",
    "when",
    "where",
    "whether",
    "which",
    "why",
    "how",
    "whose",
    "whom",
    "whoever",
    "whatever",
    "whenever",
    "wherever",
    "whichever",
    "somebody",
    "someone",
    "nobody",
    "everybody",
    "everyone",
    "anybody",
    "anyone",
];
/// The lines of a thousand that may begin so.
const PER_THOUSAND: u64 = 20;

/// Finds crates with too many such lines.
pub fn findings(tree: &Tree) -> Vec<Finding> {
    let finding = |owner: &Crate| {
        let lines = owner.files.iter().flat_map(|file| file.lexed.docs.iter().map(move |doc| (file, doc)));
        let around: Vec<_> = lines.filter(|(_, doc)| describes_around(doc)).collect();
        let number = around.len() as u64;
        let docs = doc_lines(owner);
        // A crate with few doc lines may have one.
        if number <= 1 || number * 1000 <= docs * PER_THOUSAND {
            return None;
        }
        let (file, doc) = around[around.len() - 1];
        Some(Finding {
            key: format!("doc-words {}", owner.name),
            number,
            place: format!("{}:{}", file.path, doc.line),
            says: format!(
                "{number} of {docs} doc lines of the crate begin with a word such as `what`, like this one: `{}`; \
                 name the thing instead, a noun phrase for a type, a verb for a function",
                doc.text
            ),
        })
    };
    tree.crates.iter().filter_map(finding).collect()
}

/// The doc lines of a crate.
pub fn doc_lines(owner: &Crate) -> u64 {
    owner.files.iter().map(|file| file.lexed.docs.len() as u64).sum()
}

/// The doc lines of a crate that describe around things.
pub fn around(owner: &Crate) -> u64 {
    owner.files.iter().flat_map(|file| &file.lexed.docs).filter(|doc| describes_around(doc)).count() as u64
}

fn describes_around(doc: &DocLine) -> bool {
    let first = doc.text.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default().to_lowercase();
    WORDS.contains(&first.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(docs: &str) -> Tree {
        Tree::of([("Cargo.toml", "[package]\nname = \"a\"\n"), ("src/lib.rs", docs)])
    }

    #[test]
    fn describing_around_is_rejected() {
        let found =
            findings(&tree("/// The log.\nfn a() {}\n/// What is kept.\n/// Whoever asks\nfn b() {}\n"));
        assert_eq!((found[0].key.as_str(), found[0].number), ("doc-words a", 2));
        assert_eq!(found[0].place, "src/lib.rs:4");
        assert!(found[0].says.contains("`Whoever asks`"));
    }

    #[test]
    fn naming_is_accepted() {
        assert!(findings(&tree("/// The log.\n/// Whatsoever\n// What no doc says\nfn a() {}\n")).is_empty());
        let rare = format!("{}/// What is kept.\n/// How it is.\n", "/// The log.\n".repeat(98));
        assert!(findings(&tree(&rare)).is_empty());
    }
}
