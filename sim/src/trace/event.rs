//! The events of a trace.

use super::rows::{events, snake_case};
use super::value::{Lost, StoreHash, StreamName, Value, WatchName, Words};
use super::{Fingerprint, NodeName};
use crate::fault_id::FaultId;
use revline_store::api::AlarmKind;
use revline_store::disk::File;
use revline_store::machine::MemberId;
use revline_store::member::Role;
use std::fmt;

events! {
    /// A member sent a datagram.
    1 Send [message] {
        /// The receiver.
        to: NodeName,
        /// Its content.
        content: Fingerprint,
        /// Its size.
        bytes: u64
    } "send {message} to {to}  {content}  {bytes} B";

    /// A datagram arrived.
    2 Deliver [message] {
        /// The sender.
        from: NodeName,
        /// Its content.
        content: Fingerprint
    } "deliver {message} from {from}  {content}";

    /// A datagram was lost.
    3 Drop [message] {
        /// The receiver.
        to: NodeName,
        /// Its content.
        content: Fingerprint,
        /// The reason.
        why: Lost
    } "drop {message} to {to}  {content}  {why}";

    /// A datagram was duplicated.
    4 Duplicate [message] {
        /// The receiver.
        to: NodeName,
        /// Its content.
        content: Fingerprint
    } "duplicate {message} to {to}  {content}";

    /// A client opened a stream.
    5 StreamOpen {
        /// The server.
        to: NodeName,
        /// The stream.
        stream: StreamName
    } "open stream {stream} to {to}";

    /// A stream broke; the node is its client.
    6 StreamBreak {
        /// The server.
        with: NodeName,
        /// The stream.
        stream: StreamName
    } "stream {stream} with {with} broke";

    /// A frame was sent on a stream.
    7 FrameSend [message] {
        /// The receiver.
        to: NodeName,
        /// The stream.
        stream: StreamName,
        /// Its content.
        content: Fingerprint
    } "{message} to {to} on stream {stream}  {content}";

    /// A frame arrived.
    8 FrameDeliver [message] {
        /// The sender.
        from: NodeName,
        /// The stream.
        stream: StreamName,
        /// Its content.
        content: Fingerprint
    } "{message} from {from} on stream {stream}  {content}";

    /// Bytes were appended to a file.
    9 DiskAppend {
        /// The file.
        file: File,
        /// The number of bytes.
        bytes: u64,
        /// The bytes.
        content: Fingerprint
    } "append {bytes} B to {file}  {content}";

    /// A sync completed.
    10 DiskSync {
        /// The file.
        file: File,
        /// The number of its bytes that are durable.
        durable_bytes: u64
    } "synced {file}: {durable_bytes} B durable";

    /// A file was replaced.
    11 DiskReplace {
        /// The file.
        file: File,
        /// The number of bytes.
        bytes: u64,
        /// The bytes.
        content: Fingerprint
    } "replaced {file}: {bytes} B  {content}";

    /// A node crashed.
    12 Crash {
        /// The number of bytes of the log that survived.
        log_bytes: u64,
        /// The log that survived.
        log: Fingerprint,
        /// The snapshot.
        snapshot: Fingerprint
    } "crash; {log_bytes} B of the log survive  {log} {snapshot}";

    /// A process started.
    13 Start {
        /// The member's term.
        term: u64,
        /// The last index of its log.
        last_index: u64,
        /// The bytes of a torn record that were cut off.
        torn_bytes: u64
    } "start in term {term}, log ends at {last_index}, {torn_bytes} torn bytes cut";

    /// A process began to stand still.
    14 Pause {} "pause";

    /// It went on.
    15 Resume {} "resume";

    /// A fault struck. Its victims follow.
    16 Fault {
        /// Its words.
        what: Fingerprint,
        /// The fault.
        fault: FaultId
    } "fault {fault}: {what}";

    /// A fault was healed.
    17 Heal {
        /// The fault.
        fault: FaultId
    } "heal {fault}";

    /// A member's role changed.
    18 Role {
        /// Its role.
        role: Role,
        /// Its term.
        term: u64,
        /// The leader that it knows; 0 for none.
        leader: MemberId
    } "{role} in term {term}, leader {leader}";

    /// A member applied entries.
    19 Apply {
        /// The last index.
        index: u64,
        /// The revision of its store.
        revision: i64
    } "applied up to {index}, revision {revision}";

    /// A member's store was hashed.
    20 Hash {
        /// At this revision.
        revision: i64,
        /// Compacted up to this revision.
        compact_revision: i64,
        /// The hash.
        hash: StoreHash
    } "hash at revision {revision} (compacted {compact_revision}): {hash}";

    /// A member took a snapshot.
    21 SnapshotTake {
        /// Its index.
        index: u64
    } "took a snapshot at {index}";

    /// A member installed the leader's snapshot.
    22 SnapshotInstall {
        /// Its index.
        index: u64,
        /// The revision of the store.
        revision: i64
    } "installed a snapshot at {index}, revision {revision}";

    /// A client invoked an operation.
    23 Invoke {
        /// The number of the call.
        call: u64,
        /// The request.
        request: Fingerprint
    } "invoke operation {call}  {request}";

    /// An operation returned.
    24 Return {
        /// The number of the call.
        call: u64,
        /// The outcome.
        outcome: Fingerprint
    } "return operation {call}  {outcome}";

    /// A client received a watch response.
    25 WatchFrame {
        /// The watch.
        watch: WatchName,
        /// The revision in its header.
        revision: i64,
        /// Its content.
        content: Fingerprint
    } "watch {watch} at revision {revision}  {content}";

    /// A clock was changed.
    26 Clock {
        /// Its offset, in nanoseconds.
        offset_ns: i64,
        /// Its rate, in parts per million too fast.
        ppm: i64
    } "clock offset {offset_ns} ns, rate {ppm} ppm";

    /// A client began to believe that it holds a lock or leads.
    27 Hold {
        /// The number of the hold.
        hold: u64,
        /// The revision that created the key.
        created: i64,
        /// The revision at which it was so.
        since: i64
    } "hold {hold} since revision {since}, key of {created}";

    /// It ceased to.
    28 Release {
        /// The number of the hold.
        hold: u64
    } "hold {hold} is over";

    /// An observer of an election was shown a leader.
    29 Observed {
        /// The number of the observer.
        observer: u64,
        /// The revision at which it was so.
        revision: i64,
        /// The leader's key and value.
        content: Fingerprint
    } "observer {observer} sees a leader at revision {revision}  {content}";

    /// A client made a call that is no operation on keys.
    30 Ask {
        /// The number of the call.
        call: u64,
        /// The request.
        request: Fingerprint
    } "ask {call}  {request}";

    /// Such a call was answered.
    31 Answer {
        /// The number of the call.
        call: u64,
        /// The outcome.
        outcome: Fingerprint
    } "answer to {call}  {outcome}";

    /// The process of a removed member ended.
    32 Leave {} "removed; the process ends";

    /// A member's disk was lost.
    33 Wipe {} "the disk is lost";

    /// A member refused to start.
    34 Refuse {
        /// The reason.
        why: Fingerprint
    } "refuses to start  {why}";

    /// An alarm was raised.
    35 Alarm {
        /// The index of its entry.
        index: u64,
        /// The alarm.
        alarm: AlarmKind
    } "alarm {alarm} at index {index}";

    /// A process took a stream.
    36 StreamTaken {
        /// The client.
        client: NodeName,
        /// The stream.
        stream: StreamName,
        /// The number of the start of the process.
        incarnation: u64
    } "start {incarnation} takes stream {stream} of {client}";

    /// A fault struck this node.
    37 Victim {
        /// The fault.
        fault: FaultId
    } "struck by fault {fault}";

    /// A member told the digest of what it applied so far.
    38 Digest {
        /// The last index.
        index: u64,
        /// The term of its entry.
        term: u64,
        /// The digest.
        digest: Fingerprint
    } "digest up to {index} of term {term}: {digest}";

    /// A client joined.
    39 Join {} "joins";

    /// A machine panicked while it was stepped.
    40 Panic {
        /// The message of the panic.
        what: Fingerprint
    } "panic  {what}";

    /// The wall part of a clock was set.
    41 ClockSet {
        /// Its distance from where it should be, in milliseconds.
        off_ms: i64
    } "wall clock set to {off_ms} ms ahead of the truth";

    /// A disk operation failed.
    42 DiskFail {
        /// The failure, in words.
        what: Fingerprint
    } "disk operation failed  {what}";

    /// A process ended as its disk failed.
    43 Stop {
        /// The reason.
        why: Fingerprint
    } "stops  {why}";

    /// Durable bytes of a disk were damaged.
    44 Damage {
        /// The damage, in words.
        what: Fingerprint
    } "the disk is damaged  {what}";

    /// A damaged disk is as it was before.
    45 Repair {} "the disk is repaired";

    /// The program of a user's process began.
    46 Launch {
        /// The number of the start.
        start: u64
    } "start {start} of the process";

    /// It returned.
    47 Exit {
        /// The words of its error, empty without one.
        how: Fingerprint
    } "the process returns  {how}";

    /// A user's process was killed.
    48 Kill {} "the process is killed";

    /// A program observed something.
    49 Observe {
        /// Its name and its value.
        content: Fingerprint
    } "observes  {content}";
}
