//! Text within XML, which has no place for some characters, escaped or not.

/// Text whose characters XML can have: others are written as Rust writes them, as in `\u{1b}`.
pub(super) fn printable(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut printable, letter| {
        match letter {
            '\t' | '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..
                if letter != '\u{7f}' =>
            {
                printable.push(letter);
            }
            _ => printable.extend(letter.escape_default()),
        }
        printable
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_xml_does_not_have_are_escaped() {
        assert_eq!(printable("a\tb\nc <]]>&\"'é\u{1f600}"), "a\tb\nc <]]>&\"'é\u{1f600}");
        assert_eq!(
            printable("\0\u{1b}[31m\r\u{7f}\u{fffe}\u{ffff}"),
            r"\u{0}\u{1b}[31m\r\u{7f}\u{fffe}\u{ffff}"
        );
    }
}
