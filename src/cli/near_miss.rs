//! Suggestions of the closest known name for a misspelt one.

/// The name that takes the fewest changes to get to, if that is few for its length.
pub fn near_miss<'a>(written: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let contains = |name: &str| written.len() >= 3 && name.contains(written);
    names
        .into_iter()
        .map(|name| (if contains(name) { 1 } else { changes(written, name) }, name))
        .filter(|(changes, name)| *changes <= 1 + name.len() / 4)
        .min_by_key(|(changes, _)| *changes)
        .map(|(_, name)| name)
}

/// The edit distance of two words: letters added, removed or replaced.
fn changes(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = at + 1;
        for (column, other_letter) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other_letter);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant_and_nothing_else() {
        let names = ["steady", "leader-isolated", "clock-drift", "full-outage"];
        assert_eq!(near_miss("stedy", names), Some("steady"));
        assert_eq!(near_miss("leader_isolated", names), Some("leader-isolated"));
        assert_eq!(near_miss("outage", names), Some("full-outage"));
        assert_eq!(near_miss("nonsense", names), None);
        assert_eq!(near_miss("", names), None);
    }
}
