//! The ways in which a generated history of alarms and changes of members can be wrong.

use std::fmt;

/// A flaw that is put into a history of alarms and members, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ClusterFlaw {
    /// An alarm that stands is left out of an answer.
    AlarmForgotten,
    /// An alarm that was disarmed is shown.
    AlarmStays,
    /// A put succeeds while NOSPACE stands.
    PutWithoutSpace,
    /// A delete succeeds while CORRUPT stands.
    AppliedWhileCorrupt,
    /// A put is refused because of CORRUPT, which does not stand.
    RefusedWithoutAlarm,
    /// A learner is promoted with an empty log.
    PromotedEarly,
    /// A member knows one member less than another.
    OtherMembers,
    /// A learner answers a linearizable read.
    LearnerAnswers,
    /// A list lacks a member that had been added.
    MemberMissing,
}

impl ClusterFlaw {
    /// All of them.
    pub const ALL: &[ClusterFlaw] = &[
        ClusterFlaw::AlarmForgotten,
        ClusterFlaw::AlarmStays,
        ClusterFlaw::PutWithoutSpace,
        ClusterFlaw::AppliedWhileCorrupt,
        ClusterFlaw::RefusedWithoutAlarm,
        ClusterFlaw::PromotedEarly,
        ClusterFlaw::OtherMembers,
        ClusterFlaw::LearnerAnswers,
        ClusterFlaw::MemberMissing,
    ];

    /// The guarantee that it violates.
    pub fn guarantee(self) -> &'static str {
        match self {
            ClusterFlaw::AlarmForgotten
            | ClusterFlaw::AlarmStays
            | ClusterFlaw::PutWithoutSpace
            | ClusterFlaw::AppliedWhileCorrupt
            | ClusterFlaw::RefusedWithoutAlarm => "alarm-respected",
            ClusterFlaw::PromotedEarly
            | ClusterFlaw::OtherMembers
            | ClusterFlaw::LearnerAnswers
            | ClusterFlaw::MemberMissing => "membership",
        }
    }
}

impl fmt::Display for ClusterFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}
