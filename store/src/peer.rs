//! The messages between members, and their bytes on the wire.

mod fields;
mod hash_message;

pub use fields::PeerFields;
pub(crate) use hash_message::{HashContent, HashMessage};

use crate::lease::{LeaseContent, LeaseMessage};
use crate::machine::MemberId;
use protobuf::Message as _;
use raft::eraftpb::{Message, MessageType};
use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// A message on its way to a peer.
#[derive(Clone, Debug, PartialEq)]
pub struct PeerMessage(PeerContent);

/// The content of a message. Boxed, so that a message is moved by its address.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum PeerContent {
    /// Raft.
    Raft(Box<Message>),
    /// Questions about leases that only the leader can answer, and the answers.
    Lease(Box<LeaseMessage>),
    /// The corruption check.
    Hash(Box<HashMessage>),
}

impl PeerMessage {
    pub(crate) fn of_raft(message: Message) -> PeerMessage {
        PeerMessage(PeerContent::Raft(Box::new(message)))
    }

    pub(crate) fn of_lease(message: LeaseMessage) -> PeerMessage {
        PeerMessage(PeerContent::Lease(Box::new(message)))
    }

    pub(crate) fn of_hash(message: HashMessage) -> PeerMessage {
        PeerMessage(PeerContent::Hash(Box::new(message)))
    }

    pub(crate) fn into_content(self) -> PeerContent {
        self.0
    }

    fn raft(&self) -> Option<&Message> {
        match &self.0 {
            PeerContent::Raft(message) => Some(message),
            PeerContent::Lease(_) | PeerContent::Hash(_) => None,
        }
    }

    /// The sender.
    pub fn from(&self) -> MemberId {
        match &self.0 {
            PeerContent::Raft(message) => message.from,
            PeerContent::Lease(message) => message.from,
            PeerContent::Hash(message) => message.from,
        }
    }

    /// The receiver.
    pub fn to(&self) -> MemberId {
        match &self.0 {
            PeerContent::Raft(message) => message.to,
            PeerContent::Lease(message) => message.to,
            PeerContent::Hash(message) => message.to,
        }
    }

    /// The sender's term, or 0 for messages that carry none.
    pub fn term(&self) -> u64 {
        self.raft().map_or(0, |message| message.term)
    }

    /// The kind of message: one of Raft's in its own words, such as `MsgAppend`, or `LeaseQuestion`,
    /// `LeaseAnswer`, `HashQuestion` or `HashAnswer`.
    pub fn kind(&self) -> &'static str {
        match &self.0 {
            PeerContent::Raft(message) => raft_kind(message),
            PeerContent::Lease(message) => match message.content {
                LeaseContent::Question(_) => "LeaseQuestion",
                LeaseContent::Answer(_) => "LeaseAnswer",
            },
            PeerContent::Hash(message) => match message.content {
                HashContent::Question { .. } => "HashQuestion",
                HashContent::Answer { .. } => "HashAnswer",
            },
        }
    }

    /// Returns true if it tells the receiver to campaign at once (`MsgTimeoutNow`).
    pub(crate) fn asks_to_campaign(&self) -> bool {
        self.raft().is_some_and(|message| message.get_msg_type() == MessageType::MsgTimeoutNow)
    }

    /// Returns true if it carries a snapshot of the whole state.
    pub fn is_snapshot(&self) -> bool {
        self.raft().is_some_and(|message| message.get_msg_type() == MessageType::MsgSnapshot)
    }

    /// The approximate number of bytes it takes on the wire.
    pub fn size_bytes(&self) -> usize {
        match &self.0 {
            PeerContent::Raft(message) => {
                let entries: usize = message.entries.iter().map(|entry| 24 + entry.data.len()).sum();
                40 + entries + message.context.len() + message.get_snapshot().data.len()
            }
            PeerContent::Lease(message) => encode(message).len(),
            PeerContent::Hash(message) => encode(message).len(),
        }
    }

    /// The number of log entries it carries.
    pub fn entry_count(&self) -> usize {
        self.raft().map_or(0, |message| message.entries.len())
    }

    /// The bytes on the wire: a CRC-32C of the rest, the kind of content, then a message of Raft in protobuf, any other in
    /// postcard. The checksum of UDP and TCP has 16 bits, and misses what a broken switch or memory changes before it
    /// is computed.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![0; CRC_BYTES];
        bytes.push(match &self.0 {
            PeerContent::Raft(_) => RAFT,
            PeerContent::Lease(_) => LEASE,
            PeerContent::Hash(_) => HASH,
        });
        match &self.0 {
            PeerContent::Raft(message) => {
                message.write_to_vec(&mut bytes).expect("a message of Raft is always encodable");
            }
            PeerContent::Lease(message) => bytes.extend(encode(message)),
            PeerContent::Hash(message) => bytes.extend(encode(message)),
        }
        let crc = crc32c::crc32c(&bytes[CRC_BYTES..]);
        bytes[..CRC_BYTES].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// Reads the bytes of exactly one message.
    pub fn from_bytes(bytes: &[u8]) -> Result<PeerMessage, BadPeerMessage> {
        let (crc, content) = bytes.split_first_chunk().ok_or(BadPeerMessage::Empty)?;
        let (&kind, body) = content.split_first().ok_or(BadPeerMessage::Empty)?;
        if crc32c::crc32c(content) != u32::from_le_bytes(*crc) {
            return Err(BadPeerMessage::Checksum);
        }
        match kind {
            RAFT => {
                let mut message = Message::default();
                message.merge_from_bytes(body).map_err(|_| BadPeerMessage::Body { kind })?;
                Ok(PeerMessage::of_raft(message))
            }
            LEASE => decode(kind, body).map(PeerMessage::of_lease),
            HASH => decode(kind, body).map(PeerMessage::of_hash),
            _ => Err(BadPeerMessage::Kind { kind }),
        }
    }

    /// A hash of its whole content: equal messages have equal fingerprints in every build.
    pub fn fingerprint(&self) -> u64 {
        match &self.0 {
            PeerContent::Raft(message) => raft_fingerprint(message),
            // The seeds keep them apart from Raft's messages, and from one another.
            PeerContent::Lease(message) => xxh3_64_with_seed(&encode(message), 1),
            PeerContent::Hash(message) => xxh3_64_with_seed(&encode(message), 2),
        }
    }
}

/// The bytes of the checksum.
const CRC_BYTES: usize = 4;

/// The byte behind the checksum: the kind of content.
const RAFT: u8 = 1;
const LEASE: u8 = 2;
const HASH: u8 = 3;

/// Bytes that are no message of a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BadPeerMessage {
    /// There are none behind the checksum.
    #[error("peer message: empty")]
    Empty,
    /// They are others than those that were sent.
    #[error("peer message: damaged: its checksum is not that of its bytes")]
    Checksum,
    /// The first byte names no kind of message.
    #[error("peer message: unknown kind {kind}")]
    Kind {
        /// That byte.
        kind: u8,
    },
    /// The rest is no message of its kind, or more than one.
    #[error("peer message: malformed body of kind {kind}")]
    Body {
        /// The first byte.
        kind: u8,
    },
}

fn decode<M: DeserializeOwned>(kind: u8, body: &[u8]) -> Result<M, BadPeerMessage> {
    match postcard::take_from_bytes(body) {
        Ok((message, [])) => Ok(message),
        Ok(_) | Err(_) => Err(BadPeerMessage::Body { kind }),
    }
}

fn encode<M: Serialize>(message: &M) -> Vec<u8> {
    postcard::to_stdvec(message).expect("a message is always encodable")
}

fn raft_fingerprint(message: &Message) -> u64 {
    // Hashing contiguous bytes in one go is several times faster than a hasher that is fed piece by piece.
    let snapshot = message.get_snapshot();
    let mut hash = hash_numbers(
        [
            message.get_msg_type() as u64,
            message.from,
            message.to,
            message.term,
            message.log_term,
            message.index,
            message.commit,
            message.commit_term,
            u64::from(message.reject),
            message.reject_hint,
            message.request_snapshot,
            snapshot.get_metadata().index,
            snapshot.get_metadata().term,
            message.entries.len() as u64,
            message.context.len() as u64,
            snapshot.data.len() as u64,
        ],
        0,
    );
    for entry in &message.entries {
        let numbers = [entry.index, entry.term, entry.get_entry_type() as u64, entry.data.len() as u64];
        hash = hash_numbers(numbers, hash);
        hash = xxh3_64_with_seed(&entry.data, hash);
        if !entry.context.is_empty() {
            hash = xxh3_64_with_seed(&entry.context, hash);
        }
    }
    let conf_state = snapshot.get_metadata().get_conf_state();
    for ids in
        [&conf_state.voters, &conf_state.learners, &conf_state.voters_outgoing, &conf_state.learners_next]
    {
        hash = ids.iter().fold(hash, |hash, &id| hash_numbers([ids.len() as u64, id], hash));
    }
    for bytes in [&message.context, &snapshot.data] {
        if !bytes.is_empty() {
            hash = xxh3_64_with_seed(bytes, hash);
        }
    }
    hash
}

fn hash_numbers<const N: usize>(numbers: [u64; N], seed: u64) -> u64 {
    let bytes = numbers.map(u64::to_le_bytes);
    xxh3_64_with_seed(bytes.as_flattened(), seed)
}

fn raft_kind(message: &Message) -> &'static str {
    match message.get_msg_type() {
        MessageType::MsgHup => "MsgHup",
        MessageType::MsgBeat => "MsgBeat",
        MessageType::MsgPropose => "MsgPropose",
        MessageType::MsgAppend => "MsgAppend",
        MessageType::MsgAppendResponse => "MsgAppendResponse",
        MessageType::MsgRequestVote => "MsgRequestVote",
        MessageType::MsgRequestVoteResponse => "MsgRequestVoteResponse",
        MessageType::MsgSnapshot => "MsgSnapshot",
        MessageType::MsgHeartbeat => "MsgHeartbeat",
        MessageType::MsgHeartbeatResponse => "MsgHeartbeatResponse",
        MessageType::MsgUnreachable => "MsgUnreachable",
        MessageType::MsgSnapStatus => "MsgSnapStatus",
        MessageType::MsgCheckQuorum => "MsgCheckQuorum",
        MessageType::MsgTransferLeader => "MsgTransferLeader",
        MessageType::MsgTimeoutNow => "MsgTimeoutNow",
        MessageType::MsgReadIndex => "MsgReadIndex",
        MessageType::MsgReadIndexResp => "MsgReadIndexResp",
        MessageType::MsgRequestPreVote => "MsgRequestPreVote",
        MessageType::MsgRequestPreVoteResponse => "MsgRequestPreVoteResponse",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::Bytes;
    use crate::lease::{LeaseAnswer, LeaseQuestion};
    use raft::eraftpb::Entry;

    fn message(entries: &[&str], context: &str) -> PeerMessage {
        let entry = |data: &&str| Entry { data: data.as_bytes().to_vec().into(), ..Entry::default() };
        let entries: Vec<Entry> = entries.iter().map(entry).collect();
        PeerMessage::of_raft(Message {
            entries: entries.into(),
            context: context.as_bytes().to_vec().into(),
            ..Message::default()
        })
    }

    fn one_of_each_kind() -> Vec<PeerMessage> {
        let mut snapshot = message(&[], "");
        if let PeerContent::Raft(message) = &mut snapshot.0 {
            message.set_msg_type(MessageType::MsgSnapshot);
            message.mut_snapshot().mut_metadata().index = 7;
            message.mut_snapshot().mut_metadata().mut_conf_state().voters = vec![1, 2, 3];
            message.mut_snapshot().data = vec![0, 255].into();
        }
        let lease = |content| LeaseMessage { from: 1, to: 2, incarnation: 3, sequence: u64::MAX, content };
        let hash = |content| HashMessage { from: 2, to: 1, round: (4, 5), content };
        vec![
            message(&["ab", ""], "context"),
            snapshot,
            PeerMessage::of_lease(lease(LeaseContent::Question(LeaseQuestion::Renew { id: -7 }))),
            PeerMessage::of_lease(lease(LeaseContent::Answer(LeaseAnswer::TimeToLive {
                ttl_s: -1,
                granted_ttl_s: 60,
                keys: vec![Bytes::from("k"), Bytes::default()],
            }))),
            PeerMessage::of_hash(hash(HashContent::Question { revision: 9, index: 12 })),
            PeerMessage::of_hash(hash(HashContent::Answer { revision: 9, hash: 1, compact_revision: -1 })),
        ]
    }

    #[test]
    fn a_message_that_was_on_the_wire_is_the_same() {
        for sent in one_of_each_kind() {
            let received = PeerMessage::from_bytes(&sent.to_bytes()).unwrap();
            assert_eq!(received, sent);
            assert_eq!(received.fingerprint(), sent.fingerprint());
        }
    }

    #[test]
    fn no_bytes_but_those_of_one_message_are_a_message() {
        assert_eq!(PeerMessage::from_bytes(&[]), Err(BadPeerMessage::Empty));
        for kind in [0, 4, 255] {
            assert_eq!(PeerMessage::from_bytes(&checked(&[kind])), Err(BadPeerMessage::Kind { kind }));
        }
        for sent in one_of_each_kind() {
            let content = &sent.to_bytes()[CRC_BYTES..];
            let longer = checked(&[content, &[255]].concat());
            assert_eq!(PeerMessage::from_bytes(&longer), Err(BadPeerMessage::Body { kind: content[0] }));
            for cut in 1..content.len() {
                let read = PeerMessage::from_bytes(&checked(&content[..cut]));
                assert_ne!(read, Ok(sent.clone()), "{cut} of {} bytes", content.len());
            }
        }
    }

    fn checked(content: &[u8]) -> Vec<u8> {
        [&crc32c::crc32c(content).to_le_bytes(), content].concat()
    }

    #[test]
    fn a_message_with_one_bit_turned_over_or_cut_off_is_refused() {
        for sent in one_of_each_kind() {
            let bytes = sent.to_bytes();
            for bit in 0..8 * bytes.len() {
                let mut damaged = bytes.clone();
                damaged[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(PeerMessage::from_bytes(&damaged), Err(BadPeerMessage::Checksum), "bit {bit}");
            }
            for cut in 0..bytes.len() {
                assert!(PeerMessage::from_bytes(&bytes[..cut]).is_err(), "{cut} bytes");
            }
        }
    }

    #[test]
    fn a_fingerprint_tells_where_one_part_ends_and_the_next_one_begins() {
        let messages = [
            message(&["ab", "c"], ""),
            message(&["a", "bc"], ""),
            message(&["a", "b"], "c"),
            message(&["a", "b"], ""),
        ];
        for (i, one) in messages.iter().enumerate() {
            for (j, other) in messages.iter().enumerate() {
                assert_eq!(one.fingerprint() == other.fingerprint(), i == j, "{one:?}, {other:?}");
            }
        }
    }
}
