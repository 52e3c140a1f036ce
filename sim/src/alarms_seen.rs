//! The alarms that members raised: each once, though every member applies it.

use crate::cx::Cx;
use crate::recorder::Recorder;
use crate::trace::{Event, NodeName};
use revline_checker::history::{AlarmKind as JudgedAlarm, MemberId as JudgedMember, Observation};
use revline_store::api::{Alarm, AlarmKind};
use std::collections::BTreeSet;

/// The alarms that were seen.
#[derive(Debug, Default)]
pub(crate) struct AlarmsSeen {
    /// The highest index that raised one.
    index: u64,
    /// The alarms that an operator raised. Nothing in the log tells them from those of a member.
    by_hand: BTreeSet<Alarm>,
}

impl AlarmsSeen {
    /// An operator raises an alarm.
    pub fn by_hand(&mut self, alarm: Alarm) {
        self.by_hand.insert(alarm);
    }

    /// A member applied the entry at `index`, and an alarm stands that did not before.
    pub fn raised(&mut self, cx: &mut Cx<'_>, recorder: &mut Recorder, index: u64, alarm: Alarm) {
        // The first member to apply it counts; the others, and those that start again, apply it later.
        if index <= self.index {
            return;
        }
        self.index = index;
        let judged = match alarm.alarm {
            AlarmKind::NoSpace => JudgedAlarm::NoSpace,
            AlarmKind::Corrupt => JudgedAlarm::Corrupt,
            AlarmKind::None => unreachable!("no member raises an alarm that is none"),
        };
        cx.record(NodeName(alarm.member), Event::Alarm { index, alarm: alarm.alarm });
        if self.by_hand.contains(&alarm) {
            return;
        }
        cx.counters.alarms_raised += 1;
        let (at_ns, member) = (cx.now_ns, JudgedMember(alarm.member));
        recorder.observe(Observation::Alarm { at_ns, member, alarm: judged });
    }
}
