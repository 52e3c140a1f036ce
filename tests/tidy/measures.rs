//! The measures of the whole tree: `TIDY=measure cargo test --test tidy -- --nocapture`.

use crate::allowed::Finding;
use crate::rules::{doc_words, file_lines, type_files};
use crate::tree::Tree;
use std::fmt::Write as _;

/// The table of the measures.
pub fn table(tree: &Tree, findings: &[Finding]) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: String| {
        let _ = writeln!(text, "{name:<44} {value}");
    };
    let sizes = file_lines::sizes(tree);
    line("files", sizes.files.to_string());
    line("lines", sizes.lines.to_string());
    line("lines of the median file", sizes.median.to_string());
    line("lines of the ninth decile", sizes.ninth_decile.to_string());
    let of = |rule: &str| findings.iter().filter(|one| one.key.starts_with(rule)).collect::<Vec<_>>();
    line("files over 400 lines", of("file-lines").len().to_string());
    let mut types: Vec<_> = tree.crates.iter().flat_map(type_files::scattered).collect();
    types.sort_by_key(|one| std::cmp::Reverse((one.files.len(), one.methods)));
    line("types with methods in more than three files", of("type-files").len().to_string());
    for one in types.iter().take_while(|one| one.files.len() > 3) {
        line(&format!("  {}", one.name), format!("{} methods in {} files", one.methods, one.files.len()));
    }
    let (mut all, mut around) = (0, 0);
    for owner in &tree.crates {
        let (docs, words) = (doc_words::doc_lines(owner), doc_words::around(owner));
        (all, around) = (all + docs, around + words);
        line(&format!("  doc words: {}", owner.name), format!("{words} of {docs}"));
    }
    line(
        "doc lines that describe around, per 1000",
        format!("{:.1}", around as f64 * 1000.0 / all.max(1) as f64),
    );
    let (knots, pairs): (Vec<_>, Vec<_>) =
        of("circle").into_iter().partition(|one| one.key.ends_with(" modules"));
    line("pairs of modules that name each other", pairs.len().to_string());
    line("modules in circles", knots.iter().map(|one| one.number).sum::<u64>().to_string());
    for one in knots {
        line(&format!("  {}", one.key), one.number.to_string());
    }
    line("unused dependencies", of("unused-dependency").len().to_string());
    line(
        "public names unused outside",
        of("unused-public").iter().map(|one| one.number).sum::<u64>().to_string(),
    );
    for owner in &tree.crates {
        let names = of(&format!("unused-public {} ", owner.name));
        line(&format!("  {}", owner.name), names.iter().map(|one| one.number).sum::<u64>().to_string());
    }
    text
}
