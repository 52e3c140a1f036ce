//! EDN (github.com/edn-format/edn), in which Jepsen and porcupine write: a reader's forms, one at a time, with
//! their places.

use super::error::{Problem, excerpt};
use clojure_reader::edn::{self, Edn};
use clojure_reader::error::Code;

/// The deepest nesting of forms. Operations are flat; clients' errors are some ten deep.
const DEPTH_MAX: usize = 200;

/// Reads a text that holds one form.
pub(super) fn read(text: &str) -> Result<Edn<'_>, Problem> {
    if let Some(deep) = depth(text).filter(|depth| *depth > DEPTH_MAX) {
        return Err(Problem::syntax(
            "forms that lie less than 200 deep in each other",
            &format!("{deep} of them"),
        ));
    }
    let (form, rest) = edn::read(text).map_err(|error| problem(&error, text))?;
    match rest.trim_matches(is_blank) {
        "" => Ok(form),
        rest => Err(Problem::syntax("the end of the line after `}`", rest)),
    }
}

/// The nesting of the forms of a text, at most: tags count, too.
fn depth(text: &str) -> Option<usize> {
    // Most texts do not even hold so many forms.
    let opens = text.bytes().filter(|byte| matches!(byte, b'{' | b'[' | b'(' | b'#')).count();
    if opens <= DEPTH_MAX {
        return Some(opens);
    }
    let mut scan = Scan::default();
    let deepest = text.chars().map(|c| {
        scan.take(c);
        scan.depth + scan.tags
    });
    deepest.max()
}

fn problem(error: &clojure_reader::error::Error, text: &str) -> Problem {
    let at = error.ptr.filter(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
    let expected = match error.code {
        Code::HashMapDuplicateKey => "each key of a map once",
        Code::SetDuplicateKey => "each element of a set once",
        Code::InvalidEscape => "`\\n`, `\\t`, `\\r`, `\\\"` or `\\\\`",
        Code::InvalidKeyword => "a keyword, such as `:read`",
        Code::InvalidNumber | Code::InvalidRadix(_) => "a number",
        Code::InvalidTag => "a tag, such as `#jepsen.history.Op`",
        Code::UnexpectedEOF => "a value, and what closes each `{`, `[`, `(` and `\"`",
        Code::UnmatchedDelimiter(_) => "what closes the form that is open",
        _ => "EDN: `nil`, `:name`, `\"text\"`, a number, or a map or vector of these",
    };
    let found = match error.code {
        // What is wrong lies before the place where it was noticed.
        Code::UnexpectedEOF if at < text.len() => &text[at..],
        Code::UnexpectedEOF => text,
        _ => text[..at].rsplit(is_blank).next().filter(|word| !word.is_empty()).unwrap_or(&text[at..]),
    };
    Problem::Syntax { expected, found: excerpt(found) }
}

/// The text of a string: the reader leaves escapes as they stand.
pub(super) fn unescaped(text: &str) -> String {
    let mut chars = text.chars();
    let mut out = String::with_capacity(text.len());
    while let Some(c) = chars.next() {
        match (c, if c == '\\' { chars.next() } else { None }) {
            ('\\', Some('n')) => out.push('\n'),
            ('\\', Some('t')) => out.push('\t'),
            ('\\', Some('r')) => out.push('\r'),
            ('\\', Some(other)) => out.push(other),
            (c, _) => out.push(c),
        }
    }
    out
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == ','
}

/// The state of a scan in a text.
#[derive(Default)]
struct Scan {
    depth: usize,
    /// The number of tags since a bracket closed.
    tags: usize,
    in_text: bool,
    in_comment: bool,
    is_escaped: bool,
}

impl Scan {
    fn take(&mut self, c: char) {
        match c {
            '\n' if self.in_comment => self.in_comment = false,
            _ if self.in_comment => {}
            _ if self.is_escaped => self.is_escaped = false,
            '\\' => self.is_escaped = true,
            '"' => self.in_text = !self.in_text,
            _ if self.in_text => {}
            ';' => self.in_comment = true,
            '#' => self.tags += 1,
            '{' | '[' | '(' => self.depth += 1,
            '}' | ']' | ')' => {
                self.depth = self.depth.saturating_sub(1);
                self.tags = 0;
            }
            _ => {}
        }
    }
}

/// The maps of a history, one after the other or in one vector, each with the line it begins on.
pub(super) struct Maps<'t> {
    rest: &'t str,
    line: u64,
    /// The bracket that ends them, where they are in a vector or a list.
    until: Option<char>,
}

impl<'t> Maps<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let mut maps = Maps { rest: text.strip_prefix('\u{feff}').unwrap_or(text), line: 1, until: None };
        maps.skip_blanks();
        for (opens, closes) in [('[', ']'), ('(', ')')] {
            if let Some(rest) = maps.rest.strip_prefix(opens) {
                (maps.rest, maps.until) = (rest, Some(closes));
                break;
            }
        }
        maps
    }

    /// The next map, with its tag if it has one; `None` after the last. A problem comes with its line.
    pub(super) fn next(&mut self) -> Result<Option<(u64, &'t str)>, (u64, Problem)> {
        self.skip_blanks();
        let begins = self.line;
        if let Some(rest) = self.until.and_then(|closes| self.rest.strip_prefix(closes)) {
            (self.rest, self.until) = (rest, None);
            self.skip_blanks();
            return match self.rest {
                "" => Ok(None),
                rest => Err((self.line, Problem::syntax("the end of the history after its vector", rest))),
            };
        }
        if self.rest.is_empty() {
            let is_whole = self.until.is_none();
            let problem = Problem::syntax("what closes the vector of operations", self.rest);
            return if is_whole { Ok(None) } else { Err((begins, problem)) };
        }
        let is_map = match self.rest.strip_prefix('#') {
            Some(tagged) => tagged.find('{').is_some_and(|at| !tagged[..at].contains(['"', '[', '(', '}'])),
            None => self.rest.starts_with('{'),
        };
        if !is_map {
            let expected = "an operation, such as `{:process 0, :type :invoke, :f :read, :value nil}`";
            return Err((begins, Problem::syntax(expected, self.rest)));
        }
        let mut scan = Scan::default();
        for (at, c) in self.rest.char_indices() {
            scan.take(c);
            if c == '}' && scan.depth == 0 && !scan.in_text && !scan.in_comment {
                let (map, rest) = self.rest.split_at(at + 1);
                self.pass(map.len());
                self.rest = rest;
                return Ok(Some((begins, map)));
            }
        }
        Err((begins, Problem::syntax("the `}` that ends the operation", self.rest)))
    }

    /// Counts the lines of what is passed over.
    fn pass(&mut self, bytes: usize) {
        self.line += self.rest.as_bytes()[..bytes].iter().filter(|byte| **byte == b'\n').count() as u64;
    }

    fn skip_blanks(&mut self) {
        loop {
            let mut left = self.rest.trim_start_matches(is_blank);
            if left.starts_with(';') {
                left = left.find('\n').map_or("", |end| &left[end..]);
            }
            let bytes = self.rest.len() - left.len();
            if bytes == 0 {
                return;
            }
            self.pass(bytes);
            self.rest = left;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn maps(text: &str) -> Result<Vec<(u64, String)>, (u64, String)> {
        let mut maps = Maps::new(text);
        let mut found = Vec::new();
        while let Some((line, map)) = maps.next().map_err(|(line, problem)| (line, problem.to_string()))? {
            read(map).map_err(|problem| (line, problem.to_string()))?;
            found.push((line, map.to_owned()));
        }
        Ok(found)
    }

    #[test]
    fn maps_are_told_apart_wherever_lines_end() {
        let one = |line, text: &str| (line, text.to_owned());
        let lines = "{:a \"}\"}\n\n; a comment {\n#x.Op{:b [1\n 2]} {:c {}}";
        let expected = [one(1, "{:a \"}\"}"), one(4, "#x.Op{:b [1\n 2]}"), one(5, "{:c {}}")];
        assert_eq!(maps(lines).unwrap(), expected);
        assert_eq!(maps("[{:a 1},\n {:a 2}\n]\n").unwrap(), [one(1, "{:a 1}"), one(2, "{:a 2}")]);
        assert_eq!(maps("({:a \\}})").unwrap(), [one(1, "{:a \\}}")]);
        assert_eq!(maps(" \n").unwrap(), []);
    }

    #[test]
    fn what_is_no_map_is_refused_with_its_line() {
        for (text, line, said) in [
            ("{:a 1}\n[1]", 2, "expected an operation"),
            ("{:a 1}\n{:a", 2, "expected the `}`"),
            ("[{:a 1}", 1, "expected what closes the vector"),
            ("[{:a 1}] 5", 1, "expected the end of the history"),
            ("\n{:a}", 2, "expected a value"),
            ("{:a 1 :a 2}", 1, "each key of a map once"),
            ("{:a ]}", 1, "closes"),
            ("{:a \"\\q\"}", 1, "expected `\\n`"),
        ] {
            let (at, message) = maps(text).unwrap_err();
            assert!(at == line && message.contains(said), "{text}: {at}: {message}");
        }
    }

    #[test]
    fn forms_that_lie_too_deep_are_refused() {
        for text in [format!("{{:a {}", "[".repeat(100_000)), format!("{{:a {} 1}}", "#a ".repeat(100_000))] {
            assert!(read(&text).unwrap_err().to_string().contains("less than 200 deep"));
        }
    }

    #[test]
    fn strings_are_read_without_their_escapes() {
        assert_eq!(unescaped("a\\n\\t\\\"\\\\b"), "a\n\t\"\\b");
    }
}
