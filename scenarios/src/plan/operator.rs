//! The steps of a plan's operator, with every member it adds or removes.

use super::draw::draw_span;
use crate::scenario::{OperatorWorkload, Scenario};
use rand::Rng;
use rand::seq::SliceRandom;
use revline_sim::entropy::Generator;
use serde::{Deserialize, Serialize};

/// From one step of a task to the next, in milliseconds.
const STEP_MS: u64 = 200;

/// The last look at alarms comes so long after the clients ended, in milliseconds: their last calls are over then.
const LAST_LOOK_MS: u64 = 3_000;

/// Of so many alarms one is for corruption.
const CORRUPT_ONE_IN: u32 = 4;

/// A step of the operator and when it is due. It is late if the one before it took long.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedStep {
    /// Its time, in simulated milliseconds.
    pub at_ms: u64,
    /// The step.
    #[serde(rename = "do")]
    pub step: Step,
}

/// A step of the operator. One that fails is tried again for a while, and then given up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Step {
    /// Add a learner, and start it.
    AddLearner {
        /// An id that nobody had before.
        member: u64,
    },
    /// Add a member with a vote, and start it.
    AddVoter {
        /// An id that nobody had before.
        member: u64,
    },
    /// Promote a learner, once it has caught up.
    Promote {
        /// The id of the member.
        member: u64,
    },
    /// Remove a member.
    Remove {
        /// The id of the member.
        member: u64,
        /// Only if this one has a vote by now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        if_voter: Option<u64>,
    },
    /// A member loses its machine and its disk; not if the cluster could not bear that.
    Wipe {
        /// The id of the member.
        member: u64,
    },
    /// Give a member another name.
    Rename {
        /// The id of the member.
        member: u64,
        /// Its new name.
        name: String,
    },
    /// Let a member write its state anew.
    Defragment {
        /// The id of the member.
        member: u64,
    },
    /// By mistake: add a member that there is.
    AddAgain {
        /// Its id.
        member: u64,
    },
    /// By mistake: promote a member at once, be it started, caught up, or a learner at all.
    PromoteNow {
        /// Its id.
        member: u64,
    },
    /// By mistake: remove a member without a look at the others, be it down, or the leader.
    RemoveAnyway {
        /// Its id.
        member: u64,
    },
    /// By mistake: hand the leadership to a member, be it down.
    Lead {
        /// Its id.
        member: u64,
    },
    /// By mistake: hand the leadership to two members at once.
    LeadBoth {
        /// The id of the one.
        one: u64,
        /// The id of the other.
        other: u64,
    },
    /// By mistake: two changes of members at once.
    AddAndRemove {
        /// The id of the learner, which nobody had before.
        add: u64,
        /// The id of the member that is to go.
        remove: u64,
    },
    /// By mistake: add a learner although there is one.
    AddSecondLearner {
        /// An id that nobody had before.
        member: u64,
    },
    /// By mistake: remove the only member with a vote. Where there are several, nothing.
    RemoveOnly,
    /// Save a snapshot, and compare the hashes of all members at its revision.
    Save,
    /// Compact, defragment all members, and disarm the alarms for lack of space.
    MakeRoom {
        /// Only if such an alarm stands.
        if_full: bool,
    },
    /// Raise an alarm.
    RaiseAlarm {
        /// The id of the member that it is about; 0 for none in particular.
        member: u64,
        /// For corruption; otherwise for lack of space.
        corrupt: bool,
    },
    /// Ask every member which alarms stand.
    LookAtAlarms,
    /// Disarm the alarms that stand.
    DisarmAlarms,
    /// Ask every member who the members are, as far as it knows.
    LookAtMembers,
}

impl Step {
    /// The members that it names.
    pub fn members(&self) -> Vec<u64> {
        match self {
            Step::RaiseAlarm { member: 0, .. } => Vec::new(),
            Step::AddLearner { member }
            | Step::AddVoter { member }
            | Step::AddSecondLearner { member }
            | Step::Promote { member }
            | Step::Wipe { member }
            | Step::Rename { member, .. }
            | Step::AddAgain { member }
            | Step::PromoteNow { member }
            | Step::RemoveAnyway { member }
            | Step::Lead { member }
            | Step::Defragment { member }
            | Step::RaiseAlarm { member, .. } => vec![*member],
            Step::LeadBoth { one, other } => vec![*one, *other],
            Step::AddAndRemove { add, remove } => vec![*add, *remove],
            Step::Remove { member, if_voter } => [Some(*member), *if_voter].into_iter().flatten().collect(),
            Step::RemoveOnly
            | Step::Save
            | Step::MakeRoom { .. }
            | Step::LookAtAlarms
            | Step::DisarmAlarms
            | Step::LookAtMembers => Vec::new(),
        }
    }
}

impl Step {
    /// The member that it adds, if it adds one.
    pub(super) fn added(&self) -> Option<u64> {
        match self {
            Step::AddLearner { member } | Step::AddVoter { member } | Step::AddSecondLearner { member } => {
                Some(*member)
            }
            Step::AddAndRemove { add, .. } => Some(*add),
            _ => None,
        }
    }

    /// True if members come or go by it.
    pub(super) fn changes_members(&self) -> bool {
        matches!(self, Step::Remove { .. } | Step::RemoveAnyway { .. } | Step::Wipe { .. })
            || self.added().is_some()
    }
}

#[derive(Clone, Copy)]
enum Task {
    Churn,
    Replace,
    Defragment,
    Save,
    MakeRoom,
    Err,
    Alarm,
    Rare,
}

/// The steps of a scenario's operator; none if there is no operator.
pub(super) fn operator_steps(
    scenario: &Scenario,
    generator: &mut Generator,
    members: u64,
) -> Vec<PlannedStep> {
    let workload = &scenario.workload.operator;
    if !workload.works() {
        return Vec::new();
    }
    let mut steps = Vec::new();
    let mut present: Vec<u64> = (1..=members).collect();
    let mut next_id = members + 1;
    let mut at_ms = draw_span(generator, workload.first_ms);
    if workload.rare > 0 {
        steps.push(PlannedStep { at_ms, step: Step::RemoveOnly });
    }
    while at_ms < scenario.duration_ms {
        let position = generator.gen_range(0..present.len());
        let other = present[position];
        let new = next_id;
        let planned: Vec<Step> = match draw_task(workload, generator) {
            Task::Churn => vec![
                Step::AddLearner { member: new },
                Step::Promote { member: new },
                Step::Rename { member: new, name: format!("voter {new}") },
                Step::Remove { member: other, if_voter: Some(new) },
            ],
            Task::Replace => vec![
                Step::Wipe { member: other },
                Step::Remove { member: other, if_voter: None },
                Step::AddLearner { member: new },
                Step::Promote { member: new },
            ],
            Task::Defragment => vec![Step::Defragment { member: other }],
            Task::Save => vec![Step::Save],
            Task::MakeRoom => vec![Step::MakeRoom { if_full: true }],
            Task::Err => mistake(generator, other, new),
            Task::Alarm => vec![
                Step::RaiseAlarm { member: other, corrupt: generator.gen_ratio(1, CORRUPT_ONE_IN) },
                Step::LookAtAlarms,
                Step::LookAtAlarms,
                Step::DisarmAlarms,
            ],
            Task::Rare => seldom(generator, &present, other, new),
        };
        if planned.iter().any(|step| step.added() == Some(new)) {
            present[position] = new;
        }
        next_id += planned.iter().filter(|step| step.added().is_some()).count() as u64;
        for (count, step) in planned.into_iter().enumerate() {
            steps.push(PlannedStep { at_ms: at_ms + STEP_MS * count as u64, step });
        }
        at_ms += draw_span(generator, workload.pause_ms).max(1);
    }
    if workload.make_room > 0 {
        steps.push(PlannedStep {
            at_ms: scenario.duration_ms + LAST_LOOK_MS,
            step: Step::MakeRoom { if_full: false },
        });
    }
    if workload.alarm + workload.rare > 0 {
        let at_ms = scenario.duration_ms + LAST_LOOK_MS;
        steps.push(PlannedStep { at_ms, step: Step::DisarmAlarms });
    }
    steps.sort_by_key(|step| step.at_ms);
    steps
}

/// A task that an operator takes wrongly, and what it does to make up for it.
fn mistake(generator: &mut Generator, other: u64, new: u64) -> Vec<Step> {
    let (add, promote) = (Step::AddLearner { member: new }, Step::Promote { member: new });
    match generator.gen_range(0..5) {
        0 => vec![Step::AddAgain { member: other }, Step::PromoteNow { member: other }],
        1 => vec![
            add,
            Step::PromoteNow { member: new },
            promote,
            Step::Remove { member: other, if_voter: Some(new) },
        ],
        2 => vec![Step::RemoveAnyway { member: other }, add, promote],
        3 => vec![Step::Lead { member: other }],
        _ => vec![Step::AddAndRemove { add: new, remove: other }, promote],
    }
}

/// A task that seldom comes up.
fn seldom(generator: &mut Generator, present: &[u64], other: u64, new: u64) -> Vec<Step> {
    let gone = |member| Step::Remove { member, if_voter: Some(new) };
    match generator.gen_range(0..6) {
        4 | 5 if present.len() > 1 => {
            let next = present.iter().copied().find(|&id| id != other).unwrap_or(other);
            vec![Step::LeadBoth { one: other, other: next }]
        }
        0 => vec![Step::AddVoter { member: new }, Step::LookAtMembers, gone(other)],
        1 => {
            let second = Step::AddSecondLearner { member: new + 1 };
            let second_gone = Step::Remove { member: new + 1, if_voter: None };
            vec![
                Step::AddLearner { member: new },
                second,
                Step::Promote { member: new },
                second_gone,
                gone(other),
            ]
        }
        2 => vec![Step::RemoveOnly, Step::Rename { member: other, name: String::new() }, Step::LookAtMembers],
        _ => {
            vec![Step::RaiseAlarm { member: 0, corrupt: false }, Step::LookAtAlarms, Step::DisarmAlarms]
        }
    }
}

fn draw_task(workload: &OperatorWorkload, generator: &mut Generator) -> Task {
    let weights = [
        (workload.churn, Task::Churn),
        (workload.replace, Task::Replace),
        (workload.defragment, Task::Defragment),
        (workload.save, Task::Save),
        (workload.make_room, Task::MakeRoom),
        (workload.err, Task::Err),
        (workload.alarm, Task::Alarm),
        (workload.rare, Task::Rare),
    ];
    weights.choose_weighted(generator, |(weight, _)| *weight).expect("an operator has a task").1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;
    use crate::plan::{Plan, draw};
    use revline_store::defect::Defects;

    fn drawn(scenario: &str, seed: u64) -> Plan {
        draw(&catalogue::find(scenario).unwrap(), seed, Defects::NONE)
    }

    #[test]
    fn no_id_is_used_twice_and_only_members_go() {
        for seed in 0..20 {
            for scenario in ["membership-churn", "replace-member", "learner-catch-up"] {
                let plan = drawn(scenario, seed);
                plan.check().unwrap();
                let mut present: Vec<u64> = (1..=plan.simulation.members).collect();
                for planned in &plan.operator {
                    match planned.step {
                        Step::AddLearner { member } => present.push(member),
                        Step::Remove { member, .. } => {
                            let at = present.iter().position(|&id| id == member);
                            present.remove(at.expect("who goes was there"));
                        }
                        _ => {}
                    }
                }
                assert!(
                    present.len() as u64 >= plan.simulation.members - 1,
                    "{scenario} {seed}: {present:?}"
                );
            }
        }
    }

    #[test]
    fn a_plan_with_an_impossible_operator_is_refused() {
        let refused = |change: &dyn Fn(&mut Vec<PlannedStep>)| {
            let mut plan = drawn("membership-churn", 1);
            change(&mut plan.operator);
            plan.check().expect_err("an impossible plan").to_string()
        };
        let at_the_end = |step| PlannedStep { at_ms: 1_000_000, step };
        let twice = refused(&|steps| steps.push(at_the_end(Step::AddLearner { member: 1 })));
        assert!(twice.contains("member 1 is added twice"), "{twice}");
        let unknown = refused(&|steps| steps.push(at_the_end(Step::Promote { member: 900 })));
        assert!(unknown.contains("there is no member 900"), "{unknown}");
        let large = refused(&|steps| steps.push(at_the_end(Step::AddLearner { member: 1_000 })));
        assert!(large.contains("no member has the id 1000"), "{large}");
        let late = refused(&|steps| steps.insert(0, at_the_end(Step::Save)));
        assert!(late.contains("not in order of time"), "{late}");
    }
}
