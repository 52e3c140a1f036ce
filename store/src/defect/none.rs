//! The set of defects of a build that has none.

/// The empty set of defects: this build was made without the feature `defects`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Defects;

impl Defects {
    /// The empty set: the store as it should be.
    pub const NONE: Defects = Defects;
}

impl Defects {
    /// Returns true: all defects are off.
    pub fn is_empty(self) -> bool {
        true
    }
}
