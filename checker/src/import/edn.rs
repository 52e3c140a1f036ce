//! The little of EDN (github.com/edn-format/edn) that histories are written in: a flat map to a line.

use super::error::Problem;

/// A value in a map.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// `nil`
    Nil,
    /// `:name`, without the colon
    Keyword(String),
    /// `"text"`
    Text(String),
    /// `-1`
    Integer(i64),
}

/// Reads `{:key value, ...}` into its pairs, in order.
pub(super) fn map(line: &str) -> Result<Vec<(String, Value)>, Problem> {
    let mut rest = Rest(line);
    rest.skip_blank();
    rest.expect('{', "`{` at the beginning of a map")?;
    let mut pairs = Vec::new();
    loop {
        rest.skip_blank();
        if rest.take('}') {
            break;
        }
        let Value::Keyword(key) = rest.value("a key, such as `:process`, or `}` at the end")? else {
            return Err(Problem::syntax("a key, such as `:process`", line));
        };
        rest.skip_blank();
        pairs.push((key, rest.value("a value: `nil`, `:name`, `\"text\"` or an integer")?));
    }
    rest.skip_blank();
    if rest.0.is_empty() { Ok(pairs) } else { Err(Problem::syntax("the end of the line after `}`", rest.0)) }
}

/// What is left of a line.
struct Rest<'a>(&'a str);

impl Rest<'_> {
    /// Commas are blanks in EDN.
    fn skip_blank(&mut self) {
        self.0 = self.0.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
    }

    fn take(&mut self, c: char) -> bool {
        let rest = self.0.strip_prefix(c);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn expect(&mut self, c: char, expected: &'static str) -> Result<(), Problem> {
        if self.take(c) { Ok(()) } else { Err(Problem::syntax(expected, self.0)) }
    }

    fn value(&mut self, expected: &'static str) -> Result<Value, Problem> {
        if self.take('"') {
            return self.text().map(Value::Text);
        }
        let end = self.0.find(|c: char| c.is_whitespace() || ",{}\"".contains(c)).unwrap_or(self.0.len());
        let (word, rest) = self.0.split_at(end);
        let value = match word.strip_prefix(':') {
            Some("") => None,
            Some(name) => Some(Value::Keyword(name.into())),
            None if word == "nil" => Some(Value::Nil),
            None => word.parse().ok().map(Value::Integer),
        };
        let value = value.ok_or_else(|| Problem::syntax(expected, self.0))?;
        self.0 = rest;
        Ok(value)
    }

    /// The text up to the closing quote.
    fn text(&mut self) -> Result<String, Problem> {
        let mut text = String::new();
        let mut chars = self.0.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.0 = &self.0[at + 1..];
                    return Ok(text);
                }
                '\\' => match chars.next() {
                    Some((_, 'n')) => text.push('\n'),
                    Some((_, 't')) => text.push('\t'),
                    Some((_, 'r')) => text.push('\r'),
                    Some((_, c @ ('"' | '\\'))) => text.push(c),
                    _ => return Err(Problem::syntax("`\\n`, `\\t`, `\\r`, `\\\"` or `\\\\`", &self.0[at..])),
                },
                c => text.push(c),
            }
        }
        Err(Problem::syntax("a closing `\"`", self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_is_read_in_order() {
        let pairs = map(r#"{:process 3, :f :get, :value nil :key "a \"b\"\n"}"#).unwrap();
        let expected = [
            ("process", Value::Integer(3)),
            ("f", Value::Keyword("get".into())),
            ("value", Value::Nil),
            ("key", Value::Text("a \"b\"\n".into())),
        ];
        assert_eq!(pairs, expected.map(|(key, value)| (key.to_string(), value)));
        assert_eq!(map("{}").unwrap(), []);
    }

    #[test]
    fn what_is_no_map_is_refused() {
        for line in [
            "",
            "{",
            "{:a",
            "{:a}",
            "{:a 1",
            "{:a \"x}",
            "{:a \"\\q\"}",
            "{1 2}",
            "{:a 1} x",
            "{: 1}",
            "{:a x}",
        ] {
            assert!(map(line).is_err(), "{line}");
        }
    }
}
