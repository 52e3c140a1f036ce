//! One thing that happened.

use std::fmt;

/// What happened. The numbers are part of the hash, and so of every bundle: append, never renumber.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Kind {
    /// A member sent a datagram. Arguments: to, fingerprint, bytes.
    Send = 1,
    /// A datagram arrived. Arguments: from, fingerprint.
    Deliver = 2,
    /// A datagram was lost. Arguments: to, fingerprint, why (0 partition, 1 loss, 2 receiver down).
    Drop = 3,
    /// A datagram was duplicated. Arguments: to, fingerprint.
    Duplicate = 4,
    /// A client opened a stream. Arguments: to, stream.
    StreamOpen = 5,
    /// A stream broke. Arguments: other end, stream.
    StreamBreak = 6,
    /// A frame was sent on a stream. Arguments: to, stream.
    FrameSend = 7,
    /// A frame arrived. Arguments: from, stream.
    FrameDeliver = 8,
    /// Bytes were appended to a file. Arguments: file, bytes.
    DiskAppend = 9,
    /// A sync completed. Arguments: file, durable bytes.
    DiskSync = 10,
    /// A file was replaced. Arguments: file, bytes.
    DiskReplace = 11,
    /// A node crashed. Arguments: bytes of the log that survived.
    Crash = 12,
    /// A member started. Arguments: term, last index, torn bytes.
    Start = 13,
    /// A node was paused.
    Pause = 14,
    /// A node was resumed.
    Resume = 15,
    /// A fault struck. Arguments: fingerprint.
    Fault = 16,
    /// A fault was healed. Arguments: fingerprint.
    Heal = 17,
    /// A member's role changed. Arguments: role (0 follower, 1 pre-candidate, 2 candidate, 3 leader), term, leader.
    Role = 18,
    /// A member applied entries. Arguments: index, revision.
    Apply = 19,
    /// A member's store was hashed. Arguments: revision, compacted revision, hash.
    Hash = 20,
    /// A member took a snapshot. Arguments: index.
    SnapshotTake = 21,
    /// A member installed the leader's snapshot. Arguments: index, revision.
    SnapshotInstall = 22,
    /// A client invoked an operation. Arguments: operation, fingerprint of the request.
    Invoke = 23,
    /// An operation returned. Arguments: operation, fingerprint of the outcome.
    Return = 24,
    /// A client received a watch frame. Arguments: watch, revision, fingerprint.
    WatchFrame = 25,
    /// A clock was changed. Arguments: offset in nanoseconds, rate in parts per million.
    Clock = 26,
    /// A client began to believe that it holds a lock or leads. Arguments: hold, revision that created the key,
    /// revision at which it was so.
    Hold = 27,
    /// It ceased to. Arguments: hold.
    Release = 28,
    /// An observer was shown a leader. Arguments: observer, revision, fingerprint.
    Observed = 29,
    /// A client asked for what is no operation on keys. Arguments: call, fingerprint of the request.
    Ask = 30,
    /// It was answered. Arguments: call, fingerprint of what came of it.
    Answer = 31,
    /// The process of a removed member ended.
    Leave = 32,
    /// A member's disk was lost.
    Wipe = 33,
    /// A member refused to start. Arguments: fingerprint of the reason.
    Refuse = 34,
    /// An alarm was raised. Arguments: index, kind (1 NOSPACE, 2 CORRUPT).
    Alarm = 35,
    /// A machine panicked while it was stepped. Arguments: fingerprint of what it said.
    Panic = 36,
}

/// A node as the trace names it: members and proxies by their id, clients from [`NodeName::FIRST_CLIENT`] on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeName(pub u32);

impl NodeName {
    /// The world itself.
    pub const WORLD: NodeName = NodeName(0);
    /// Above begin the proxies.
    pub const FIRST_PROXY: u32 = 100;
    /// The first client.
    pub const FIRST_CLIENT: u32 = 1000;

    /// Whether it is a proxy.
    pub fn is_proxy(self) -> bool {
        (Self::FIRST_PROXY + 1..Self::FIRST_CLIENT).contains(&self.0)
    }

    /// Whether it is a client.
    pub fn is_client(self) -> bool {
        self.0 >= Self::FIRST_CLIENT
    }
}

impl fmt::Display for NodeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("world"),
            member if member <= Self::FIRST_PROXY => write!(f, "m{member}"),
            proxy if proxy < Self::FIRST_CLIENT => write!(f, "p{}", proxy - Self::FIRST_PROXY),
            client => write!(f, "c{}", client - Self::FIRST_CLIENT),
        }
    }
}

impl fmt::Debug for NodeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// One thing that happened, when, and to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// Simulated time, in nanoseconds since the world began.
    pub at_ns: u64,
    /// What.
    pub kind: Kind,
    /// To whom.
    pub node: NodeName,
    /// What kind of message it was, for datagrams and frames, in the store's own words; empty otherwise.
    pub message: &'static str,
    /// The particulars, as [`Kind`] says.
    pub arguments: [u64; 3],
}

impl Record {
    pub(crate) fn to_bytes(self) -> [u8; 48] {
        let mut bytes = [0; 48];
        let words = [
            self.at_ns,
            self.kind as u64,
            u64::from(self.node.0),
            self.arguments[0],
            self.arguments[1],
            self.arguments[2],
        ];
        for (slot, word) in bytes.chunks_exact_mut(8).zip(words) {
            slot.copy_from_slice(&word.to_le_bytes());
        }
        bytes
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c] = self.arguments;
        let node_a = NodeName(a as u32);
        let message = self.message;
        let file = if a == 0 { "the log" } else { "the snapshot" };
        write!(f, "{:>14.6} ms  {:<5} ", self.at_ns as f64 / 1e6, self.node.to_string())?;
        match self.kind {
            Kind::Send => write!(f, "send {message} to {node_a}  {b:016x}  {c} B"),
            Kind::Deliver => write!(f, "deliver {message} from {node_a}  {b:016x}"),
            Kind::Drop => {
                let why = ["partition", "loss", "receiver down"].get(c as usize).unwrap_or(&"?");
                write!(f, "drop {message} to {node_a}  {b:016x}  {why}")
            }
            Kind::Duplicate => write!(f, "duplicate {message} to {node_a}  {b:016x}"),
            Kind::StreamOpen => write!(f, "open stream {b} to {node_a}"),
            Kind::StreamBreak => write!(f, "stream {b} with {node_a} broke"),
            Kind::FrameSend => write!(f, "{message} to {node_a} on stream {b}"),
            Kind::FrameDeliver => write!(f, "{message} from {node_a} on stream {b}"),
            Kind::DiskAppend => write!(f, "append {b} B to {file}"),
            Kind::DiskSync => write!(f, "synced {file}: {b} B durable"),
            Kind::DiskReplace => write!(f, "replaced {file}: {b} B"),
            Kind::Crash => write!(f, "crash; {a} B of the log survive"),
            Kind::Start => write!(f, "start in term {a}, log ends at {b}, {c} torn bytes cut"),
            Kind::Pause => write!(f, "pause"),
            Kind::Resume => write!(f, "resume"),
            Kind::Fault => write!(f, "fault {a:016x}"),
            Kind::Heal => write!(f, "heal {a:016x}"),
            Kind::Role => {
                let role =
                    ["follower", "pre-candidate", "candidate", "leader"].get(a as usize).unwrap_or(&"?");
                write!(f, "{role} in term {b}, leader {c}")
            }
            Kind::Apply => write!(f, "applied up to {a}, revision {b}"),
            Kind::Hash => write!(f, "hash at revision {a} (compacted {}): {c:08x}", b as i64),
            Kind::SnapshotTake => write!(f, "took a snapshot at {a}"),
            Kind::SnapshotInstall => write!(f, "installed a snapshot at {a}, revision {b}"),
            Kind::Invoke => write!(f, "invoke operation {a}  {b:016x}"),
            Kind::Return => write!(f, "return operation {a}  {b:016x}"),
            Kind::WatchFrame => write!(f, "watch {a} at revision {b}  {c:016x}"),
            Kind::Hold => write!(f, "hold {a} since revision {c}, key of {b}"),
            Kind::Release => write!(f, "hold {a} is over"),
            Kind::Observed => write!(f, "observer {a} sees a leader at revision {b}  {c:016x}"),
            Kind::Ask => write!(f, "ask {a}  {b:016x}"),
            Kind::Answer => write!(f, "answer to {a}  {b:016x}"),
            Kind::Leave => write!(f, "removed; the process ends"),
            Kind::Wipe => write!(f, "the disk is lost"),
            Kind::Refuse => write!(f, "refuses to start  {a:016x}"),
            Kind::Panic => write!(f, "panic  {a:016x}"),
            Kind::Alarm => {
                write!(f, "alarm {} at index {a}", if b == 1 { "NOSPACE" } else { "CORRUPT" })
            }
            Kind::Clock => write!(f, "clock offset {} ns, rate {} ppm", a as i64, b as i64),
        }
    }
}
