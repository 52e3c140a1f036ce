//! The id of a fault, under which everything that the fault did is kept.

/// The id of a fault that struck, from its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FaultId(pub u64);

impl FaultId {
    /// The id of crashes by a test's own hand.
    pub(crate) const BY_HAND: FaultId = FaultId(0);
}
