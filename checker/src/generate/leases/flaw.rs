//! The ways in which a generated history of leases, locks and elections can be wrong.

use std::fmt;

/// A flaw that is put into a history of leases, locks and elections, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeaseFlaw {
    /// A put with a lease that was never granted is answered.
    PutUngranted,
    /// A put with a lease that was revoked is answered.
    PutAfterRevoke,
    /// A second revocation of a lease is answered.
    RevokedTwice,
    /// A grant is answered with another id than the one asked for.
    AnotherId,
    /// A grant is answered with a lower TTL than the one asked for.
    ShorterTtl,
    /// A grant of a lease that is there is answered.
    GrantedTwice,
    /// A grant of an id that is free is refused as used.
    FalseExists,
    /// A lease that is alive is said not to exist.
    Denied,
    /// A keepalive of a lease that was revoked is answered with its TTL.
    RenewedAfterRevoke,
    /// Time-to-live shows a lease that was revoked.
    ShownAfterRevoke,
    /// Time-to-live shows more than was granted.
    TtlAboveGranted,
    /// Time-to-live shows a key that was never attached.
    ForeignKey,
    /// A lock is answered while the key of another is the first.
    SecondLock,
    /// A lock with a lease that was revoked is answered.
    LockAfterRevoke,
    /// A campaign is answered while another leads.
    SecondLeader,
    /// The question who leads is refused although there is a leader.
    FalseNoLeader,
    /// A proclamation of a leader is refused.
    FalseNotLeader,
    /// A revocation leaves a key of its lease there.
    RevokeLeavesKey,
    /// A read shows a key with another lease than it was put with.
    WrongLease,
}

impl LeaseFlaw {
    /// All of them.
    #[rustfmt::skip]
    pub const ALL: &[LeaseFlaw] = &[
        LeaseFlaw::PutUngranted, LeaseFlaw::PutAfterRevoke, LeaseFlaw::RevokedTwice, LeaseFlaw::AnotherId,
        LeaseFlaw::ShorterTtl, LeaseFlaw::GrantedTwice, LeaseFlaw::FalseExists, LeaseFlaw::Denied,
        LeaseFlaw::RenewedAfterRevoke, LeaseFlaw::ShownAfterRevoke, LeaseFlaw::TtlAboveGranted,
        LeaseFlaw::ForeignKey, LeaseFlaw::SecondLock, LeaseFlaw::LockAfterRevoke, LeaseFlaw::SecondLeader,
        LeaseFlaw::FalseNoLeader, LeaseFlaw::FalseNotLeader, LeaseFlaw::RevokeLeavesKey, LeaseFlaw::WrongLease,
    ];

    /// The guarantees that fit it: at least one of them must be violated.
    pub fn guarantees(self) -> &'static [&'static str] {
        match self {
            LeaseFlaw::SecondLock => &["lock-exclusive"],
            LeaseFlaw::LockAfterRevoke => &["lease-api", "lock-exclusive"],
            LeaseFlaw::SecondLeader | LeaseFlaw::FalseNoLeader | LeaseFlaw::FalseNotLeader => {
                &["election-one-leader"]
            }
            LeaseFlaw::RevokeLeavesKey | LeaseFlaw::WrongLease => &["linearizable"],
            LeaseFlaw::PutUngranted
            | LeaseFlaw::PutAfterRevoke
            | LeaseFlaw::RevokedTwice
            | LeaseFlaw::AnotherId
            | LeaseFlaw::ShorterTtl
            | LeaseFlaw::GrantedTwice
            | LeaseFlaw::FalseExists
            | LeaseFlaw::Denied
            | LeaseFlaw::RenewedAfterRevoke
            | LeaseFlaw::ShownAfterRevoke
            | LeaseFlaw::TtlAboveGranted
            | LeaseFlaw::ForeignKey => &["lease-api"],
        }
    }
}

impl fmt::Display for LeaseFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}
