//! A follower acknowledges entries that are not on its disk yet.

use super::{Defect, Description};
use raft::eraftpb::{Message, MessageType};

/// The defect of this file.
pub const DEFECT: Defect = Defect::AppendAckBeforeSync;

pub(super) const DESCRIPTION: Description = Description {
    name: "append-ack-before-sync",
    rule: "a follower acknowledges entries before its WAL sync completed",
    guarantees: &["leader-completeness", "durable"],
};

/// Takes the answers to appended entries out of the messages that wait for the disk: they are sent at once.
pub(crate) fn split(messages: Vec<Message>) -> (Vec<Message>, Vec<Message>) {
    messages.into_iter().partition(|message| message.get_msg_type() == MessageType::MsgAppendResponse)
}
