//! Sets of small numbers as words of 64 bits.

/// True if `set` holds `number`.
pub(super) fn holds(set: &[u64], number: u32) -> bool {
    set[number as usize / 64] >> (number % 64) & 1 == 1
}

/// Puts `number` into `set`.
pub(super) fn insert(set: &mut [u64], number: u32) {
    set[number as usize / 64] |= 1 << (number % 64);
}

/// Takes `number` out of `set`.
pub(super) fn remove(set: &mut [u64], number: u32) {
    set[number as usize / 64] &= !(1 << (number % 64));
}

/// True if all of `small` is in `large`.
pub(super) fn is_subset(small: &[u64], large: &[u64]) -> bool {
    small.iter().zip(large).all(|(small, large)| small & !large == 0)
}

/// The words a set of numbers below `bound` needs.
pub(super) fn words(bound: usize) -> usize {
    bound.div_ceil(64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_was_put_in_and_not_taken_out() {
        let mut set = vec![0; words(130)];
        assert_eq!(set.len(), 3);
        for number in [0, 63, 64, 129] {
            insert(&mut set, number);
        }
        remove(&mut set, 64);
        let held: Vec<u32> = (0..130).filter(|number| holds(&set, *number)).collect();
        assert_eq!(held, [0, 63, 129]);
    }

    #[test]
    fn a_subset_has_nothing_else() {
        assert!(is_subset(&[0b0101, 0], &[0b1101, 1]));
        assert!(!is_subset(&[0b0101, 2], &[0b1101, 1]));
        assert!(is_subset(&[], &[]));
    }
}
