//! Sets of small numbers that are kept many times and never change.

use super::bits;
use std::ops::Deref;
use std::sync::Arc;

/// A set of small numbers as words of 64 bits. One word is kept in place, more are shared.
#[derive(Clone)]
pub(super) enum Words {
    One(u64),
    /// A thin pointer: sets are kept by the million.
    Many(Arc<Vec<u64>>),
}

impl Words {
    /// An empty set of numbers below `bound`.
    pub fn empty(bound: usize) -> Self {
        Words::of(&vec![0; bits::words(bound)])
    }

    /// The set with these words.
    pub fn of(words: &[u64]) -> Self {
        match words {
            [] => Words::One(0),
            [word] => Words::One(*word),
            words => Words::Many(Arc::new(words.to_vec())),
        }
    }

    /// The set with one number more.
    pub fn with(&self, number: u32) -> Self {
        let mut set = self.clone();
        match &mut set {
            Words::One(word) => bits::insert(std::slice::from_mut(word), number),
            Words::Many(words) => bits::insert(Arc::<Vec<u64>>::make_mut(words), number),
        }
        set
    }

    /// The bytes that it holds on the heap.
    pub fn heap_bytes(&self) -> usize {
        match self {
            Words::One(_) => 0,
            Words::Many(words) => size_of_val(&***words) + size_of::<Vec<u64>>() + 2 * size_of::<usize>(),
        }
    }
}

impl Deref for Words {
    type Target = [u64];

    fn deref(&self) -> &[u64] {
        match self {
            Words::One(word) => std::slice::from_ref(word),
            Words::Many(words) => words,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_with_one_number_more_leaves_the_set_as_it_was() {
        for bound in [0, 1, 64, 65, 200] {
            let empty = Words::empty(bound);
            assert!(empty.iter().all(|word| *word == 0));
            for number in [0, 63, 64, 199].into_iter().filter(|number| (*number as usize) < bound) {
                let one = empty.with(number);
                assert!(bits::holds(&one, number) && !bits::holds(&empty, number), "{number} of {bound}");
                assert!(bits::is_subset(&empty, &one) && !bits::is_subset(&one, &empty));
            }
        }
    }
}
