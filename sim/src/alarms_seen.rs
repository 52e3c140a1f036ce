//! The alarms that members raised, as the host sees them: each once, though every member applies it.

use crate::state::{State, node_of};
use crate::trace::Kind;
use revline_checker::history::{AlarmKind as JudgedAlarm, MemberId as JudgedMember, Observation};
use revline_store::api::{Alarm, AlarmKind};
use revline_store::machine::MemberId;
use std::collections::BTreeSet;

/// Which alarms were seen.
#[derive(Debug, Default)]
pub(crate) struct AlarmsSeen {
    /// The highest index that raised one.
    index: u64,
    /// What an operator asked for. Nothing tells it from what a member raises once it is in the log.
    by_hand: BTreeSet<Alarm>,
}

impl AlarmsSeen {
    /// An operator raises an alarm.
    pub fn by_hand(&mut self, alarm: Alarm) {
        self.by_hand.insert(alarm);
    }
}

impl State {
    /// A member applied the entry at `index`, and an alarm stands that did not before.
    pub fn alarm_raised(&mut self, at: MemberId, index: u64, alarm: Alarm) {
        // Whoever applies it first tells of it; and whoever starts again applies it again.
        if self.slot(at).apart || index <= self.alarms.index {
            return;
        }
        self.alarms.index = index;
        let judged = match alarm.alarm {
            AlarmKind::NoSpace => JudgedAlarm::NoSpace,
            AlarmKind::Corrupt => JudgedAlarm::Corrupt,
            AlarmKind::None => unreachable!("no member raises an alarm that is none"),
        };
        self.record(Kind::Alarm, node_of(alarm.member), [index, alarm.alarm as u64, 0]);
        if self.alarms.by_hand.contains(&alarm) {
            return;
        }
        self.counters.alarms_raised += 1;
        let (at_ns, member) = (self.now_ns, JudgedMember(alarm.member));
        self.recorder.observe(Observation::Alarm { at_ns, member, alarm: judged });
    }
}
