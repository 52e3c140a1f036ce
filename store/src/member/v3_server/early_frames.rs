//! Frames that show a token which is not known here yet: the entry that makes it was not applied.
//!
//! etcd waits for it in `isValidSimpleToken` (`server/auth/simple_token.go`).

use crate::auth::Tokens;
use crate::frame::{ClientFrame, SessionId};
use crate::machine::Time;
use crate::member::caller::Caller;
use crate::member::cx::Cx;

/// The frames of clients that wait for their token, and those behind them on their streams.
#[derive(Debug, Default)]
pub(in crate::member) struct EarlyFrames(Vec<EarlyFrame>);

#[derive(Debug)]
struct EarlyFrame {
    session: SessionId,
    frame: ClientFrame,
    /// The entry it waits for, and until when.
    index: u64,
    deadline: Time,
}

impl EarlyFrame {
    /// The call that waits, if it is one.
    fn caller(&self) -> Option<Caller> {
        match self.frame {
            ClientFrame::Call { call, .. } => Some(Caller::Client { session: self.session, call }),
            _ => None,
        }
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

impl EarlyFrames {
    /// Keeps a frame back if it is early, or must not overtake one on its stream that is. Gives it back otherwise.
    pub fn admit(
        &mut self,
        cx: &Cx<'_>,
        tokens: &Tokens,
        session: SessionId,
        frame: ClientFrame,
    ) -> Option<ClientFrame> {
        if !cx.state.auth.is_enabled() && self.0.is_empty() {
            return Some(frame);
        }
        if let ClientFrame::CancelCall { call } = &frame {
            let cancelled =
                |early: &EarlyFrame| matches!(&early.frame, ClientFrame::Call { call: of, .. } if of == call);
            self.0.retain(|early| early.session != session || !cancelled(early));
            return Some(frame);
        }
        let token = match &frame {
            ClientFrame::Call { token, .. }
            | ClientFrame::Watch { token, .. }
            | ClientFrame::Observe { token, .. } => token.as_ref(),
            ClientFrame::CancelCall { .. } | ClientFrame::CloseStream { .. } => None,
        };
        let made_at = token.filter(|_| cx.state.auth.is_enabled()).and_then(|token| tokens.known_from(token));
        let stream = stream_of(&frame);
        let behind = stream.and_then(|_| {
            let same = |early: &&EarlyFrame| early.session == session && stream_of(&early.frame) == stream;
            self.0.iter().rev().find(same).map(|early| early.index)
        });
        let index = made_at.max(behind).filter(|&index| behind.is_some() || index > cx.state.index);
        let Some(index) = index else { return Some(frame) };
        let deadline = cx.request_deadline();
        self.0.push(EarlyFrame { session, frame, index, deadline });
        None
    }

    /// Takes the frames whose token is known by now.
    pub fn take_due(&mut self, applied: u64) -> Vec<(SessionId, ClientFrame)> {
        let due = self.0.extract_if(.., |early| early.index <= applied);
        due.map(|early| (early.session, early.frame)).collect()
    }

    /// Takes the frames that waited too long: no entry of this log made their tokens.
    pub fn take_expired(&mut self, now: Time) -> Vec<(SessionId, ClientFrame)> {
        let expired = self.0.extract_if(.., |early| now >= early.deadline);
        expired.map(|early| (early.session, early.frame)).collect()
    }

    /// Forgets the frames of a connection that is gone.
    pub fn forget(&mut self, session: SessionId) {
        self.0.retain(|early| early.session != session);
    }

    /// Takes all callers.
    pub fn take_callers(&mut self) -> impl Iterator<Item = Caller> {
        self.0.drain(..).filter_map(|early| early.caller())
    }
}
