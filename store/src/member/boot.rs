//! Starting a member from the contents of its disk.

use crate::auth::PermissionCache;
use crate::defect::{Defects, altered};
use crate::disk::DiskImage;
use crate::machine::MemberId;
use crate::mark::{Mark, reach_if};
use crate::member::event::MemberEvent;
use crate::member::log_store::LogStore;
use crate::member::state::command::Command;
use crate::member::state::{AppliedState, SnapshotError, decode_file};
use crate::member::{Config, Start};
use crate::wal::{self, ChainEnd, Recovered, WalError};
use raft::RawNode;
use raft::eraftpb::{ConfState, Entry, HardState};
use std::borrow::Cow;
use thiserror::Error;

/// The reason that a member refuses to start. Nothing on its disk was changed.
#[derive(Debug, Error)]
pub enum BootError {
    /// The write-ahead log cannot be used.
    #[error(transparent)]
    Wal(#[from] WalError),
    /// The snapshot cannot be used.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// Log and snapshot do not fit together.
    #[error(
        "write-ahead log: begins after entry {log_start}, but the snapshot ends at entry {snapshot_index}; \
         restore this member from its peers"
    )]
    Gap {
        /// The entry before the first one of the log.
        log_start: u64,
        /// The last entry the snapshot covers.
        snapshot_index: u64,
    },
    /// The disk of a member that had something on it is empty.
    #[error(
        "data directory: empty, but member {member} was started before; \
         remove it from the cluster and add it under a new id"
    )]
    Wiped {
        /// The member.
        member: MemberId,
    },
    /// There is a snapshot and no log: the promises of this member are lost.
    #[error(
        "write-ahead log: missing, but there is a snapshot that ends at entry {snapshot_index}; \
         restore this member from its peers"
    )]
    NoLog {
        /// The last entry the snapshot covers.
        snapshot_index: u64,
    },
    /// The log is the one that the snapshot goes on from, and ends before it: an older copy, or one that was cut.
    #[error(
        "write-ahead log: ends with record {last} of its chain, but record {secured} was durable before the snapshot \
         that ends at entry {snapshot_index}; restore this member from its peers"
    )]
    LogOlder {
        /// The last record of the log.
        last: u64,
        /// The record that the snapshot names.
        secured: u64,
        /// The last entry the snapshot covers.
        snapshot_index: u64,
    },
    /// The log has another record where the snapshot names one.
    #[error(
        "write-ahead log: its record {position} is not the one that the snapshot that ends at entry {snapshot_index} \
         was written after: log and snapshot are of different histories; restore this member from its peers"
    )]
    OtherLog {
        /// The position in the chain.
        position: u64,
        /// The last entry the snapshot covers.
        snapshot_index: u64,
    },
    /// The snapshot is an older copy than the one that the log was cut after, or there is none.
    #[error(
        "snapshot: ends at entry {snapshot_index}, but the write-ahead log goes on from one that ends at entry \
         {expected}; restore this member from its peers"
    )]
    SnapshotOlder {
        /// The last entry the snapshot covers; 0 if there is none.
        snapshot_index: u64,
        /// The last entry covered by the snapshot that the log names.
        expected: u64,
    },
    /// The log is shorter than its commit index.
    #[error("write-ahead log: ends at entry {last}, but says that {commit} is committed")]
    CommitBeyondLog {
        /// The last entry.
        last: u64,
        /// The commit index in the hard state.
        commit: u64,
    },
    /// Raft does not accept the configuration.
    #[error("raft: {0}")]
    Raft(#[from] raft::Error),
}

/// A member as its disk left it.
pub(super) struct Booted {
    pub raft: RawNode<LogStore>,
    pub state: AppliedState,
    /// The voters of the new cluster, if this member was one of them.
    pub initial_members: Vec<MemberId>,
    /// The last record of the log.
    pub log_end: ChainEnd,
    /// The log on the disk is not the one in memory: it has to be written anew.
    pub rewrite_log: bool,
    /// The report of the log and snapshot found.
    pub event: MemberEvent,
}

impl Booted {
    /// Reads a disk. An empty one is that of a new member, as [`Config::start`] says; otherwise the member goes on
    /// from its durable state: a torn last record is cut off, any other damage is an error.
    pub fn read(config: &Config, disk: &DiskImage) -> Result<Booted, BootError> {
        let wal_bytes = disk.wal.as_deref().unwrap_or_default();
        let wal_bytes =
            &*altered!(config.defects, rotten_record_skipped::read(wal_bytes), Cow::Borrowed(wal_bytes));
        let wal_bytes =
            &*altered!(config.defects, moved_record_accepted::read(wal_bytes), Cow::Borrowed(wal_bytes));
        let mut recovered = match &disk.wal {
            Some(_) => wal::recover(wal_bytes, config.cluster_id, config.id)?,
            None => Recovered::default(),
        };
        altered!(
            config.defects,
            torn_record_accepted::accept(&mut recovered, wal_bytes, |entry| Command::is_write(&entry.data)),
            ()
        );
        let (snapshot, secured) = match &disk.snapshot {
            Some(file) => decode_file(file, config.cluster_id, config.id)?,
            None => Default::default(),
        };
        let snapshot_position = (snapshot.get_metadata().index, snapshot.get_metadata().term);
        if disk.wal.is_none() && disk.snapshot.is_some() {
            return Err(BootError::NoLog { snapshot_index: snapshot_position.0 });
        }
        check_fit(&recovered, snapshot_position.0, secured)?;
        let torn_bytes = wal_bytes.len() - recovered.valid_bytes;
        reach_if(torn_bytes > 0, Mark::TornRecord);
        let starts_empty = recovered.valid_bytes == 0;
        let initial_members = match config.start {
            _ if !starts_empty => recovered.initial_members.clone(),
            Start::New => config.members.clone(),
            Start::Joining => Vec::new(),
            Start::Restart => return Err(BootError::Wiped { member: config.id }),
        };
        assert!(
            initial_members.is_empty() || initial_members.contains(&config.id),
            "an initial member is one of the members"
        );

        // A snapshot that was taken over from a leader is durable before the log that goes on from it.
        // A crash in between leaves a log that ends before the snapshot, or went another way.
        let log_is_older = recovered.term_at(snapshot_position.0) != Some(snapshot_position.1);
        let (start, entries): (_, Vec<Entry>) = if log_is_older {
            (snapshot_position, Vec::new())
        } else {
            (recovered.start, recovered.entries.into_iter().map(Entry::from).collect())
        };
        let hard_state =
            hard_state_of(recovered.hard_state, snapshot_position, entries.last(), &config.defects);
        let last = start.0 + entries.len() as u64;
        if hard_state.commit > last {
            return Err(BootError::CommitBeyondLog { last, commit: hard_state.commit });
        }
        let (conf_state, state) = if disk.snapshot.is_none() {
            let voters = ConfState::from((initial_members.clone(), Vec::new()));
            (voters, AppliedState::new(&initial_members, &config.defects))
        } else {
            let state = AppliedState::from_snapshot(&snapshot, PermissionCache::default(), &config.defects)?;
            (snapshot.get_metadata().get_conf_state().clone(), state)
        };
        let event = MemberEvent::Started {
            term: hard_state.term,
            last_index: last,
            snapshot_index: snapshot_position.0,
            torn_bytes,
        };
        let commit = hard_state.commit;
        let log = LogStore::new(start, entries, hard_state, conf_state, snapshot);
        let logger = slog::Logger::root(slog::Discard, slog::o!());
        // Raft goes on applying after what is committed for certain, and is in the snapshot.
        let raft = RawNode::new(&config.raft(state.index.min(commit)), log, &logger)?;
        let rewrite_log = starts_empty || torn_bytes > 0 || log_is_older || config.after_disk_failure;
        Ok(Booted { raft, state, initial_members, log_end: recovered.end, rewrite_log, event })
    }
}

/// Checks that a log and a snapshot were beside each other on one disk.
///
/// The snapshot is replaced first, then the log. A crash in between leaves the old log, which reaches the record that
/// the snapshot names; after that the log names the snapshot.
fn check_fit(log: &Recovered, snapshot_index: u64, secured: ChainEnd) -> Result<(), BootError> {
    if log.start.0 > snapshot_index {
        return Err(BootError::Gap { log_start: log.start.0, snapshot_index });
    }
    if log.snapshot_index > snapshot_index {
        return Err(BootError::SnapshotOlder { snapshot_index, expected: log.snapshot_index });
    }
    if log.end.position < secured.position {
        return Err(BootError::LogOlder {
            last: log.end.position,
            secured: secured.position,
            snapshot_index,
        });
    }
    match log.link_at(secured.position) {
        Some(link) if link != secured.link => {
            Err(BootError::OtherLog { position: secured.position, snapshot_index })
        }
        _ => Ok(()),
    }
}

/// The hard state to go on with, from the log, the snapshot's end and the last entry.
///
/// Entries are written before the term they came in, and a snapshot before the log that goes on from it. A
/// crash in between leaves a term behind that was never saved as such, and in which nothing was promised.
fn hard_state_of(
    (term, vote, commit): (u64, MemberId, u64),
    snapshot: (u64, u64),
    last: Option<&Entry>,
    defects: &Defects,
) -> HardState {
    let newest_term = term.max(snapshot.1).max(last.map_or(0, |entry| entry.term));
    HardState {
        term: newest_term,
        vote: if newest_term == term { vote } else { raft::INVALID_ID },
        commit: altered!(defects, snapshot_ahead_of_hard_state::commit(commit), commit.max(snapshot.0)),
        ..HardState::default()
    }
}
