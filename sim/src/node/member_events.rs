//! The events of members, as trace, history and counters have them.

use super::member::MemberHost;
use crate::around::Around;
use crate::trace::{Kind, NodeName};
use revline_checker::history::{MemberId as JudgedMember, Observation};
use revline_store::machine::MemberId;
use revline_store::member::{MemberEvent, Role};

/// Records an event of a member.
pub(super) fn happened(around: &mut Around<'_>, of: &MemberHost, event: MemberEvent) {
    let (id, node, at_ns) = (of.id, NodeName(of.id), around.cx.now_ns);
    let member = JudgedMember(id);
    match event {
        MemberEvent::Started { term, last_index, snapshot_index: _, torn_bytes } => {
            around.cx.counters.torn_logs += u64::from(torn_bytes > 0);
            around.members.started(id, term);
            around.cx.record(Kind::Start, node, [term, last_index, torn_bytes as u64]);
            if !of.apart {
                around.recorder.observe(Observation::Started { at_ns, member });
            }
        }
        MemberEvent::Role { role, term, leader, last_index } => {
            let became_leader = around.members.role_changed(id, role, term);
            around.cx.record(Kind::Role, node, [role as u64, term, leader]);
            if became_leader && !of.apart {
                led(around, id, term, last_index);
            }
        }
        MemberEvent::Applied { index, revision } => {
            around.members.applied(id, revision);
            around.cx.record(Kind::Apply, node, [index, revision as u64, 0]);
        }
        MemberEvent::Digest { index, term, digest } => {
            around.cx.record(Kind::Digest, node, [index, term, digest]);
            around.recorder.observe(Observation::Applied { at_ns, member, index, term, digest });
        }
        MemberEvent::Hash { revision, compact_revision, hash } => {
            hashed(around, id, (revision, compact_revision), hash);
        }
        MemberEvent::Compared { .. } => around.cx.counters.members_compared += 1,
        MemberEvent::AlarmRaised { index, alarm } if !of.apart => {
            around.alarms.raised(&mut around.cx, around.recorder, index, alarm);
        }
        MemberEvent::AlarmRaised { .. } => {}
        MemberEvent::SnapshotTaken { index } => around.cx.record(Kind::SnapshotTake, node, [index, 0, 0]),
        MemberEvent::SnapshotInstalled { index, revision } => {
            around.members.applied(id, revision);
            around.cx.counters.snapshots_installed += 1;
            around.cx.record(Kind::SnapshotInstall, node, [index, revision as u64, 0]);
        }
        MemberEvent::Removed => unreachable!("the host ends the process of a removed member"),
    }
}

fn led(around: &mut Around<'_>, id: MemberId, term: u64, last_index: u64) {
    around.cx.counters.elections += 1;
    around.cx.counters.two_leaders += u64::from(around.members.with_role(Role::Leader) > 1);
    let (at_ns, member) = (around.cx.now_ns, JudgedMember(id));
    around.recorder.observe(Observation::Leader { at_ns, member, term, last_index: Some(last_index) });
}

/// Records the hash of a member's store at this revision, with this compacted revision.
pub(crate) fn hashed(
    around: &mut Around<'_>,
    id: MemberId,
    (revision, compact_revision): (i64, i64),
    hash: u32,
) {
    let arguments = [revision as u64, compact_revision as u64, u64::from(hash)];
    around.cx.record(Kind::Hash, NodeName(id), arguments);
    let (at_ns, member) = (around.cx.now_ns, JudgedMember(id));
    around.recorder.observe(Observation::Hash { at_ns, member, revision, compact_revision, hash });
}
