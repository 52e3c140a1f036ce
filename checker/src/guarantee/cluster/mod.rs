//! Guarantees of the members, by what their host observed: terms, logs, applied entries, boots, recovery.

pub(super) mod applied_agreement;
pub(super) mod boots;
pub(super) mod leader_completeness;
pub(super) mod log_matching;
pub(super) mod member_agreement;
pub(super) mod one_leader_per_term;
pub(super) mod recovers;
