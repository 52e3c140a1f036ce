//! The alarms that members raised: each once, though every member applies it.

use crate::cx::Cx;
use crate::recorder::Recorder;
use crate::trace::{Event, NodeName};
use crate::translate::admin::alarm_kind;
use revline_checker::history::{MemberId as JudgedMember, Observation};
use revline_store::api::Alarm;
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
        let judged = alarm_kind(alarm.alarm).expect("an alarm that is none never stands");
        cx.record(NodeName(alarm.member), Event::Alarm { index, alarm: alarm.alarm });
        let by_operator = self.by_hand.contains(&alarm);
        cx.counters.alarms_raised += u64::from(!by_operator);
        let (at_ns, member) = (cx.now_ns, JudgedMember(alarm.member));
        recorder.observe(Observation::Alarm { at_ns, member, alarm: judged, by_operator });
    }
}
