//! Words of a command as a shell takes them.

use std::path::Path;

/// A file as one word: quoted, unless it has nothing that a shell would take for something else.
pub fn word(file: &Path) -> String {
    let text = file.display().to_string();
    let is_plain = |char: char| char.is_alphanumeric() || "_-./@%+=:,".contains(char);
    match !text.is_empty() && text.chars().all(is_plain) {
        true => text,
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_would_run_is_quoted() {
        for (file, expected) in [
            ("out/steady-0.bundle.json", "out/steady-0.bundle.json"),
            ("q $(touch x)/a", "'q $(touch x)/a'"),
            ("it's", r"'it'\''s'"),
            ("", "''"),
        ] {
            assert_eq!(word(Path::new(file)), expected);
        }
    }
}
