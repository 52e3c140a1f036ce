//! The scenarios that come with revline.

use crate::scenario::{Scenario, parse};

/// The files, in the order in which they run.
const FILES: &[(&str, &str)] = &[
    ("steady.json", include_str!("../catalogue/steady.json")),
    ("leader-isolated.json", include_str!("../catalogue/leader-isolated.json")),
    ("minority-partition.json", include_str!("../catalogue/minority-partition.json")),
    ("one-way-partition.json", include_str!("../catalogue/one-way-partition.json")),
    ("bridge.json", include_str!("../catalogue/bridge.json")),
    ("election-storm.json", include_str!("../catalogue/election-storm.json")),
    ("crash-restart.json", include_str!("../catalogue/crash-restart.json")),
    ("full-outage.json", include_str!("../catalogue/full-outage.json")),
    ("slow-follower-snapshot.json", include_str!("../catalogue/slow-follower-snapshot.json")),
    ("outage-at-election.json", include_str!("../catalogue/outage-at-election.json")),
    ("slow-links.json", include_str!("../catalogue/slow-links.json")),
    ("clock-drift.json", include_str!("../catalogue/clock-drift.json")),
    ("lease-expiry-under-elections.json", include_str!("../catalogue/lease-expiry-under-elections.json")),
    ("lease-under-drift.json", include_str!("../catalogue/lease-under-drift.json")),
    ("lock-contention.json", include_str!("../catalogue/lock-contention.json")),
    ("lock-across-partition.json", include_str!("../catalogue/lock-across-partition.json")),
    ("election-observe.json", include_str!("../catalogue/election-observe.json")),
    ("long-lease-under-elections.json", include_str!("../catalogue/long-lease-under-elections.json")),
    ("compaction-races.json", include_str!("../catalogue/compaction-races.json")),
    ("membership-churn.json", include_str!("../catalogue/membership-churn.json")),
    ("learner-catch-up.json", include_str!("../catalogue/learner-catch-up.json")),
    ("replace-member.json", include_str!("../catalogue/replace-member.json")),
    ("quota-full.json", include_str!("../catalogue/quota-full.json")),
    ("snapshot-restore.json", include_str!("../catalogue/snapshot-restore.json")),
    ("auth-change-under-load.json", include_str!("../catalogue/auth-change-under-load.json")),
    ("lock-stress.json", include_str!("../catalogue/lock-stress.json")),
    ("slow-watcher.json", include_str!("../catalogue/slow-watcher.json")),
    ("compaction-under-slow-watcher.json", include_str!("../catalogue/compaction-under-slow-watcher.json")),
    ("namespaces.json", include_str!("../catalogue/namespaces.json")),
    ("proxies-under-partition.json", include_str!("../catalogue/proxies-under-partition.json")),
    ("proxy-crash-resume.json", include_str!("../catalogue/proxy-crash-resume.json")),
    ("watch-fan-out.json", include_str!("../catalogue/watch-fan-out.json")),
    ("users-come-and-go.json", include_str!("../catalogue/users-come-and-go.json")),
    ("deep-backlog.json", include_str!("../catalogue/deep-backlog.json")),
    ("whole-api-through-proxies.json", include_str!("../catalogue/whole-api-through-proxies.json")),
    ("whole-api.json", include_str!("../catalogue/whole-api.json")),
    ("slow-client-behind-proxy.json", include_str!("../catalogue/slow-client-behind-proxy.json")),
    ("clock-jumps.json", include_str!("../catalogue/clock-jumps.json")),
    ("majority-rots.json", include_str!("../catalogue/majority-rots.json")),
    ("older-disk.json", include_str!("../catalogue/older-disk.json")),
    ("operator-errs.json", include_str!("../catalogue/operator-errs.json")),
    ("rough-network.json", include_str!("../catalogue/rough-network.json")),
    ("disk-failures.json", include_str!("../catalogue/disk-failures.json")),
    ("failing-power.json", include_str!("../catalogue/failing-power.json")),
    ("rotten-disk.json", include_str!("../catalogue/rotten-disk.json")),
    ("crash-at-disk-operations.json", include_str!("../catalogue/crash-at-disk-operations.json")),
    ("alarm-by-operator.json", include_str!("../catalogue/alarm-by-operator.json")),
    ("learner-held-back.json", include_str!("../catalogue/learner-held-back.json")),
    ("shared-lease-keys.json", include_str!("../catalogue/shared-lease-keys.json")),
    ("crash-after-snapshot.json", include_str!("../catalogue/crash-after-snapshot.json")),
    ("lingering-watchers.json", include_str!("../catalogue/lingering-watchers.json")),
    ("lingering-slow-watchers.json", include_str!("../catalogue/lingering-slow-watchers.json")),
    ("lingering-behind-proxies.json", include_str!("../catalogue/lingering-behind-proxies.json")),
    ("edges.json", include_str!("../catalogue/edges.json")),
    ("users-through-proxies.json", include_str!("../catalogue/users-through-proxies.json")),
    ("signed-tokens.json", include_str!("../catalogue/signed-tokens.json")),
    ("patient-clients.json", include_str!("../catalogue/patient-clients.json")),
    ("waiters-behind-snapshot.json", include_str!("../catalogue/waiters-behind-snapshot.json")),
    ("proxies-without-servers.json", include_str!("../catalogue/proxies-without-servers.json")),
];

/// Every scenario of the catalogue, in its order.
pub fn all() -> Vec<Scenario> {
    FILES
        .iter()
        .map(|(file, text)| parse(text, file).unwrap_or_else(|error| panic!("the catalogue: {error}")))
        .collect()
}

/// The scenario of the catalogue with this name.
pub fn find(name: &str) -> Option<Scenario> {
    all().into_iter().find(|scenario| scenario.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_named_after_its_scenario() {
        for ((file, _), scenario) in FILES.iter().zip(all()) {
            assert_eq!(*file, format!("{}.json", scenario.name));
        }
    }
}
