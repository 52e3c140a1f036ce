//! The host's observations, and the operations that bear on them.

use super::highest::Highest;
use super::{Unproven, require};
use crate::history::{History, MemberId, Observation, Operation, Outcome, Revision};
use std::collections::BTreeMap;

/// A time in which faults had healed and the cluster was to serve again.
#[derive(Clone, Debug)]
struct Heal {
    from_ns: u64,
    until_ns: u64,
    read: Served,
    write: Served,
    /// The services that were asked for and served.
    probed: u64,
    /// By member: its last revision, and whether it knew a leader.
    settled: BTreeMap<MemberId, (Revision, bool)>,
}

/// The operations of a sort served in that time.
#[derive(Clone, Copy, Debug, Default)]
struct Served {
    tried: bool,
    answered: bool,
}

/// The part of observations that is kept: they are few.
#[derive(Clone, Debug, Default)]
pub(super) struct Observed {
    pub(super) history: History,
    heals: Vec<Heal>,
    /// Writes that were acknowledged.
    writes: Highest<Revision>,
    /// The members settled since the last heal: the time, the revision, and the revision acknowledged by then.
    group: Vec<(u64, Revision, Option<Revision>)>,
    settled: u64,
    /// Answers name a member and a term; others name no member.
    named: bool,
    nameless: bool,
    /// A call to a member had no answer.
    unanswered: bool,
    /// No operation may be over before this any more.
    pub(super) until_ns: u64,
}

impl Observed {
    /// An operation is over. `write`: the revision that it made.
    pub(super) fn operation(&mut self, operation: &Operation, write: Option<Revision>) {
        if let (Some(revision), Some(return_ns)) = (write, operation.return_ns) {
            self.writes.note(return_ns, revision);
        }
        if let Outcome::Ok(response) = &operation.outcome {
            let header = response.header();
            self.named |= header.member != MemberId(0) && header.term > 0;
            self.nameless |= header.member == MemberId(0);
        }
        self.unanswered |= operation.member.is_some() && matches!(operation.outcome, Outcome::Unknown(_));
        if self.heals.is_empty() {
            return;
        }
        let sorts = [operation.request.is_linearizable_read(), operation.request.may_write()];
        let returned_ns = operation.return_ns.unwrap_or(u64::MAX);
        for heal in &mut self.heals {
            let time = heal.from_ns..=heal.until_ns;
            for (served, _) in
                [&mut heal.read, &mut heal.write].into_iter().zip(sorts).filter(|(_, wanted)| *wanted)
            {
                served.tried |= time.contains(&operation.invoke_ns);
                served.answered |= matches!(operation.outcome, Outcome::Ok(_)) && time.contains(&returned_ns);
            }
        }
    }

    /// The host saw something, after every operation that was over by `now_ns`.
    pub(super) fn observation(&mut self, observation: &Observation, now_ns: u64) -> Result<(), Unproven> {
        self.history.observations.push(observation.clone());
        match observation {
            Observation::Healed { at_ns, bound_ns } => {
                require(*at_ns > now_ns || now_ns == 0, "what the host saw comes late")?;
                let is_due = self.heals.iter().any(|heal| heal.until_ns <= *at_ns);
                require(!is_due, "watches are held to what they were told after faults healed")?;
                self.until_ns = self.until_ns.max(*at_ns);
                self.close_group()?;
                self.heals.push(Heal {
                    from_ns: *at_ns,
                    until_ns: at_ns.saturating_add(*bound_ns),
                    read: Served::default(),
                    write: Served::default(),
                    probed: 0,
                    settled: BTreeMap::new(),
                });
            }
            Observation::Probed { served, .. } => {
                require(*served, "a service does not answer after the faults healed")?;
                if let Some(heal) = self.heals.last_mut() {
                    heal.probed += 1;
                }
            }
            Observation::Settled { at_ns, member, revision, leader, .. } => {
                self.until_ns = self.until_ns.max(*at_ns);
                self.group.push((*at_ns, *revision, self.writes.before(*at_ns)?));
                if let Some(heal) = self.heals.last_mut() {
                    heal.settled.insert(*member, (*revision, leader.is_some()));
                }
            }
            Observation::Hash { compact_revision: ..=0, .. } => {
                return Err(Unproven("a hash is held against what was written"));
            }
            _ => {}
        }
        Ok(())
    }

    fn close_group(&mut self) -> Result<(), Unproven> {
        let highest = self.group.iter().map(|(_, revision, _)| *revision).max();
        let first = self.group.iter().min_by_key(|(at_ns, ..)| *at_ns);
        // Where nothing had been acknowledged, there is nothing to compare yet.
        let (Some(highest), Some((.., Some(acknowledged)))) = (highest, first) else { return Ok(()) };
        require(*acknowledged <= highest, "members settled without what was acknowledged")?;
        self.settled += 1;
        self.group.clear();
        Ok(())
    }

    /// The number of times that members were seen to have all that was acknowledged, and the number served or reached
    /// after faults healed.
    pub(super) fn finish(&mut self) -> Result<(u64, u64), Unproven> {
        self.close_group()?;
        require(!self.named || !self.nameless, "an answer names no member")?;
        require(
            self.heals.is_empty() || !self.unanswered,
            "calls without an answer are held against faults",
        )?;
        let mut recovered = 0;
        for heal in &self.heals {
            for served in [heal.read, heal.write] {
                require(served.answered || !served.tried, "nothing was served after the faults healed")?;
                recovered += u64::from(served.answered);
            }
            let revisions = || heal.settled.values().map(|(revision, _)| *revision);
            require(revisions().min() == revisions().max(), "members settled at different revisions")?;
            require(heal.settled.values().all(|(_, has_leader)| *has_leader), "a member knows no leader")?;
            recovered += heal.probed + heal.settled.len() as u64;
        }
        Ok((self.settled, recovered))
    }
}
