//! The places of texts: how wide they are about, and where a line ends.
//!
//! A browser lays text out by the fonts it has, so that a width is an estimate; all are on the wide side.

use plotters::style::{FontDesc, FontStyle, IntoFont};

/// The height of small text, in pixels.
pub(super) const SMALL_PX: i32 = 12;

/// The distance of two lines of small text, in pixels.
pub(super) const LINE_PX: i32 = 16;

/// The font of a text of this height, in pixels. Plotters writes sizes that are smaller by this factor.
pub(super) fn font(height_px: i32) -> FontDesc<'static> {
    ("sans-serif", f64::from(height_px) * 1.24).into_font()
}

/// The bold font of a text of this height, in pixels.
pub(super) fn bold(height_px: i32) -> FontDesc<'static> {
    font(height_px).style(FontStyle::Bold)
}

/// The width of a text of this height, in pixels.
pub(super) fn width_px(text: &str, height_px: i32) -> i32 {
    let letters: f64 =
        text.chars().map(|letter| if "ijlt.,:;' |".contains(letter) { 0.3 } else { 0.56 }).sum();
    (letters * f64::from(height_px)).ceil() as i32
}

/// A text in lines of small text, each of this width at most unless a word is wider.
pub(super) fn lines(text: &str, most_px: i32) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if width_px(line, SMALL_PX) + width_px(word, SMALL_PX) + 4 <= most_px => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_broken_between_words() {
        let text = "one two three four five six seven";
        let broken = lines(text, 100);
        assert!(broken.len() > 1 && broken.iter().all(|line| width_px(line, SMALL_PX) <= 100), "{broken:?}");
        assert_eq!(broken.join(" "), text);
        assert_eq!(lines("", 100), [""; 0]);
    }
}
