//! The applied state: the store, and how far the log has been applied to it. One thing, saved as one.

pub(super) mod alarms;
pub(super) mod command;
pub(super) mod permit;
pub(super) mod restore;
pub(super) mod saved_snapshot;

use crate::api::{Alarm, AlarmRequest, MaintenanceResponse, ResponseHeader};
use crate::auth::{AuthData, AuthStore, PermissionCache};
use crate::defect::{Defects, altered};
use crate::machine::{ClusterId, MemberId};
use crate::member::Output;
use crate::member::event::MemberEvent;
use crate::member::membership::Membership;
use crate::member::state::alarms::Alarms;
use crate::member::state::command::AppliedRequests;
use crate::mvcc::{HashKv, Store};
use crate::wal::{ChainEnd, file_of_one_frame, whole_frame};
use raft::eraftpb::{ConfState, Entry, Snapshot};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

/// The replicated state machine.
#[derive(Debug)]
pub(super) struct AppliedState {
    pub store: Store,
    pub requests: AppliedRequests,
    pub membership: Membership,
    pub alarms: Alarms,
    pub auth: AuthStore,
    /// The index and the term of the last entry applied.
    pub index: u64,
    pub term: u64,
    /// A running hash of index, term and data of every entry up to there.
    pub digest: u64,
}

/// The state as bytes, in a snapshot file and on the way to a follower that fell behind.
#[derive(Serialize, Deserialize)]
struct StateForm {
    digest: u64,
    requests: AppliedRequests,
    membership: Membership,
    alarms: Alarms,
    auth: AuthData,
    store: Vec<u8>,
}

/// The member that wrote a snapshot file, and the log beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SnapshotOrigin {
    pub cluster_id: ClusterId,
    pub member_id: MemberId,
    /// A record of the log that was durable when the snapshot was.
    pub log: ChainEnd,
}

/// A snapshot with its position, as a file.
#[derive(Serialize, Deserialize)]
struct SnapshotForm {
    origin: SnapshotOrigin,
    index: u64,
    term: u64,
    voters: Vec<MemberId>,
    voters_outgoing: Vec<MemberId>,
    learners: Vec<MemberId>,
    learners_next: Vec<MemberId>,
    auto_leave: bool,
    state: Vec<u8>,
}

/// The reason that a snapshot cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SnapshotError {
    /// The file is damaged.
    #[error("snapshot: {what}; restore this member from its peers")]
    Corrupt {
        /// The contradiction or the error of the decoder.
        what: String,
    },
    /// The file is whole, and of another member.
    #[error(
        "snapshot: belongs to member {found_member} of cluster {found_cluster}, \
         expected member {member} of cluster {cluster}"
    )]
    Foreign {
        /// The member that starts.
        member: MemberId,
        /// Its cluster.
        cluster: ClusterId,
        /// The member in the file.
        found_member: MemberId,
        /// The cluster in the file.
        found_cluster: ClusterId,
    },
}

fn corrupt(what: impl std::fmt::Display) -> SnapshotError {
    SnapshotError::Corrupt { what: what.to_string() }
}

impl AppliedState {
    /// The state of a new cluster of these voters.
    pub fn new(initial_members: &[MemberId], defects: &Defects) -> AppliedState {
        AppliedState {
            store: Store::new(*defects),
            requests: AppliedRequests::default(),
            membership: Membership::of(initial_members),
            alarms: Alarms::default(),
            auth: AuthStore::new(*defects),
            index: 0,
            term: 0,
            digest: 0,
        }
    }

    /// Notes that the state now includes `entry`, the next one of the log.
    pub fn advance(&mut self, entry: &Entry) {
        assert_eq!(entry.index, self.index + 1, "entries are applied in order, without gaps");
        let mut before = [0; 24];
        before[..8].copy_from_slice(&self.digest.to_le_bytes());
        before[8..16].copy_from_slice(&entry.index.to_le_bytes());
        before[16..].copy_from_slice(&entry.term.to_le_bytes());
        self.digest = xxh3_64_with_seed(&entry.data, xxh3_64(&before));
        self.index = entry.index;
        self.term = entry.term;
    }

    /// Applies a change of alarms, and reports one that did not stand before.
    pub fn apply_alarm(&mut self, request: &AlarmRequest, out: &mut Vec<Output>) -> MaintenanceResponse {
        let alarm = Alarm { member: request.member, alarm: request.alarm };
        let stood = self.alarms.stands(&alarm);
        let alarms = self.alarms.apply(request);
        if !stood && self.alarms.stands(&alarm) {
            out.push(Output::Event(MemberEvent::AlarmRaised { index: self.index, alarm }));
        }
        MaintenanceResponse::Alarm { header: ResponseHeader::at(self.store.revision()), alarms }
    }

    /// The hash of the store at its current revision.
    pub fn hash(&self) -> HashKv {
        self.store.hash_kv(0).expect("the current revision is never compacted")
    }

    /// A snapshot of the present state.
    pub fn snapshot(&self, conf_state: &ConfState) -> Snapshot {
        let form = StateForm {
            digest: self.digest,
            requests: self.requests.clone(),
            membership: self.membership.clone(),
            alarms: self.alarms.clone(),
            auth: self.auth.data().clone(),
            store: self.store.snapshot(),
        };
        let data = postcard::to_stdvec(&form).expect("a state is always encodable");
        let mut snapshot = Snapshot { data: data.into(), ..Snapshot::default() };
        let metadata = snapshot.mut_metadata();
        metadata.index = self.index;
        metadata.term = self.term;
        metadata.set_conf_state(conf_state.clone());
        snapshot
    }

    /// The state in a snapshot. `permissions` are those of the member that takes it over; none if it starts with it.
    pub fn from_snapshot(
        snapshot: &Snapshot,
        permissions: PermissionCache,
        defects: &Defects,
    ) -> Result<AppliedState, SnapshotError> {
        let form: StateForm = postcard::from_bytes(&snapshot.data).map_err(corrupt)?;
        Ok(AppliedState {
            store: Store::restore(&form.store, *defects).map_err(corrupt)?,
            requests: form.requests,
            membership: form.membership,
            alarms: if altered!(defects, alarm_forgotten_by_snapshot) {
                Alarms::default()
            } else {
                form.alarms
            },
            auth: AuthStore::restore(form.auth, permissions, *defects),
            index: snapshot.get_metadata().index,
            term: snapshot.get_metadata().term,
            digest: form.digest,
        })
    }
}

/// The snapshot of a member that saves how far it applied the log apart from the data: the one out of `position`,
/// the other out of `data`. No member should.
#[cfg(feature = "defects")]
pub(crate) fn mix(position: &Snapshot, data: &Snapshot) -> Snapshot {
    let StateForm { alarms, auth, store, .. } = form_of(data);
    with_form(position, &StateForm { alarms, auth, store, ..form_of(position) })
}

/// The snapshot of a member that saves users and roles apart from how far it applied the log: all but those out of
/// `position`. No member should.
#[cfg(feature = "defects")]
pub(crate) fn mix_auth(position: &Snapshot, data: &Snapshot) -> Snapshot {
    with_form(position, &StateForm { auth: form_of(data).auth, ..form_of(position) })
}

#[cfg(feature = "defects")]
fn form_of(snapshot: &Snapshot) -> StateForm {
    postcard::from_bytes(&snapshot.data).expect("a member reads what it wrote")
}

#[cfg(feature = "defects")]
fn with_form(snapshot: &Snapshot, form: &StateForm) -> Snapshot {
    let data = postcard::to_stdvec(form).expect("a state is always encodable");
    Snapshot { data: data.into(), ..snapshot.clone() }
}

/// The content of a snapshot file.
pub(super) fn encode_file(snapshot: &Snapshot, origin: SnapshotOrigin) -> Vec<u8> {
    let metadata = snapshot.get_metadata();
    let conf = metadata.get_conf_state();
    let form = SnapshotForm {
        origin,
        index: metadata.index,
        term: metadata.term,
        voters: conf.voters.clone(),
        voters_outgoing: conf.voters_outgoing.clone(),
        learners: conf.learners.clone(),
        learners_next: conf.learners_next.clone(),
        auto_leave: conf.auto_leave,
        state: snapshot.data.to_vec(),
    };
    file_of_one_frame(&postcard::to_stdvec(&form).expect("a snapshot is always encodable"))
}

/// The snapshot in a file of this member, and the record of the log that was durable with it. The file was replaced
/// atomically, so any damage is corruption.
pub(super) fn decode_file(
    file: &[u8],
    cluster: ClusterId,
    member: MemberId,
) -> Result<(Snapshot, ChainEnd), SnapshotError> {
    let payload = whole_frame(file).ok_or_else(|| corrupt("its checksum is wrong"))?;
    let form: SnapshotForm = postcard::from_bytes(payload).map_err(corrupt)?;
    let SnapshotOrigin { cluster_id: found_cluster, member_id: found_member, log } = form.origin;
    if (found_cluster, found_member) != (cluster, member) {
        return Err(SnapshotError::Foreign { member, cluster, found_member, found_cluster });
    }
    let mut snapshot = Snapshot { data: form.state.into(), ..Snapshot::default() };
    let metadata = snapshot.mut_metadata();
    metadata.index = form.index;
    metadata.term = form.term;
    let conf = metadata.mut_conf_state();
    conf.voters = form.voters;
    conf.voters_outgoing = form.voters_outgoing;
    conf.learners = form.learners;
    conf.learners_next = form.learners_next;
    conf.auto_leave = form.auto_leave;
    Ok((snapshot, log))
}
