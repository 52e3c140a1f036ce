//! The events of members, as trace, history and counters have them.

use super::member::MemberHost;
use crate::around::Around;
use crate::details;
use crate::trace::{Event, Fingerprint, NodeName, StoreHash};
use revline_checker::history::{MemberId as JudgedMember, Observation};
use revline_store::machine::MemberId;
use revline_store::member::{MemberEvent, Role};

/// Records an event of a member.
pub(super) fn happened(around: &mut Around<'_>, of: &MemberHost, event: MemberEvent) {
    let (id, node, at_ns) = (of.id, NodeName(of.id), around.cx.now_ns);
    let member = JudgedMember(id);
    match event {
        MemberEvent::Started { term, last_index, snapshot_index, torn_bytes } => {
            around.cx.trace.restored(node, snapshot_index);
            around.cx.counters.torn_logs += u64::from(torn_bytes > 0);
            around.members.started(id, term);
            let torn_bytes = torn_bytes as u64;
            around.cx.record(node, Event::Start { term, last_index, torn_bytes });
            if !of.apart {
                around.recorder.observe(Observation::Started { at_ns, member });
            }
        }
        MemberEvent::Role { role, term, leader, last_index } => {
            let became_leader = around.members.role_changed(id, role, term);
            around.cx.record(node, Event::Role { role, term, leader });
            if became_leader && !of.apart {
                led(around, id, term, last_index);
            }
        }
        MemberEvent::Applied { index, revision } => {
            around.members.applied(id, revision);
            let entries = details::entries_applied(around.cx.trace, node, index);
            around.cx.record_with(node, Event::Apply { index, revision }, || entries.unwrap_or_default());
        }
        MemberEvent::Digest { index, term, digest } => {
            around.cx.record(node, Event::Digest { index, term, digest: Fingerprint(digest) });
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
        MemberEvent::Members { index, changed, members } if !of.apart => {
            let members = members.iter().map(|member| around.members.as_judged(member)).collect();
            around.recorder.observe(Observation::Members { at_ns, member, index, changed, members });
        }
        MemberEvent::Members { .. } => {}
        MemberEvent::Persisted { last_index } => around.members.persisted(id, last_index),
        MemberEvent::SnapshotTaken { index } => around.cx.record(node, Event::SnapshotTake { index }),
        MemberEvent::SnapshotInstalled { index, revision } => {
            around.members.applied(id, revision);
            around.cx.counters.snapshots_installed += 1;
            around.cx.trace.restored(node, index);
            around.cx.record(node, Event::SnapshotInstall { index, revision });
        }
        MemberEvent::Removed | MemberEvent::Forgot { .. } | MemberEvent::Failed { .. } => {
            unreachable!("the host ends the process of a member that can do nothing any more")
        }
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
    around.cx.record(NodeName(id), Event::Hash { revision, compact_revision, hash: StoreHash(hash) });
    let (at_ns, member) = (around.cx.now_ns, JudgedMember(id));
    around.recorder.observe(Observation::Hash { at_ns, member, revision, compact_revision, hash });
}
