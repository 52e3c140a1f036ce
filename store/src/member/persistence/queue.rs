//! The messages that may be sent only when the entries appended with them are durable.
//!
//! The `raft` crate hands out work in numbered pieces ([`raft::Ready`]). A piece counts as persisted when
//! the sync that followed its bytes came back, never before. Syncs are grouped: one at a time is in
//! flight, and the next one covers everything appended meanwhile.

use crate::defect::{Defects, altered};
use crate::disk::DiskToken;
use crate::member::Output;
use crate::member::persistence::log_file::LogFile;
use crate::wal::ChainEnd;
use raft::eraftpb::Message;
use std::collections::VecDeque;

/// The pieces of Raft's work that are not durable yet, and the sync that is in flight.
#[derive(Debug, Default)]
pub(super) struct PersistQueue {
    /// The log on the disk.
    pub log: LogFile,
    waiting: VecDeque<Piece>,
    in_flight: Option<InFlight>,
    next_token: DiskToken,
}

#[derive(Debug)]
struct Piece {
    number: u64,
    needs_sync: bool,
    /// To be sent once the piece is durable: votes, and acknowledgements to the leader.
    messages: Vec<Message>,
}

#[derive(Debug)]
struct InFlight {
    token: DiskToken,
    covers: u64,
}

/// A piece that became durable.
#[derive(Debug)]
pub(in crate::member) struct Persisted {
    pub number: u64,
    pub messages: Vec<Message>,
}

impl PersistQueue {
    /// Goes on with a log whose last record is `end`.
    pub fn after(end: ChainEnd) -> PersistQueue {
        PersistQueue { log: LogFile::ending_in(end), ..PersistQueue::default() }
    }

    /// Lets everything wait for a sync of the file that a starting member found on its disk. It read the file, but
    /// the process that wrote it may have died before its sync, and then a loss of power can still take it away.
    pub fn sync_first(&mut self, out: &mut Vec<Output>) {
        debug_assert!(self.waiting.is_empty() && self.in_flight.is_none(), "nothing was said before");
        self.waiting.push_back(Piece { number: 0, needs_sync: true, messages: Vec::new() });
        let none = self.next(out);
        debug_assert!(none.is_none());
    }

    /// Adds a piece whose bytes were handed to the disk. `leading`: this member leads.
    pub fn push(
        &mut self,
        number: u64,
        must_sync: bool,
        messages: Vec<Message>,
        leading: bool,
        defects: &Defects,
        out: &mut Vec<Output>,
    ) {
        let sync = || self.log.sync(None, out);
        let needs_sync = altered!(defects, ack_before_sync::needs_sync(must_sync, leading, sync), must_sync);
        self.waiting.push_back(Piece { number, needs_sync, messages });
    }

    /// Hands out the next piece that is durable; starts a sync if the next one waits for it.
    pub fn next(&mut self, out: &mut Vec<Output>) -> Option<Persisted> {
        let front = self.waiting.front()?;
        if !front.needs_sync {
            let piece = self.waiting.pop_front()?;
            return Some(Persisted { number: piece.number, messages: piece.messages });
        }
        if self.in_flight.is_none() {
            let covers = self.waiting.back()?.number;
            let token = self.new_token();
            self.in_flight = Some(InFlight { token, covers });
            self.log.sync(Some(token), out);
        }
        None
    }

    /// A name for a disk operation that no other one has.
    pub fn new_token(&mut self) -> DiskToken {
        self.next_token += 1;
        self.next_token
    }

    /// Notes a completed sync.
    pub fn done(&mut self, token: DiskToken) {
        let Some(in_flight) = self.in_flight.take_if(|in_flight| in_flight.token == token) else {
            debug_assert!(false, "no sync with token {token} is in flight");
            return;
        };
        for piece in self.waiting.iter_mut().take_while(|piece| piece.number <= in_flight.covers) {
            piece.needs_sync = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(queue: &mut PersistQueue, number: u64, must_sync: bool, out: &mut Vec<Output>) {
        queue.push(number, must_sync, Vec::new(), false, &Defects::default(), out);
    }

    #[test]
    fn nothing_is_durable_before_its_sync_and_syncs_are_grouped() {
        let (mut queue, mut out) = (PersistQueue::default(), Vec::new());
        push(&mut queue, 1, true, &mut out);
        assert!(queue.next(&mut out).is_none());
        assert_eq!(out.len(), 1, "one sync is asked for");
        push(&mut queue, 2, true, &mut out);
        push(&mut queue, 3, false, &mut out);
        assert!(queue.next(&mut out).is_none());
        assert_eq!(out.len(), 1, "one sync at a time");

        queue.done(1);
        assert_eq!(queue.next(&mut out).map(|piece| piece.number), Some(1));
        assert!(queue.next(&mut out).is_none(), "the second piece came after that sync began");
        assert_eq!(out.len(), 2);
        queue.done(2);
        assert_eq!(queue.next(&mut out).map(|piece| piece.number), Some(2));
        assert_eq!(queue.next(&mut out).map(|piece| piece.number), Some(3));
        assert!(queue.next(&mut out).is_none());
        assert_eq!(out.len(), 2);
    }

    #[test]
    fn a_piece_without_bytes_to_sync_waits_for_those_before_it_only() {
        let (mut queue, mut out) = (PersistQueue::default(), Vec::new());
        push(&mut queue, 1, false, &mut out);
        push(&mut queue, 2, true, &mut out);
        push(&mut queue, 3, false, &mut out);
        assert_eq!(queue.next(&mut out).map(|piece| piece.number), Some(1));
        assert!(queue.next(&mut out).is_none());
    }
}
