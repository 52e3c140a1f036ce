//! File sizes: at most [`LINES`] a file; the median and the ninth decile are held as well.

use crate::allowed::Finding;
use crate::tree::Tree;

/// The lines that a file may have without an entry in the list.
const LINES: u64 = 400;
/// The lines of the middle file.
const MEDIAN: u64 = 150;
/// The lines that nine of ten files stay under.
const NINTH_DECILE: u64 = 300;

/// Finds files that are too long, and averages that are too high.
pub fn findings(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files() {
        let lines = file.text.lines().count() as u64;
        if lines > LINES {
            findings.push(Finding {
                key: format!("file-lines {}", file.path),
                number: lines,
                place: format!("{}:{lines}", file.path),
                says: format!("the file has {lines} lines: at most {LINES}, a file for each thing"),
            });
        }
    }
    let Sizes { median, ninth_decile, .. } = sizes(tree);
    for (name, lines, limit) in [("median", median, MEDIAN), ("ninth-decile", ninth_decile, NINTH_DECILE)] {
        if lines > limit {
            findings.push(Finding {
                key: format!("file-lines {name}"),
                number: lines,
                place: "Cargo.toml:1".to_owned(),
                says: format!("the {name} of all files is {lines} lines: at most {limit}"),
            });
        }
    }
    findings
}

/// The sizes of all files.
pub struct Sizes {
    pub files: usize,
    pub lines: u64,
    pub median: u64,
    pub ninth_decile: u64,
}

/// Measures all files.
pub fn sizes(tree: &Tree) -> Sizes {
    let mut sizes: Vec<u64> = tree.files().map(|file| file.text.lines().count() as u64).collect();
    sizes.sort_unstable();
    let at = |tenths: usize| {
        sizes.get((sizes.len() * tenths).div_ceil(10).saturating_sub(1)).copied().unwrap_or(0)
    };
    Sizes { files: sizes.len(), lines: sizes.iter().sum(), median: at(5), ninth_decile: at(9) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(sizes: &[usize]) -> Tree {
        let files =
            sizes.iter().enumerate().map(|(at, lines)| (format!("src/f{at}.rs"), "//\n".repeat(*lines)));
        Tree::of([("Cargo.toml".to_owned(), String::new())].into_iter().chain(files))
    }

    #[test]
    fn a_long_file_is_rejected() {
        assert!(findings(&tree(&[100, 100, 400, 100, 100, 100, 100, 100, 100, 100])).is_empty());
        let found = findings(&tree(&[100, 401, 100, 100, 100, 100, 100, 100, 100, 100]));
        assert_eq!((found[0].key.as_str(), found[0].number), ("file-lines src/f1.rs", 401));
    }

    #[test]
    fn a_high_median_is_rejected() {
        let keys =
            |sizes: &[usize]| findings(&tree(sizes)).into_iter().map(|one| one.key).collect::<Vec<_>>();
        assert_eq!(keys(&[10, 151, 160]), ["file-lines median"]);
        assert_eq!(keys(&[10; 10]), [""; 0]);
        let mut sizes = [10; 10];
        sizes[8] = 301;
        sizes[9] = 301;
        assert_eq!(keys(&sizes), ["file-lines ninth-decile"]);
    }
}
