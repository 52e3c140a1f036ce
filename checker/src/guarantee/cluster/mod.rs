//! Guarantees of the members, by what their host observed: terms, logs, applied entries, boots, recovery.

guarantees! {
    member_agreement,
    one_leader_per_term,
    log_matching,
    applied_agreement,
    leader_completeness,
    boots,
    recovers,
    services_recover,
}
