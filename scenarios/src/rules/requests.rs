//! The rules for what requests carry: keys, values, ids of leases.

use super::{Impossible, limits, require};
use revline_store::bytes::Bytes;

/// Refuses texts that fit into no request.
pub(crate) fn texts<'a>(
    texts: impl IntoIterator<Item = (&'a String, &'static str)>,
) -> Result<(), Impossible> {
    texts.into_iter().try_for_each(|(text, field)| limits::TEXT_BYTES.check(text.len() as u64, field))
}

/// Refuses bytes that fit into no request.
pub(crate) fn bytes<'a>(
    bytes: impl IntoIterator<Item = (&'a Bytes, &'static str)>,
) -> Result<(), Impossible> {
    bytes.into_iter().try_for_each(|(bytes, field)| limits::TEXT_BYTES.check(bytes.len() as u64, field))
}

/// Refuses `keys` that no txn can have.
pub(crate) fn several(keys: &[String]) -> Result<(), Impossible> {
    require(!keys.is_empty(), "keys", "empty; at least one key is needed")?;
    limits::OPERATIONS.check(keys.len() as u64, "keys")?;
    keys.iter()
        .enumerate()
        .try_for_each(|(at, key)| limits::TEXT_BYTES.check(key.len() as u64, format!("keys[{at}]")))
}

/// Refuses a `lease` that no client chooses.
pub(crate) fn lease_id(lease: i64) -> Result<(), Impossible> {
    limits::LEASE_ID.check_signed(lease, "lease")
}
