//! Guarantees of the members, by what their host observed: terms, logs, applied entries, boots, recovery.

mod content_hash;
mod leaderless;
mod quorum_lost;
mod unanswered;

guarantees! {
    member_agreement,
    one_leader_per_term,
    log_matching,
    applied_agreement,
    leader_completeness,
    boots,
    recovers,
    alarm_respected,
    membership,
}
