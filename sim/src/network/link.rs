//! One direction between two nodes.

use crate::bound::{Bound, Impossible, require};
use crate::entropy::{Draws, Generator, Probability};
use crate::fault_id::FaultId;
use rand::Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The behaviour of a link.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LinkConfig {
    /// The shortest and the longest way, in microseconds. Default 200 to 1 000: one data centre.
    pub latency_us: (u64, u64),
    /// The probability that a datagram is lost. Default never.
    pub loss: Probability,
    /// The probability that a datagram arrives twice (a retransmission whose acknowledgement got lost). Default never.
    pub duplicate: Probability,
    /// The probability that a datagram takes ten times as long, so that later ones overtake it. Default never;
    /// otherwise the first sent arrives first.
    pub reorder: Probability,
    /// The probability that a datagram arrives with one bit turned over. Default never.
    #[serde(skip_serializing_if = "is_never")]
    pub corrupt: Probability,
    /// The probability that a link stands still for 100 to 500 ms when a datagram is sent: that one and all after it wait.
    /// Default never.
    #[serde(skip_serializing_if = "is_never")]
    pub spike: Probability,
    /// The number of datagrams that are lost in a row once one is. Default 1.
    #[serde(skip_serializing_if = "is_one")]
    pub burst: u32,
    /// The bandwidth for datagrams, in bytes per millisecond; 0 is no limit. Default 0.
    #[serde(skip_serializing_if = "is_zero")]
    pub bytes_per_ms: u64,
}

fn is_never(probability: &Probability) -> bool {
    *probability == Probability::NEVER
}

fn is_one(number: &u32) -> bool {
    *number == 1
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl Default for LinkConfig {
    fn default() -> Self {
        LinkConfig {
            latency_us: (200, 1_000),
            loss: Probability::NEVER,
            duplicate: Probability::NEVER,
            reorder: Probability::NEVER,
            corrupt: Probability::NEVER,
            spike: Probability::NEVER,
            burst: 1,
            bytes_per_ms: 0,
        }
    }
}

/// The time for which a link stands still, in nanoseconds.
const SPIKE_NS: (u64, u64) = (100_000_000, 500_000_000);

/// The most that datagrams wait for the bandwidth, in nanoseconds: there is no room for more, and they are lost.
const QUEUE_NS: u64 = 500_000_000;

/// Datagrams lost in a row.
const BURST: Bound = Bound::new(1, 1_000, "more is a partition");

/// The bandwidth of a link, in bytes per millisecond.
const BYTES_PER_MS: Bound = Bound::new(0, 10_000_000, "more is no limit: leave it out");

/// Times on a link, in microseconds.
const LATENCY_US: Bound = Bound::new(0, 60_000_000, "no call waits longer than a minute for its way");

impl LinkConfig {
    /// Refuses a link that cannot be.
    pub fn check(&self) -> Result<(), Impossible> {
        LATENCY_US.check_span(self.latency_us, "latency_us")?;
        BURST.check(self.burst.into(), "burst")?;
        BYTES_PER_MS.check(self.bytes_per_ms, "bytes_per_ms")?;
        require(
            self.bytes_per_ms == 0 || self.bytes_per_ms >= 10,
            "bytes_per_ms",
            "10 or more, or 0 for no limit: heartbeats alone take as much",
        )?;
        let loses_all = self.loss.get() >= 1.0;
        require(!loses_all, "loss", "less than 1: a link that loses everything is a partition")
    }

    /// The worse of two in every respect.
    fn worst(self, other: LinkConfig) -> LinkConfig {
        LinkConfig {
            latency_us: (
                self.latency_us.0.max(other.latency_us.0),
                self.latency_us.1.max(other.latency_us.1),
            ),
            loss: self.loss.max(other.loss),
            duplicate: self.duplicate.max(other.duplicate),
            reorder: self.reorder.max(other.reorder),
            corrupt: self.corrupt.max(other.corrupt),
            spike: self.spike.max(other.spike),
            burst: self.burst.max(other.burst),
            bytes_per_ms: match (self.bytes_per_ms, other.bytes_per_ms) {
                (0, limit) | (limit, 0) => limit,
                (one, other) => one.min(other),
            },
        }
    }
}

/// The fate of a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Passage {
    /// The way is cut.
    Cut,
    /// Lost on its way.
    Lost,
    /// Arrives at this time, in nanoseconds, and perhaps once more.
    Arrives { due_ns: u64, again_ns: Option<u64> },
    /// Arrives with one bit turned over: that with this number, counted around.
    Corrupt { due_ns: u64, bit: u64 },
}

/// A retransmission timeout: the cost of a lost packet to a stream.
const RETRANSMIT_NS: u64 = 200_000_000;

#[derive(Debug)]
pub(crate) struct Link {
    config: LinkConfig,
    /// The state that each fault in force puts it in.
    faults: BTreeMap<FaultId, LinkConfig>,
    /// The states of all faults together: the worst in every respect.
    degraded: Option<LinkConfig>,
    draws: Draws,
    last_due_ns: u64,
    /// The datagrams that are still lost with the last one that was.
    burst_left: u32,
    /// The time at which it is done with what was sent so far, if its bandwidth is limited.
    free_ns: u64,
    /// The end of the last time for which it stood still.
    still_until_ns: u64,
}

impl Link {
    pub fn new(config: LinkConfig, draws: Draws) -> Link {
        Link {
            config,
            faults: BTreeMap::new(),
            degraded: None,
            draws,
            last_due_ns: 0,
            burst_left: 0,
            free_ns: 0,
            still_until_ns: 0,
        }
    }

    /// Behaves like `config` until [`Link::restore`] of the same fault, or worse.
    pub fn degrade(&mut self, fault: FaultId, config: LinkConfig) {
        self.faults.insert(fault, config);
        self.fold();
    }

    pub fn restore(&mut self, fault: FaultId) {
        self.faults.remove(&fault);
        self.fold();
    }

    fn fold(&mut self) {
        self.degraded = self.faults.values().copied().reduce(LinkConfig::worst);
    }

    fn config(&self) -> LinkConfig {
        self.degraded.unwrap_or(self.config)
    }

    fn latency_ns(&self, generator: &mut Generator) -> u64 {
        let (low, high) = self.config().latency_us;
        generator.gen_range(low * 1_000..=(high.max(low) * 1_000))
    }

    /// Sends a datagram of so many bytes.
    pub fn datagram(&mut self, now_ns: u64, bytes: u64) -> Passage {
        let config = self.config();
        let mut generator = self.draws.at(now_ns);
        let latency_ns = self.latency_ns(&mut generator);
        let lost = config.loss.happens(&mut generator);
        if lost && self.burst_left == 0 {
            self.burst_left = config.burst;
        }
        if let Some(left) = self.burst_left.checked_sub(1) {
            self.burst_left = left;
            return Passage::Lost;
        }
        if config.bytes_per_ms > 0 && self.free_ns > now_ns + QUEUE_NS {
            return Passage::Lost;
        }
        let latency_ns = latency_ns + self.held_up_ns(now_ns, bytes, config, &mut generator);
        let due_ns = if config.reorder.happens(&mut generator) {
            now_ns + 10 * latency_ns
        } else {
            self.last_due_ns = self.last_due_ns.max(now_ns + latency_ns);
            self.last_due_ns
        };
        let again_ns = config
            .duplicate
            .happens(&mut generator)
            .then(|| due_ns + generator.gen_range(0..=20 * latency_ns));
        if config.corrupt.happens(&mut generator) {
            return Passage::Corrupt { due_ns, bit: generator.gen_range(0..=u64::MAX) };
        }
        Passage::Arrives { due_ns, again_ns }
    }

    /// The time for which a datagram waits: behind others, as the bandwidth is limited, and while the link stands still.
    fn held_up_ns(&mut self, now_ns: u64, bytes: u64, config: LinkConfig, generator: &mut Generator) -> u64 {
        // Without a limit nothing waits.
        self.free_ns = (bytes * 1_000_000)
            .checked_div(config.bytes_per_ms)
            .map_or(0, |takes_ns| self.free_ns.max(now_ns) + takes_ns);
        if config.spike.happens(generator) {
            let (least, most) = SPIKE_NS;
            self.still_until_ns = now_ns + generator.gen_range(least..=most);
        }
        self.free_ns.max(self.still_until_ns).saturating_sub(now_ns)
    }

    /// The arrival of a frame of a stream that is sent now: nothing is lost, but a loss costs time.
    pub fn frame_due_ns(&mut self, now_ns: u64) -> u64 {
        let config = self.config();
        let mut generator = self.draws.at(now_ns);
        let mut due_ns = now_ns + self.latency_ns(&mut generator);
        due_ns += self.held_up_ns(now_ns, 0, config, &mut generator);
        while config.loss.happens(&mut generator) && due_ns < now_ns + 10 * RETRANSMIT_NS {
            due_ns += RETRANSMIT_NS;
        }
        due_ns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrivals(config: LinkConfig) -> (Vec<u64>, usize, usize) {
        let mut link = Link::new(config, Draws::new(1, "link"));
        let (mut due, mut lost, mut again) = (Vec::new(), 0, 0);
        for sent in 0..10_000 {
            match link.datagram(sent * 100_000, 100) {
                Passage::Arrives { due_ns, again_ns } => {
                    due.push(due_ns);
                    again += usize::from(again_ns.is_some());
                }
                Passage::Lost => lost += 1,
                Passage::Corrupt { .. } => unreachable!("it corrupts nothing"),
                Passage::Cut => unreachable!("nobody cut it"),
            }
        }
        (due, lost, again)
    }

    #[test]
    fn a_healthy_link_loses_repeats_and_reorders_nothing() {
        let (due, lost, again) = arrivals(LinkConfig::default());
        assert!(due.is_sorted());
        assert_eq!((due.len(), lost, again), (10_000, 0, 0));
    }

    #[test]
    fn every_degradation_shows_about_as_often_as_it_should() {
        let tenth = Probability::percent(10);
        let (due, lost, again) =
            arrivals(LinkConfig { loss: tenth, duplicate: tenth, reorder: tenth, ..LinkConfig::default() });
        assert!((800..1_200).contains(&lost), "{lost} lost");
        assert!((700..1_100).contains(&again), "{again} repeated");
        let overtaken = due.windows(2).filter(|pair| pair[1] < pair[0]).count();
        assert!((600..1_100).contains(&overtaken), "{overtaken} overtaken");
    }

    /// The passages of 10 000 datagrams of 100 bytes, one each 100 us.
    fn passages(config: LinkConfig) -> Vec<Passage> {
        let mut link = Link::new(config, Draws::new(1, "link"));
        (0..10_000).map(|sent| link.datagram(sent * 100_000, 100)).collect()
    }

    #[test]
    fn losses_come_in_bursts() {
        let config = LinkConfig { loss: Probability::percent(1), burst: 20, ..LinkConfig::default() };
        let passages = passages(config);
        let runs: Vec<usize> = passages
            .chunk_by(|one, other| one == other)
            .filter(|run| run[0] == Passage::Lost)
            .map(<[Passage]>::len)
            .collect();
        assert!(runs.len() > 20 && runs.iter().all(|&run| run >= 20), "{runs:?}");
    }

    #[test]
    fn a_limited_bandwidth_lets_datagrams_queue_and_a_spike_lets_all_wait() {
        let due = |config: LinkConfig| -> Vec<u64> {
            let due = passages(config).into_iter().filter_map(|passage| match passage {
                Passage::Arrives { due_ns, .. } => Some(due_ns),
                _ => None,
            });
            due.collect()
        };
        // Half of what is sent: it queues, and once the queue is full every other one is lost.
        let slow = due(LinkConfig { bytes_per_ms: 500, ..LinkConfig::default() });
        assert!(slow[5_000] >= 900_000_000 && slow[5_000] < 1_200_000_000, "{}", slow[5_000]);
        assert!((6_000..9_000).contains(&slow.len()), "{}", slow.len());
        let spikes = due(LinkConfig { spike: Probability::percent(1), ..LinkConfig::default() });
        assert!(spikes.is_sorted(), "nothing overtakes what waits");
        assert!(spikes.windows(2).any(|pair| pair[1] - pair[0] > 90_000_000));
    }

    #[test]
    fn some_datagrams_have_a_bit_turned_over() {
        let passages = passages(LinkConfig { corrupt: Probability::percent(10), ..LinkConfig::default() });
        let corrupt = passages.iter().filter(|passage| matches!(passage, Passage::Corrupt { .. })).count();
        assert!((800..1_200).contains(&corrupt), "{corrupt}");
    }
}
