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
}

impl Default for LinkConfig {
    fn default() -> Self {
        LinkConfig {
            latency_us: (200, 1_000),
            loss: Probability::NEVER,
            duplicate: Probability::NEVER,
            reorder: Probability::NEVER,
        }
    }
}

/// Times on a link, in microseconds.
const LATENCY_US: Bound = Bound::new(0, 60_000_000, "no call waits longer than a minute for its way");

impl LinkConfig {
    /// Refuses a link that cannot be.
    pub fn check(&self) -> Result<(), Impossible> {
        LATENCY_US.check_span(self.latency_us, "latency_us")?;
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
}

impl Link {
    pub fn new(config: LinkConfig, draws: Draws) -> Link {
        Link { config, faults: BTreeMap::new(), degraded: None, draws, last_due_ns: 0 }
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

    pub fn datagram(&mut self, now_ns: u64) -> Passage {
        let config = self.config();
        let mut generator = self.draws.at(now_ns);
        let latency_ns = self.latency_ns(&mut generator);
        if config.loss.happens(&mut generator) {
            return Passage::Lost;
        }
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
        Passage::Arrives { due_ns, again_ns }
    }

    /// The arrival of a frame of a stream that is sent now: nothing is lost, but a loss costs time.
    pub fn frame_due_ns(&mut self, now_ns: u64) -> u64 {
        let config = self.config();
        let mut generator = self.draws.at(now_ns);
        let mut due_ns = now_ns + self.latency_ns(&mut generator);
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
            match link.datagram(sent * 100_000) {
                Passage::Arrives { due_ns, again_ns } => {
                    due.push(due_ns);
                    again += usize::from(again_ns.is_some());
                }
                Passage::Lost => lost += 1,
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
}
