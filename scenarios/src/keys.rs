//! The keys of workloads.

/// The prefix of every key of a workload, and so the smallest of them.
pub(crate) const FIRST_KEY: &str = "key/";

/// The end of the range of all keys: the smallest that does not begin with [`FIRST_KEY`].
pub(crate) const END_OF_KEYS: &str = "key0";

/// The end of the range of everything from a key on.
pub(crate) const FROM_KEY: &str = "\0";

/// The key with a number.
pub(crate) fn key(number: u32) -> String {
    format!("{FIRST_KEY}{number}")
}
