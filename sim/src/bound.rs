//! Bounds on the numbers of a configuration, and what breaks them.

use std::fmt;
use thiserror::Error;

/// The least and the most of a range.
type Span = (u64, u64);

/// A field of a configuration whose value cannot be.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("field `{field}`: {what}")]
pub struct Impossible {
    /// The path of the field; empty for the value as a whole.
    pub field: String,
    /// The rule that the value breaks.
    pub what: String,
}

impl Impossible {
    /// Returns the same, of a field of something larger.
    #[must_use]
    pub fn within(self, field: &str) -> Impossible {
        let field = if self.field.is_empty() { field.to_owned() } else { format!("{field}.{}", self.field) };
        Impossible { field, ..self }
    }
}

/// Refuses a field where something required of it does not hold.
pub fn require(holds: bool, field: impl Into<String>, what: impl Into<String>) -> Result<(), Impossible> {
    if holds { Ok(()) } else { Err(Impossible { field: field.into(), what: what.into() }) }
}

/// The least and the most that a number may be.
#[derive(Clone, Copy, Debug)]
pub struct Bound {
    least: u64,
    most: u64,
    /// The reason for it.
    why: &'static str,
}

impl Bound {
    /// From `least` to `most`, both included.
    pub const fn new(least: u64, most: u64, why: &'static str) -> Bound {
        assert!(least <= most);
        Bound { least, most, why }
    }

    /// Refuses a number outside.
    pub fn check(self, value: u64, field: impl Into<String>) -> Result<(), Impossible> {
        require(self.allows(value), field, format!("{self}, not {}", Spaced(value)))
    }

    /// Refuses a number outside that may be negative.
    pub fn check_signed(self, value: i64, field: impl Into<String>) -> Result<(), Impossible> {
        let allowed = u64::try_from(value).is_ok_and(|value| self.allows(value));
        require(allowed, field, format!("{self}, not {value}"))
    }

    /// Refuses a span with an end outside, and one that ends before it begins.
    pub fn check_span(self, span: Span, field: impl Into<String>) -> Result<(), Impossible> {
        let field = field.into();
        require(
            span.0 <= span.1,
            &field,
            format!("[{}, {}] is empty: the least comes first", span.0, span.1),
        )?;
        for (end, value) in [span.0, span.1].into_iter().enumerate() {
            self.check(value, format!("{field}[{end}]"))?;
        }
        Ok(())
    }

    /// As [`Bound::check_span`], of a span from which something over 0 must be drawn now and then.
    pub fn check_positive_span(self, span: Span, field: impl Into<String>) -> Result<(), Impossible> {
        let field = field.into();
        self.check_span(span, &field)?;
        require(span.1 > 0, field, "at least 1 at the end: time has to pass in between")
    }

    fn allows(self, value: u64) -> bool {
        (self.least..=self.most).contains(&value)
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "between {} and {} ({})", Spaced(self.least), Spaced(self.most), self.why)
    }
}

/// A number with a space between thousands.
struct Spaced(u64);

impl fmt::Display for Spaced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        for (at, digit) in digits.char_indices() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                f.write_str(" ")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUND: Bound = Bound::new(1, 3_600_000, "no run lasts longer");

    #[test]
    fn both_ends_are_allowed_and_nothing_beyond() {
        for allowed in [1, 2, 3_600_000] {
            BOUND.check(allowed, "x").unwrap();
            BOUND.check_signed(allowed.try_into().unwrap(), "x").unwrap();
            BOUND.check_span((1, allowed), "x").unwrap();
        }
        for refused in [0, 3_600_001, u64::MAX] {
            BOUND.check(refused, "x").unwrap_err();
            BOUND.check_span((refused, refused), "x").unwrap_err();
        }
        for refused in [0, -1, i64::MIN, i64::MAX] {
            BOUND.check_signed(refused, "x").unwrap_err();
        }
    }

    #[test]
    fn messages_name_the_bound_the_reason_and_the_number() {
        let error = BOUND.check_span((5, u64::MAX), "for_ms").unwrap_err().to_string();
        assert_eq!(
            error,
            "field `for_ms[1]`: between 1 and 3 600 000 (no run lasts longer), not 18 446 744 073 709 551 615"
        );
        let error = BOUND.check_span((5, 1), "for_ms").unwrap_err().to_string();
        assert_eq!(error, "field `for_ms`: [5, 1] is empty: the least comes first");
    }

    #[test]
    fn a_pause_takes_time() {
        let pause = Bound::new(0, 9, "no reason");
        pause.check_positive_span((0, 1), "x").unwrap();
        let error = pause.check_positive_span((0, 0), "x").unwrap_err();
        assert!(error.what.starts_with("at least 1 at the end"), "{error}");
    }
}
