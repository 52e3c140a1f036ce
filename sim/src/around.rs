//! The surroundings of a node: the parts of the world that the host of a machine may use.

use crate::alarms_seen::AlarmsSeen;
use crate::cpu::CpuConfig;
use crate::cx::Cx;
use crate::members_seen::MembersSeen;
use crate::network::Network;
use crate::recorder::Recorder;

/// The parts of the world around its nodes.
pub(crate) struct Around<'a> {
    pub cx: Cx<'a>,
    pub cpu: CpuConfig,
    pub network: &'a mut Network,
    pub recorder: &'a mut Recorder,
    pub members: &'a mut MembersSeen,
    pub alarms: &'a mut AlarmsSeen,
}
