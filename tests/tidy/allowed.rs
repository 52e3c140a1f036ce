//! Findings of the rules, held against the ceilings in `tests/tidy/allowed.txt`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Something a rule found: so much of it, at this place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule and its subject: `file-lines store/src/lib.rs`.
    pub key: String,
    pub number: u64,
    /// `file:line` of it, or of the first of several.
    pub place: String,
    /// The finding in words, and the remedy.
    pub says: String,
}

/// The ceilings: a number for each key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowed(BTreeMap<String, u64>);

impl Allowed {
    /// Reads lines of `rule subject number`; `#` begins a comment.
    pub fn parse(text: &str) -> Allowed {
        let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
        Allowed(
            lines
                .map(|line| entry(line).unwrap_or_else(|| panic!("not `rule subject number`: {line}")))
                .collect(),
        )
    }

    /// The ceilings that these findings would need.
    pub fn needed(findings: &[Finding]) -> Allowed {
        Allowed(findings.iter().map(|finding| (finding.key.clone(), finding.number)).collect())
    }

    /// The ceilings, lowered to the findings and never raised.
    pub fn lowered(&self, findings: &[Finding]) -> Allowed {
        let needed = Allowed::needed(findings).0;
        let lower = |(key, &ceiling): (&String, &u64)| {
            needed.get(key).map(|&number| (key.clone(), number.min(ceiling)))
        };
        Allowed(self.0.iter().filter_map(lower).collect())
    }

    /// The text that [`Allowed::parse`] reads.
    pub fn text(&self) -> String {
        self.0.iter().fold(String::new(), |mut text, (key, number)| {
            let _ = writeln!(text, "{key} {number}");
            text
        })
    }

    /// A message for each finding above its ceiling, and for each ceiling above its finding.
    pub fn complaints(&self, findings: &[Finding]) -> Vec<String> {
        let over = findings.iter().filter_map(|finding| {
            let Finding { key, number, place, says } = finding;
            let ceiling = self.0.get(key).copied().unwrap_or(0);
            let listed = if ceiling == 0 { String::new() } else { format!(" (allowed: {ceiling})") };
            (*number > ceiling).then(|| format!("{place}: {says}{listed}\n    ceiling: {key} {number}"))
        });
        let needed = Allowed::needed(findings).0;
        let under = self.0.iter().filter_map(|(key, ceiling)| {
            let number = needed.get(key).copied().unwrap_or(0);
            let now = if number == 0 { "take the line away".to_owned() } else { format!("make it {number}") };
            (number < *ceiling)
                .then(|| format!("tests/tidy/allowed.txt: `{key} {ceiling}` is more than is there: {now}"))
        });
        over.chain(under).collect()
    }
}

fn entry(line: &str) -> Option<(String, u64)> {
    let (key, number) = line.trim().rsplit_once(' ')?;
    Some((key.to_owned(), number.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(key: &str, number: u64) -> Finding {
        Finding { key: key.to_owned(), number, place: "a.rs:7".to_owned(), says: "too much".to_owned() }
    }

    #[test]
    fn a_number_at_its_ceiling_passes() {
        let allowed = Allowed::parse("# comment\n\nfile-lines a.rs 500\n");
        assert!(allowed.complaints(&[finding("file-lines a.rs", 500)]).is_empty());
    }

    #[test]
    fn more_than_allowed_is_refused_with_its_place() {
        let complaints =
            Allowed::parse("file-lines a.rs 500\n").complaints(&[finding("file-lines a.rs", 501)]);
        assert_eq!(complaints, ["a.rs:7: too much (allowed: 500)\n    ceiling: file-lines a.rs 501"]);
        let unlisted = Allowed::default().complaints(&[finding("file-lines b.rs", 1)]);
        assert_eq!(unlisted, ["a.rs:7: too much\n    ceiling: file-lines b.rs 1"]);
    }

    #[test]
    fn a_ceiling_above_the_number_is_refused_with_what_to_write() {
        let allowed = Allowed::parse("file-lines a.rs 500\nfile-lines gone.rs 3\n");
        let complaints = allowed.complaints(&[finding("file-lines a.rs", 499)]);
        assert_eq!(complaints.len(), 2);
        assert!(complaints[0].contains("`file-lines a.rs 500`") && complaints[0].ends_with("make it 499"));
        assert!(complaints[1].contains("gone.rs") && complaints[1].ends_with("take the line away"));
    }

    #[test]
    fn lowering_never_raises_nor_adds() {
        let allowed = Allowed::parse("x a 5\nx b 5\nx c 5\n");
        let lowered = allowed.lowered(&[finding("x a", 4), finding("x b", 6), finding("x d", 1)]);
        assert_eq!(lowered.text(), "x a 4\nx b 5\n");
        assert_eq!(Allowed::parse(&lowered.text()), lowered);
    }
}
