//! Frames that show a token which is not known here yet: the entry that makes it was not applied.
//!
//! etcd waits for it in `isValidSimpleToken` (`server/auth/simple_token.go`).

use super::Member;
use super::caller::Caller;
use crate::error::Error;
use crate::machine::{ClientFrame, Output, ServerFrame, SessionId, Time};

#[derive(Debug)]
pub(super) struct EarlyFrame {
    session: SessionId,
    frame: ClientFrame,
    /// The entry it waits for, and until when.
    index: u64,
    deadline: Time,
}

impl EarlyFrame {
    /// The call that waits, if it is one.
    pub fn caller(&self) -> Option<Caller> {
        match self.frame {
            ClientFrame::Call { call, .. } => Some(Caller::Client { session: self.session, call }),
            _ => None,
        }
    }

    pub fn is_of(&self, session: SessionId) -> bool {
        self.session == session
    }
}

fn stream_of(frame: &ClientFrame) -> Option<u64> {
    match frame {
        ClientFrame::Watch { stream, .. }
        | ClientFrame::Observe { stream, .. }
        | ClientFrame::CloseStream { stream } => Some(*stream),
        ClientFrame::Call { .. } | ClientFrame::CancelCall { .. } => None,
    }
}

impl Member {
    /// Keeps a frame back if it is early, or must not overtake one on its stream that is. Gives it back otherwise.
    pub(super) fn keep_early(&mut self, session: SessionId, frame: ClientFrame) -> Option<ClientFrame> {
        if !self.core.state.auth.is_enabled() && self.early.is_empty() {
            return Some(frame);
        }
        if let ClientFrame::CancelCall { call } = &frame {
            let cancelled =
                |early: &EarlyFrame| matches!(&early.frame, ClientFrame::Call { call: of, .. } if of == call);
            self.early.retain(|early| early.session != session || !cancelled(early));
            return Some(frame);
        }
        let token = match &frame {
            ClientFrame::Call { token, .. }
            | ClientFrame::Watch { token, .. }
            | ClientFrame::Observe { token, .. } => token.as_ref(),
            ClientFrame::CancelCall { .. } | ClientFrame::CloseStream { .. } => None,
        };
        let made_at = token
            .filter(|_| self.core.state.auth.is_enabled())
            .and_then(|token| self.tokens.known_from(token));
        let stream = stream_of(&frame);
        let behind = stream.and_then(|_| {
            let same = |early: &&EarlyFrame| early.session == session && stream_of(&early.frame) == stream;
            self.early.iter().rev().find(same).map(|early| early.index)
        });
        let index = made_at.max(behind).filter(|&index| behind.is_some() || index > self.core.state.index);
        let Some(index) = index else { return Some(frame) };
        let deadline = self.core.now + self.core.config.request_timeout();
        self.early.push(EarlyFrame { session, frame, index, deadline });
        None
    }

    /// Goes on with the frames whose token is known by now.
    pub(super) fn release_early(&mut self, out: &mut Vec<Output>) {
        if self.early.is_empty() {
            return;
        }
        let applied = self.core.state.index;
        let due: Vec<EarlyFrame> = self.early.extract_if(.., |early| early.index <= applied).collect();
        for EarlyFrame { session, frame, .. } in due {
            self.take_frame(session, frame, out);
        }
    }

    /// Time passed: whatever made these tokens, it was no entry of this log.
    pub(super) fn expire_early(&mut self, out: &mut Vec<Output>) {
        let now = self.core.now;
        let expired: Vec<EarlyFrame> = self.early.extract_if(.., |early| now >= early.deadline).collect();
        for EarlyFrame { session, frame, .. } in expired {
            match frame {
                ClientFrame::Call { call, .. } => {
                    let frame = ServerFrame::Reply { call, result: Err(Error::InvalidAuthToken) };
                    out.push(Output::Client { session, frame });
                }
                // Refused for the same reason, in their own words.
                other => self.take_frame(session, other, out),
            }
        }
    }
}
