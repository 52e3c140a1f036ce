//! Texts of a length that fits the page.

/// The most bytes of a text.
const MOST: usize = 400;

/// A text, cut off where it is too long, with the number of bytes that it had.
pub(super) fn shortened(text: String) -> String {
    shortened_to(text, MOST)
}

/// A text of so many bytes at most, and the number of those that it had.
pub(super) fn shortened_to(mut text: String, most: usize) -> String {
    if text.len() <= most {
        return text;
    }
    let bytes = text.len();
    let end = text.floor_char_boundary(most);
    text.truncate(end);
    text.push_str(&format!("… ({bytes} bytes in all)"));
    text
}

/// A time as people read it.
pub(super) fn seconds(ns: u64) -> String {
    format!("{}.{:06} s", ns / 1_000_000_000, ns % 1_000_000_000 / 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(shortened("short".to_owned()), "short");
        let long = shortened("ä".repeat(1_000));
        assert_eq!(long, format!("{}… (2000 bytes in all)", "ä".repeat(200)));
    }

    #[test]
    fn a_time_has_microseconds() {
        assert_eq!(seconds(61_000_042_999), "61.000042 s");
    }
}
