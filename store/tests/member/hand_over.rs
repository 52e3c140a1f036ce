//! The cost of handing a lock over: the number of messages, and of those one after the other.

use crate::harness::cluster::Cluster;
use crate::harness::coordination::{lock, owned, unlock, waits};
use crate::harness::leases::grant;
use revline_store::machine::MemberId;

/// Four clients contend; the one at `holder` unlocks, and the one at `next` is waiting for it. Gives the
/// messages that follow one another from the unlock to the answer, those of the clients counted in, and all
/// messages between members until nothing follows any more.
fn hand_over(holder: MemberId, next: MemberId) -> (usize, usize) {
    let mut cluster = Cluster::new(3, |_| {});
    cluster.elect(1);
    for lease in 1..=4 {
        cluster.ask(1, grant(lease, 60)).unwrap();
    }
    let held = cluster.call(holder, lock("l", 1));
    owned(cluster.reply(held));
    let waiting = cluster.call(next, lock("l", 2));
    let behind = [3, 4].map(|lease| cluster.call(lease as MemberId - 2, lock("l", lease)));
    let sent_before = cluster.sent.len();

    // From the client, and to the next one.
    let mut one_after_the_other = 2;
    cluster.start_call(holder, unlock("l/1"));
    loop {
        let ids: Vec<MemberId> = cluster.nodes.keys().copied().collect();
        while ids.iter().any(|&id| !cluster.nodes[&id].disk.queue.is_empty()) {
            ids.iter().for_each(|&id| cluster.advance_disk(id));
        }
        if !waits(&cluster, waiting) {
            break;
        }
        // Everything that is on its way arrives.
        one_after_the_other += 1;
        for message in std::mem::take(&mut cluster.network) {
            cluster.arrive(message);
        }
    }
    owned(cluster.reply(waiting));
    cluster.run();
    assert!(behind.iter().all(|call| waits(&cluster, *call)));
    (one_after_the_other, cluster.sent.len() - sent_before)
}

#[test]
fn a_hand_over_takes_three_round_trips_at_most_and_no_tick() {
    // The leader is member 1. Two messages are a round trip.
    let paths = [((1, 1), 4), ((1, 2), 5), ((2, 1), 5), ((2, 2), 6), ((2, 3), 6)];
    for ((holder, next), expected) in paths {
        let (one_after_the_other, messages) = hand_over(holder, next);
        assert_eq!(one_after_the_other, expected, "from {holder} to {next}");
        // An append, its answer, and the commit with its answer, for both followers.
        assert_eq!(messages, 8 + usize::from(holder != 1), "from {holder} to {next}");
    }
}
