//! The words that are revline's own: each in `docs/glossary.md` is a type, and no type has a word that it replaces.

use crate::allowed::Finding;
use crate::items::{Item, Items};
use crate::tokens::Token;
use crate::tree::Tree;

/// The document.
const GLOSSARY: &str = "docs/glossary.md";

/// A row of the glossary.
struct Row<'a> {
    line: usize,
    word: &'a str,
    type_name: &'a str,
    /// The words that it replaces.
    replaces: Vec<&'a str>,
}

/// Finds words without a type, and types with a word that another replaces.
pub fn findings(tree: &Tree) -> Vec<Finding> {
    let Some((_, text)) = tree.documents.iter().find(|(path, _)| path == GLOSSARY) else { return Vec::new() };
    let names: Vec<Item> = tree.crates.iter().flat_map(|owner| Items::of(owner).items).collect();
    let names: Vec<&Item> =
        names.iter().filter(|item| item.name.starts_with(|first: char| first.is_uppercase())).collect();
    let mut findings = Vec::new();
    for Row { line, word, type_name, replaces } in rows(text) {
        // A macro may write the type, so its words are looked for among all tokens.
        if !tree.files().any(|file| declares(&file.lexed.tokens, type_name)) {
            findings.push(Finding {
                key: format!("glossary {word}"),
                number: 1,
                place: format!("{GLOSSARY}:{line}"),
                says: format!("no type is called `{type_name}`: name the one that stands for {word}"),
            });
        }
        for item in names.iter().filter(|item| item.is_type) {
            if let Some(other) = replaces.iter().find(|other| contains(&item.name, other)) {
                findings.push(Finding {
                    key: format!("glossary {}", item.name),
                    number: 1,
                    place: item.place.to_string(),
                    says: format!(
                        "`{}` says {other} where the glossary says {word}: use its word",
                        item.name
                    ),
                });
            }
        }
    }
    findings
}

/// Returns `true` if the tokens declare a type or a trait of this name.
fn declares(tokens: &[Token], name: &str) -> bool {
    let keywords = ["struct", "enum", "trait", "type"];
    tokens.windows(2).any(|pair| pair[1].text == name && keywords.contains(&pair[0].text.as_str()))
}

/// The rows of the table: word, meaning, type, words that it replaces.
fn rows(text: &str) -> Vec<Row<'_>> {
    text.lines().enumerate().filter_map(|(at, line)| row(at + 1, line)).collect()
}

fn row(line: usize, text: &str) -> Option<Row<'_>> {
    let cells: Vec<&str> = text.strip_prefix('|')?.split('|').map(str::trim).collect();
    let [word, _, type_name, replaces, ..] = cells.as_slice() else { return None };
    let type_name = type_name.strip_prefix('`')?.strip_suffix('`')?;
    Some(Row { line, word, type_name, replaces: replaces.split(", ").collect() })
}

/// Returns `true` if the words of a name in camel case contain those of another.
fn contains(name: &str, other: &str) -> bool {
    let (name, other) = (words(name), words(other));
    !other.is_empty() && name.windows(other.len()).any(|part| part == other)
}

fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for character in name.chars() {
        match words.last_mut() {
            Some(word) if !character.is_uppercase() => word.push(character),
            _ => words.push(character.to_string()),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(types: &str) -> Vec<String> {
        let table = "| word | meaning | type | not |\n| --- | --- | --- | --- |\n| plan | What is run | `Plan` | Script, TestCase |\n";
        let tree =
            Tree::of([("Cargo.toml", "[package]\nname = \"a\"\n"), ("src/lib.rs", types), (GLOSSARY, table)]);
        findings(&tree).into_iter().map(|finding| finding.key).collect()
    }

    #[test]
    fn a_replaced_word_and_a_missing_type_are_rejected() {
        assert_eq!(keys("struct PlanScript; struct Plan;"), ["glossary PlanScript"]);
        assert_eq!(keys("struct Plan; enum TestCase {}"), ["glossary TestCase"]);
        assert_eq!(keys("struct Planned; mod plan {}"), ["glossary plan"]);
    }

    #[test]
    fn the_words_of_the_glossary_are_accepted() {
        assert_eq!(keys("pub struct Plan; struct Description; struct CaseTest;"), [""; 0]);
    }
}
