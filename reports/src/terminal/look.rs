//! The look of a report: its width, and red for what failed.

use console::{Style, Term};

/// The width where nothing says otherwise, as in a pipe.
const DEFAULT_WIDTH: usize = 120;

/// The sign of a cell of the table with violations.
const FAIL: &str = "FAIL ";

/// The look of a report.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// The width of the table.
    pub width: usize,
    /// True if what failed is red.
    pub is_coloured: bool,
}

impl Look {
    /// A look without colours.
    pub fn plain(width: usize) -> Look {
        Look { width, is_coloured: false }
    }

    /// The look that suits stdout: its width, and colours on a terminal that has them, unless `NO_COLOR` is set.
    pub fn of_stdout() -> Look {
        let stdout = Term::stdout();
        let width = stdout.size_checked().map_or(DEFAULT_WIDTH, |(_, columns)| usize::from(columns));
        Look { width, is_coloured: stdout.features().colors_supported() }
    }

    /// Paints text red.
    pub(super) fn red(self, text: &str) -> String {
        if self.is_coloured { painted_red(text) } else { text.to_owned() }
    }

    /// Paints each `FAIL n` in a row of the table red.
    pub(super) fn row(self, row: &str) -> String {
        let (mut painted, mut rest) = (String::new(), row);
        while let Some(at) = rest.find(FAIL) {
            let number = at + FAIL.len();
            let end = rest[number..].find(' ').map_or(rest.len(), |blank| number + blank);
            painted.push_str(&rest[..at]);
            painted.push_str(&self.red(&rest[at..end]));
            rest = &rest[end..];
        }
        painted + rest
    }
}

/// Red text, whatever stdout is.
pub(crate) fn painted_red(text: &str) -> String {
    Style::new().red().force_styling(true).apply_to(text).to_string()
}

/// The head of an error message: red on a terminal that has colours, unless `NO_COLOR` is set.
pub fn error_head() -> String {
    const HEAD: &str = "error:";
    if Term::stderr().features().colors_supported() { painted_red(HEAD) } else { HEAD.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_its_failures_in_red_and_nothing_else() {
        let row = "durable      FAIL 12   3_456  FAIL 1";
        let coloured = Look { width: 80, is_coloured: true };
        assert_eq!(
            coloured.row(row),
            "durable      \u{1b}[31mFAIL 12\u{1b}[0m   3_456  \u{1b}[31mFAIL 1\u{1b}[0m"
        );
        assert_eq!(Look::plain(80).row(row), row);
        assert_eq!(coloured.row("durable  71.8k"), "durable  71.8k");
    }
}
