//! A set of defects.

use super::Defect;
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// A set of defects that are switched on. Default: none.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Defects(u64);

impl Defects {
    /// The empty set: the store as it should be.
    pub const NONE: Defects = Defects(0);

    /// Returns true if this defect is on.
    #[inline]
    pub fn has(self, defect: Defect) -> bool {
        self.0 & Defects::bit(defect) != 0
    }

    /// Returns true if all defects are off.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The same set with one more defect.
    #[must_use]
    pub fn with(self, defect: Defect) -> Self {
        Defects(self.0 | Defects::bit(defect))
    }

    /// The defects of the set, in the order of the catalogue.
    pub fn iter(self) -> impl Iterator<Item = Defect> {
        Defect::ALL.iter().copied().filter(move |&defect| self.has(defect))
    }

    fn bit(defect: Defect) -> u64 {
        1 << defect as u32
    }
}

impl fmt::Debug for Defects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl From<Defect> for Defects {
    fn from(defect: Defect) -> Self {
        Defects::NONE.with(defect)
    }
}

impl FromIterator<Defect> for Defects {
    fn from_iter<I: IntoIterator<Item = Defect>>(defects: I) -> Self {
        defects.into_iter().fold(Defects::NONE, Defects::with)
    }
}

/// Written as a list of names.
impl Serialize for Defects {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().collect::<Vec<_>>())
    }
}

impl<'de> Deserialize<'de> for Defects {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;

        impl<'de> Visitor<'de> for List {
            type Value = Defects;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of defect names")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Defects, A::Error> {
                let mut defects = Defects::NONE;
                while let Some(defect) = seq.next_element()? {
                    defects = defects.with(defect);
                }
                Ok(defects)
            }
        }

        deserializer.deserialize_seq(List)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_survives_storage() {
        let set: Defects = [Defect::TxnTwoRevisions, Defect::AckBeforeSync].into_iter().collect();
        let stored = postcard::to_stdvec(&set).unwrap();
        assert_eq!(postcard::from_bytes::<Defects>(&stored), Ok(set));
        assert!(set.has(Defect::AckBeforeSync) && !set.has(Defect::WatchBatchSplit));
    }
}
