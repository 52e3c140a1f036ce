//! Spans of numbers, of which a seed draws one.

/// The least and the most of something; a seed draws a value between them, both included.
pub type Span = (u64, u64);
