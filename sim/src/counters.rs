//! The counters of a run: a sweep must also show that rare states were reached.

use serde::{Deserialize, Serialize};
use std::ops::AddAssign;

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// The number of events of each kind in a run.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default)]
        pub struct Counters {
            $($(#[$doc])* pub $name: u64,)*
        }

        impl AddAssign for Counters {
            fn add_assign(&mut self, other: Counters) {
                $(self.$name += other.$name;)*
            }
        }

        impl Counters {
            /// Every count with its name, in a fixed order.
            pub fn named(&self) -> Vec<(&'static str, u64)> {
                vec![$((stringify!($name), self.$name),)*]
            }
        }
    };
}

counters! {
    /// Times a member became leader.
    elections,
    /// Times two members believed at once that they lead.
    two_leaders,
    /// Snapshots taken over from a leader.
    snapshots_installed,
    /// Crashes of members.
    crashes,
    /// Starts that cut a torn record off the log.
    torn_logs,
    /// Pauses of members.
    pauses,
    /// Pauses of clients.
    client_pauses,
    /// Faults injected.
    faults,
    /// Members added to the running cluster, and started.
    members_added,
    /// Processes of removed members that ended.
    members_removed,
    /// Disks that were lost with everything on them.
    disks_wiped,
    /// Members of new clusters, restored from a saved snapshot, that served.
    members_restored,
    /// Puts refused because the quota of some member was used up.
    refused_no_space,
    /// Crashes of proxies.
    proxy_crashes,
    /// Endpoints that proxies gave up, or that gave up proxies.
    endpoints_lost,
    /// Watches that joined an upstream watch of a proxy that was there.
    watches_joined,
    /// Upstream watches of a proxy that came to the same place as another, and became one with it.
    watches_merged,
    /// Reads that a proxy answered from its cache.
    reads_cached,
    /// Watch responses that members sent.
    watch_responses_of_members,
    /// Watch responses that proxies sent.
    watch_responses_of_proxies,
    /// Clients that proxies cut off because they were too slow.
    slow_clients_cut_off,
    /// Times a leader compared the hash of another member with its own while they ran.
    members_compared,
    /// Alarms that members raised.
    alarms_raised,
    /// Client streams that broke.
    streams_broken,
    /// Watch streams that stalled because their client took no responses, each time.
    streams_stalled,
    /// Watches that continue an earlier one.
    watches_resumed,
    /// Watches cancelled because their next revision was compacted.
    watches_compacted,
    /// Datagrams between members that were lost, of any cause.
    datagrams_lost,
}
