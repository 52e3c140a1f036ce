//! Rust source as tokens: words and punctuation with their lines, without comments and literals.

/// A word (identifier, keyword, number) or a piece of punctuation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub text: String,
    pub line: usize,
}

impl Token {
    /// True for an identifier or a keyword.
    pub fn is_word(&self) -> bool {
        self.text.starts_with(|first: char| first.is_alphabetic() || first == '_')
    }
}

/// A line of a doc comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocLine {
    pub text: String,
    pub line: usize,
}

/// The tokens and the doc lines of a source file.
#[derive(Clone, Debug, Default)]
pub struct Lexed {
    pub tokens: Vec<Token>,
    pub docs: Vec<DocLine>,
}

/// Splits a source file.
pub fn lex(source: &str) -> Lexed {
    let mut lexer = Lexer { rest: source, line: 1, lexed: Lexed::default() };
    while lexer.step() {}
    lexer.lexed
}

struct Lexer<'a> {
    rest: &'a str,
    line: usize,
    lexed: Lexed,
}

impl Lexer<'_> {
    fn step(&mut self) -> bool {
        let rest = self.rest;
        let Some(first) = rest.chars().next() else { return false };
        if rest.starts_with("//") {
            self.line_comment();
        } else if rest.starts_with("/*") {
            self.block_comment();
        } else if let Some(length) = raw_string(rest) {
            self.skip(length);
        } else if let Some(prefix) = quoted_prefix(rest) {
            self.skip(prefix + quoted(&rest[prefix..]));
        } else if first == '\'' {
            self.character_or_lifetime();
        } else if first.is_alphanumeric() || first == '_' {
            let start = if rest.starts_with("r#") { 2 } else { 0 };
            let word = &rest[start..];
            let end = word.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(word.len());
            self.token(&word[..end]);
            self.skip(start + end);
        } else if first.is_whitespace() {
            self.skip(first.len_utf8());
        } else {
            // Arrows are tokens of their own, so that their `>` closes nothing.
            let two = ["->", "=>", "::"].into_iter().find(|two| rest.starts_with(two));
            let text = two.unwrap_or(&rest[..first.len_utf8()]);
            self.token(text);
            self.skip(text.len());
        }
        true
    }

    fn token(&mut self, text: &str) {
        self.lexed.tokens.push(Token { text: text.to_owned(), line: self.line });
    }

    fn skip(&mut self, length: usize) {
        let (gone, rest) = self.rest.split_at(length);
        self.line += gone.matches('\n').count();
        self.rest = rest;
    }

    fn line_comment(&mut self) {
        let end = self.rest.find('\n').unwrap_or(self.rest.len());
        let comment = &self.rest[..end];
        let outer = comment.strip_prefix("///").filter(|text| !text.starts_with('/'));
        if let Some(text) = outer.or_else(|| comment.strip_prefix("//!")) {
            self.lexed.docs.push(DocLine { text: text.trim().to_owned(), line: self.line });
        }
        self.skip(end);
    }

    fn block_comment(&mut self) {
        let (mut depth, mut end) = (0, 0);
        loop {
            let rest = &self.rest[end..];
            let Some(next) = rest.find("/*").into_iter().chain(rest.find("*/")).min() else {
                return self.skip(self.rest.len());
            };
            depth = if rest[next..].starts_with("/*") { depth + 1 } else { depth - 1 };
            end += next + 2;
            if depth == 0 {
                return self.skip(end);
            }
        }
    }

    /// `'a` is a lifetime, `'a'` and `'\n'` are characters.
    fn character_or_lifetime(&mut self) {
        let mut characters = self.rest.char_indices().skip(1);
        let Some((_, first)) = characters.next() else { return self.skip(1) };
        if first == '\\' {
            // The character behind the backslash may itself be a quote.
            let from = characters.nth(1).map_or(self.rest.len(), |(at, _)| at);
            let end = self.rest[from..].find('\'').map_or(self.rest.len(), |at| from + at + 1);
            self.skip(end);
        } else if let Some((at, '\'')) = characters.next() {
            self.skip(at + 1);
        } else {
            self.skip(1 + first.len_utf8());
        }
    }
}

/// The length of the raw string at the start of `text`, if there is one.
fn raw_string(text: &str) -> Option<usize> {
    let prefix = ["r", "br", "cr"].into_iter().find(|prefix| {
        text.strip_prefix(prefix).is_some_and(|rest| rest.trim_start_matches('#').starts_with('"'))
    })?;
    let behind = &text[prefix.len()..];
    let hashes = behind.len() - behind.trim_start_matches('#').len();
    let close = format!("\"{}", "#".repeat(hashes));
    let start = prefix.len() + hashes + 1;
    Some(text[start..].find(&close).map_or(text.len(), |at| start + at + close.len()))
}

/// The length of what stands before the quote of a string (or a byte) at the start of `text`.
fn quoted_prefix(text: &str) -> Option<usize> {
    ["\"", "b\"", "c\"", "b'"]
        .into_iter()
        .find(|prefix| text.starts_with(prefix))
        .map(|prefix| prefix.len() - 1)
}

/// The length of the quoted text at the start of `text`, escapes and quotes included.
fn quoted(text: &str) -> usize {
    let quote = text.chars().next().unwrap_or('"');
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if character == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(source: &str) -> Vec<String> {
        lex(source).tokens.into_iter().map(|token| token.text).collect()
    }

    #[test]
    fn comments_and_literals_are_no_tokens() {
        let source = "a /* x /* y */ z */ b // c\n'd' '\\'' '\\u{1F}' \"e \\\" f\" b'g' r#\"h \" i\"# j";
        assert_eq!(words(source), ["a", "b", "j"]);
    }

    #[test]
    fn a_lifetime_does_not_open_a_character() {
        assert_eq!(words("fn f<'a>(x: &'a str) -> char { 'b' }").last().map(String::as_str), Some("}"));
        assert!(!words("&'a str").contains(&"'".to_owned()));
        assert!(words("&'a str").contains(&"str".to_owned()));
    }

    #[test]
    fn doc_lines_keep_their_place() {
        let lexed = lex("//! One\n\n// no doc\n//// nor this\n/// Two\nfn f() {}\n");
        let docs: Vec<_> = lexed.docs.iter().map(|doc| (doc.line, doc.text.as_str())).collect();
        assert_eq!(docs, [(1, "One"), (5, "Two")]);
        assert_eq!(lexed.tokens[0], Token { text: "fn".to_owned(), line: 6 });
    }

    #[test]
    fn lines_are_counted_through_strings() {
        assert_eq!(lex("\"a\nb\" c").tokens[0].line, 2);
    }
}
