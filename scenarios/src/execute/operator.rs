//! The operator of a plan at work.

mod mistakes;

use super::caretaker;
use crate::keys::FIRST_KEY;
use crate::plan::{PlannedStep, Step};
use revline_sim::client::{CallError, Client, GetOptions, SavedSnapshot};
use revline_sim::{MAX_MEMBERS, World};
use revline_store::api::{AlarmKind, ClusterResponse};
use revline_store::error::Error;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The time for which a failing step is tried again.
const PATIENCE: Duration = Duration::from_secs(8);

/// From one try to the next.
const AGAIN_AFTER: Duration = Duration::from_millis(100);

/// The bound on the removal of compacted history.
const COMPACTION: Duration = Duration::from_millis(300);

/// A cluster of fewer voters cannot lose one for ever, with its disk.
const FEWEST_TO_LOSE_ONE: usize = 3;

pub(super) struct Operator {
    world: World,
    /// Uses any member.
    client: Client,
    /// Clients that use one member alone.
    at: BTreeMap<u64, Client>,
    /// Members whose disk was lost.
    wiped: BTreeSet<u64>,
    /// Members whose disk was to be lost, and was not: they stay.
    spared: BTreeSet<u64>,
    /// Changes of members of unknown outcome: each may still happen, and no other is asked for until it did.
    unresolved: Vec<Step>,
    /// The change of members that was asked for and may still happen, if the present step is given up.
    asked: Option<Step>,
    /// The snapshot saved last.
    saved: Option<SavedSnapshot>,
}

/// The result of a try.
enum Tried {
    Done,
    Again,
}

impl Operator {
    pub fn new(world: World) -> Operator {
        let client = caretaker(&world, "operator", Vec::new());
        Operator {
            world,
            client,
            at: BTreeMap::new(),
            wiped: BTreeSet::new(),
            spared: BTreeSet::new(),
            unresolved: Vec::new(),
            asked: None,
            saved: None,
        }
    }

    /// Takes one step after the other.
    pub async fn work(mut self, steps: Vec<PlannedStep>) -> Operator {
        for PlannedStep { at_ms, step } in steps {
            self.asked = None;
            self.world.sleep_until(Duration::from_millis(at_ms)).await;
            let until = self.world.elapsed() + PATIENCE;
            while let Tried::Again = self.take(&step).await {
                if self.world.elapsed() >= until {
                    self.give_up(step);
                    break;
                }
                self.world.sleep(AGAIN_AFTER).await;
            }
        }
        self
    }

    /// Restores what was saved last into a new cluster. Its hash, and a read of everything from each of its
    /// members, become part of the history: they have to be what the old cluster held at that revision.
    pub async fn restore(mut self, members: &[u64]) {
        let Some(saved) = self.saved.take() else { return };
        self.world.restore(&saved, members).expect("a saved snapshot is whole");
        let until = self.world.elapsed() + PATIENCE;
        for &member in members {
            let client = self.only_at(member);
            while client.hash_kv(saved.revision).await.is_err() && self.world.elapsed() < until {
                self.world.sleep(AGAIN_AFTER).await;
            }
            let everything = GetOptions { from_key: true, serializable: true, ..GetOptions::default() };
            let _ = client.get_with("\0", everything).await;
            // Asking for alarms goes through the log: there is a leader, and a quorum.
            let mut served = client.alarms().await;
            while served.is_err() && self.world.elapsed() < until {
                self.world.sleep(AGAIN_AFTER).await;
                served = client.alarms().await;
            }
            if served.is_ok() {
                self.world.count_restored();
            }
        }
    }

    async fn take(&mut self, step: &Step) -> Tried {
        match step {
            Step::AddLearner { .. }
            | Step::AddVoter { .. }
            | Step::Promote { .. }
            | Step::Remove { .. }
            | Step::Wipe { .. } => match self.finish_changes(step).await {
                Tried::Done => self.change(step).await,
                Tried::Again => Tried::Again,
            },
            Step::Rename { member, name } => match self.client.member_update(*member, name).await {
                Ok(_) | Err(CallError::Failed(Error::MemberNotFound)) => Tried::Done,
                Err(_) => Tried::Again,
            },
            Step::Defragment { member } => {
                // Tried once: the member may be down for longer than anyone wants to wait for this.
                let _ = self.only_at(*member).defragment().await;
                Tried::Done
            }
            Step::AddAgain { .. }
            | Step::PromoteNow { .. }
            | Step::RemoveAnyway { .. }
            | Step::Lead { .. }
            | Step::LeadBoth { .. }
            | Step::AddAndRemove { .. }
            | Step::AddSecondLearner { .. }
            | Step::RemoveOnly => {
                self.err(step).await;
                Tried::Done
            }
            Step::Save => self.save().await,
            Step::MakeRoom { if_full } => self.make_room(*if_full).await,
            Step::RaiseAlarm { member, corrupt } => {
                let kind = if *corrupt { AlarmKind::Corrupt } else { AlarmKind::NoSpace };
                // Tried once: one of unknown outcome may be raised later, too.
                let _ = self.client.raise_alarm(*member, kind).await;
                Tried::Done
            }
            Step::LookAtAlarms => {
                for member in self.world.members() {
                    let _ = self.only_at(member).alarms().await;
                }
                Tried::Done
            }
            Step::DisarmAlarms => self.disarm().await,
            Step::LookAtMembers => {
                for member in self.world.members() {
                    let _ = self.only_at(member).member_list(false).await;
                }
                Tried::Done
            }
        }
    }

    async fn change(&mut self, step: &Step) -> Tried {
        match step {
            Step::AddLearner { member } | Step::AddVoter { member } => self.add(*member, step).await,
            Step::Promote { member } => self.promote(*member).await,
            Step::Remove { member, if_voter } => self.remove(*member, *if_voter).await,
            Step::Wipe { member } => self.wipe(*member).await,
            _ => Tried::Done,
        }
    }

    /// Gives up a step that was tried for long enough. A member whose disk was not lost stays; a change that was asked
    /// for may still happen.
    fn give_up(&mut self, step: Step) {
        match step {
            Step::Wipe { member } => drop(self.spared.insert(member)),
            Step::AddLearner { .. } | Step::AddVoter { .. } | Step::Promote { .. } | Step::Remove { .. } => {
                self.unresolved.extend(self.asked.take());
            }
            _ => {}
        }
    }

    /// Finishes earlier changes first: those that were asked for and may still happen, and the removal of a member that
    /// lost its disk.
    async fn finish_changes(&mut self, next: &Step) -> Tried {
        while let Some(earlier) = self.unresolved.first().cloned() {
            let tried = match &earlier {
                Step::AddLearner { member } | Step::AddVoter { member } => self.add(*member, &earlier).await,
                Step::Promote { member } => self.promote(*member).await,
                Step::Remove { member, .. } => self.remove_now(*member).await,
                _ => Tried::Done,
            };
            match tried {
                Tried::Done => drop(self.unresolved.remove(0)),
                Tried::Again => return Tried::Again,
            }
        }
        let Ok(voters) = self.voters().await else { return Tried::Again };
        let lost = voters.into_iter().find(|voter| self.wiped.contains(voter));
        match (lost, next) {
            (None, _) => Tried::Done,
            (Some(lost), Step::Remove { member, .. }) if *member == lost => Tried::Done,
            (Some(lost), _) => self.remove_now(lost).await,
        }
    }

    fn only_at(&mut self, member: u64) -> Client {
        let world = &self.world;
        let new = || caretaker(world, &format!("operator at m{member}"), vec![member]);
        self.at.entry(member).or_insert_with(new).clone()
    }

    /// Adds a member as a step says: a learner, or one with a vote.
    async fn add(&mut self, member: u64, step: &Step) -> Tried {
        let Ok(list) = self.client.member_list(true).await else { return Tried::Again };
        let is_member = list.members.iter().any(|present| present.id == member);
        if !is_member && list.members.len() as u64 > MAX_MEMBERS {
            return Tried::Done;
        }
        let added = match step {
            Step::AddVoter { .. } => self.client.member_add(member, "voter").await,
            _ => self.client.member_add_as_learner(member, "learner").await,
        };
        match added {
            Ok(_) | Err(CallError::Failed(Error::MemberExist)) => {
                self.world.start_added(member);
                Tried::Done
            }
            Err(CallError::Failed(Error::TooManyLearners)) => Tried::Done,
            Err(error) => {
                // It may be of the quorum by now, without which nobody can tell.
                if matches!((step, &error), (Step::AddVoter { .. }, CallError::Unknown(_))) {
                    self.world.start_added(member);
                }
                self.again(&error, step.clone())
            }
        }
    }

    async fn promote(&mut self, member: u64) -> Tried {
        if !self.world.was_started(member) {
            return Tried::Done;
        }
        match self.client.member_promote(member).await {
            Ok(_) | Err(CallError::Failed(Error::MemberNotLearner | Error::MemberNotFound)) => Tried::Done,
            Err(error) => self.again(&error, Step::Promote { member }),
        }
    }

    /// Removes a member that lost its disk, or one that the others can do without.
    async fn remove(&mut self, member: u64, if_voter: Option<u64>) -> Tried {
        if if_voter.is_none() && self.spared.contains(&member) {
            return Tried::Done;
        }
        if self.wiped.contains(&member) {
            return self.remove_now(member).await;
        }
        let Ok(voters) = self.voters().await else { return Tried::Again };
        if if_voter.is_some_and(|needed| !voters.contains(&needed)) {
            return Tried::Done;
        }
        if voters.contains(&member) && !self.can_do_without(member, &voters).await {
            return Tried::Again;
        }
        self.remove_now(member).await
    }

    async fn remove_now(&mut self, member: u64) -> Tried {
        match self.client.member_remove(member).await {
            Ok(_) | Err(CallError::Failed(Error::MemberNotFound)) => {
                self.world.forget_member(member);
                Tried::Done
            }
            Err(error) => self.again(&error, Step::Remove { member, if_voter: None }),
        }
    }

    /// Remembers a change that was not made, as far as is known, and has it tried again.
    fn again(&mut self, error: &CallError, asked: Step) -> Tried {
        let never_will = matches!(
            error,
            CallError::Refused
                | CallError::Failed(
                    Error::Unhealthy | Error::LearnerNotReady | Error::NotSupportedForLearner
                )
        );
        if !never_will {
            self.asked = Some(asked);
        }
        Tried::Again
    }

    /// Returns true if every other voter serves, has all that was committed, and knows the same voters.
    async fn can_do_without(&mut self, member: u64, voters: &[u64]) -> bool {
        let others: Vec<u64> = voters.iter().copied().filter(|voter| *voter != member).collect();
        for &other in &others {
            if self.wiped.contains(&other) {
                return false;
            }
            // It answers once it applied everything that a majority has.
            let seen = self.only_at(other).member_list(true).await;
            if seen.map(|list| voters_of(&list)).ok().as_deref() != Some(voters) {
                return false;
            }
        }
        !others.is_empty()
    }

    async fn voters(&self) -> Result<Vec<u64>, CallError> {
        Ok(voters_of(&self.client.member_list(true).await?))
    }

    async fn wipe(&mut self, member: u64) -> Tried {
        let Ok(voters) = self.voters().await else { return Tried::Again };
        if !voters.contains(&member) || voters.len() < FEWEST_TO_LOSE_ONE {
            self.spared.insert(member);
            return Tried::Done;
        }
        if !self.can_do_without(member, &voters).await {
            return Tried::Again;
        }
        self.world.wipe(member);
        self.wiped.insert(member);
        Tried::Done
    }

    async fn save(&mut self) -> Tried {
        let Ok(saved) = self.client.snapshot().await else { return Tried::Again };
        for member in self.world.members() {
            let client = self.only_at(member);
            // One that is behind does not know this revision yet, and may be asked again.
            for _ in 0..3 {
                match client.hash_kv(saved.revision).await {
                    Err(CallError::Failed(Error::FutureRev)) => self.world.sleep(AGAIN_AFTER).await,
                    Ok(_) | Err(_) => break,
                }
            }
        }
        self.saved = Some(saved);
        Tried::Done
    }

    async fn disarm(&mut self) -> Tried {
        let Ok(alarms) = self.client.alarms().await else { return Tried::Again };
        for alarm in alarms {
            let _ = self.client.disarm(alarm).await;
        }
        match self.client.alarms().await {
            Ok(alarms) if alarms.is_empty() => Tried::Done,
            Ok(_) | Err(_) => Tried::Again,
        }
    }

    async fn make_room(&mut self, if_full: bool) -> Tried {
        let Ok(alarms) = self.client.alarms().await else { return Tried::Again };
        if if_full && alarms.is_empty() {
            return Tried::Done;
        }
        let Ok(read) = self.client.get(FIRST_KEY).await else { return Tried::Again };
        // What was compacted before is as good.
        let _ = self.client.compact(read.header.revision).await;
        self.world.sleep(COMPACTION).await;
        for member in self.world.members() {
            let _ = self.only_at(member).defragment().await;
        }
        for alarm in alarms.into_iter().filter(|alarm| alarm.alarm == AlarmKind::NoSpace) {
            let _ = self.client.disarm(alarm).await;
        }
        // It may have been raised again, by a member that had no room yet.
        match self.client.alarms().await {
            Ok(alarms) if alarms.is_empty() => Tried::Done,
            Ok(_) | Err(_) => Tried::Again,
        }
    }
}

/// The members with a vote, in the order of their ids.
fn voters_of(list: &ClusterResponse) -> Vec<u64> {
    list.members.iter().filter(|member| !member.is_learner).map(|voter| voter.id).collect()
}

#[cfg(test)]
mod tests;
