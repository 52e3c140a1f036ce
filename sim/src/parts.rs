//! The random parts of a program: whoever runs it can leave some out, to find those that matter.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The random parts of the program in a world, each with a name. Clones are the same parts; it outlives the world, and
/// tells of one that panicked, too.
#[derive(Clone, Debug, Default)]
pub struct Parts(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    /// The parts that are kept; absent if all are.
    only: Option<BTreeSet<String>>,
    /// Those that the program asked for and that were kept, each with its place in their order.
    kept: BTreeMap<String, usize>,
}

impl Parts {
    /// Keeps these parts and leaves out all others.
    pub fn only(parts: impl IntoIterator<Item = String>) -> Parts {
        Parts(Arc::new(Mutex::new(Known { only: Some(parts.into_iter().collect()), kept: BTreeMap::new() })))
    }

    /// The parts that the program asked for and that were kept, in order.
    pub fn kept(&self) -> Vec<String> {
        let known = self.lock();
        let mut kept: Vec<(&usize, &String)> = known.kept.iter().map(|(part, place)| (place, part)).collect();
        kept.sort_unstable();
        kept.into_iter().map(|(_, part)| part.clone()).collect()
    }

    /// Notes that the program asks for a part, and says whether it is kept.
    pub(crate) fn keeps(&self, part: &str) -> bool {
        let mut known = self.lock();
        let is_kept = known.only.as_ref().is_none_or(|only| only.contains(part));
        if is_kept && !known.kept.contains_key(part) {
            let place = known.kept.len();
            known.kept.insert(part.to_owned(), place);
        }
        is_kept
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        // What is known is whole after every step.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_there_unless_it_is_left_out() {
        let asked = |parts: Parts| (["a", "b", "a"].map(|part| parts.keeps(part)), parts.kept());
        assert_eq!(asked(Parts::default()), ([true; 3], vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(asked(Parts::only(["b".to_owned()])), ([false, true, false], vec!["b".to_owned()]));
    }
}
