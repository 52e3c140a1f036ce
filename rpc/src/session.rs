//! A session with a server: many calls and streams over one way of frames.
//!
//! A host has a [`Carrier`], which takes frames to the server, and tells the session what comes back. The services ask the
//! session, and know of no more.

use crate::metadata::CallMetadata;
use revline_store::api::{LeaderRequest, LeaderResponse, Token, WatchRequest, WatchResponse};
use revline_store::error::Error;
use revline_store::frame::{Call, ClientFrame, Reply, ServerFrame};
use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, ready};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio_stream::Stream;

/// The way of a session's frames to its server.
///
/// It is called without any lock of the session held, so that it may take locks of its own; a host may tell the session
/// of frames with these held.
pub trait Carrier: Send + Sync + 'static {
    /// Sends a frame, after those before it. Where the way is gone, it goes nowhere: the session is told by
    /// [`Inbound::lost`].
    fn send(&self, frame: ClientFrame);

    /// Notes that the client took a response of a watch stream: its place in the queue is free.
    fn taken(&self, stream: u64);

    /// Closes the way: nobody holds the session any more.
    fn close(&self);
}

/// The end of a session's way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    /// The server never took the session: nothing that was sent on it arrived.
    #[error("connection refused")]
    Refused,
    /// It broke: what was in flight in either direction is lost.
    #[error("connection broke")]
    Broken,
}

/// The failure of a call or a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The server answered with an error.
    #[error("{0}")]
    Answered(Error),
    /// The session's way is gone.
    #[error("{0}")]
    Lost(Lost),
}

/// A session with a server. Clones are the same session; the last one closes it.
#[derive(Debug)]
pub struct Session<C: Carrier>(Arc<Inner<C>>);

impl<C: Carrier> Clone for Session<C> {
    fn clone(&self) -> Self {
        Session(self.0.clone())
    }
}

#[derive(Debug)]
struct Inner<C: Carrier> {
    carrier: C,
    open: Arc<Mutex<Open>>,
}

/// Everything that waits for the server.
#[derive(Debug, Default)]
struct Open {
    /// The newest number of a call or a stream.
    last: u64,
    calls: BTreeMap<u64, oneshot::Sender<Result<Reply, Failure>>>,
    streams: BTreeMap<u64, mpsc::UnboundedSender<Result<Streamed, Failure>>>,
    lost: Option<Lost>,
    /// Notified once the way is gone.
    loss: Arc<Notify>,
}

/// A message of a stream.
#[derive(Debug)]
enum Streamed {
    Watch(WatchResponse),
    Leader(LeaderResponse),
}

/// The receiving end of a session, for its host.
#[derive(Clone, Debug)]
pub struct Inbound(Weak<Mutex<Open>>);

fn lock(open: &Mutex<Open>) -> MutexGuard<'_, Open> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Inbound {
    /// Takes a frame of the server, in the order in which they were sent.
    pub fn received(&self, frame: ServerFrame) {
        let Some(open) = self.0.upgrade() else { return };
        let mut open = lock(&open);
        match frame {
            ServerFrame::Reply { call, result } => {
                if let Some(waits) = open.calls.remove(&call) {
                    // Who no longer waits needs no answer.
                    let _ = waits.send(result.map_err(Failure::Answered));
                }
            }
            ServerFrame::Watch { stream, response } => {
                if let Some(waits) = open.streams.get(&stream) {
                    let _ = waits.send(Ok(Streamed::Watch(response)));
                }
            }
            ServerFrame::Observe { stream, response: Ok(response) } => {
                if let Some(waits) = open.streams.get(&stream) {
                    let _ = waits.send(Ok(Streamed::Leader(response)));
                }
            }
            ServerFrame::Observe { stream, response: Err(error) } => {
                if let Some(waits) = open.streams.remove(&stream) {
                    let _ = waits.send(Err(Failure::Answered(error)));
                }
            }
        }
    }

    /// Ends everything that is open: the way is gone.
    pub fn lost(&self, lost: Lost) {
        let Some(open) = self.0.upgrade() else { return };
        let (calls, streams, loss) = {
            let mut open = lock(&open);
            open.lost.get_or_insert(lost);
            (std::mem::take(&mut open.calls), std::mem::take(&mut open.streams), open.loss.clone())
        };
        loss.notify_waiters();
        for waits in calls.into_values() {
            let _ = waits.send(Err(Failure::Lost(lost)));
        }
        for waits in streams.into_values() {
            let _ = waits.send(Err(Failure::Lost(lost)));
        }
    }
}

impl<C: Carrier> Session<C> {
    /// A session over a way that `carrier` makes, which is told where the server's frames are to go.
    pub fn new(carrier: impl FnOnce(Inbound) -> C) -> Session<C> {
        let open = Arc::new(Mutex::new(Open::default()));
        let carrier = carrier(Inbound(Arc::downgrade(&open)));
        Session(Arc::new(Inner { carrier, open }))
    }

    /// The end of its way, if it is gone.
    pub fn lost(&self) -> Option<Lost> {
        self.open().lost
    }

    /// Waits until its way is gone.
    pub async fn until_lost(&self) -> Lost {
        let loss = self.open().loss.clone();
        loop {
            // Before the look, so that a loss in between is not missed.
            let notified = loss.notified();
            if let Some(lost) = self.lost() {
                return lost;
            }
            notified.await;
        }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        lock(&self.0.open)
    }

    /// Makes a call, sent once. If the caller goes away, the call is canceled.
    pub async fn call(&self, request: Call, metadata: CallMetadata) -> Result<Reply, Failure> {
        let CallMetadata { token, requires_leader } = metadata;
        let (tell, told) = oneshot::channel();
        let call = {
            let mut open = self.open();
            if let Some(lost) = open.lost {
                return Err(Failure::Lost(lost));
            }
            open.last += 1;
            let call = open.last;
            open.calls.insert(call, tell);
            call
        };
        let _guard = CancelCall { session: self, call };
        self.0.carrier.send(ClientFrame::Call { call, request, token, requires_leader });
        told.await.unwrap_or(Err(Failure::Lost(Lost::Broken)))
    }

    /// Opens a stream for watches.
    pub fn watches(&self, token: Option<Token>) -> Result<(WatchSender<C>, WatchReceiver<C>), Failure> {
        let (stream, told) = self.open_stream()?;
        let stream = Arc::new(OpenStream { session: self.clone(), stream });
        Ok((WatchSender { stream: stream.clone(), token }, WatchReceiver { stream, told }))
    }

    /// Opens a stream that shows the leaders of an election.
    pub fn observe(
        &self,
        request: LeaderRequest,
        token: Option<Token>,
    ) -> Result<LeaderReceiver<C>, Failure> {
        let (stream, told) = self.open_stream()?;
        self.0.carrier.send(ClientFrame::Observe { stream, request, token });
        Ok(LeaderReceiver { _stream: OpenStream { session: self.clone(), stream }, told })
    }

    fn open_stream(&self) -> Result<(u64, mpsc::UnboundedReceiver<Result<Streamed, Failure>>), Failure> {
        let (tell, told) = mpsc::unbounded_channel();
        let mut open = self.open();
        if let Some(lost) = open.lost {
            return Err(Failure::Lost(lost));
        }
        open.last += 1;
        let stream = open.last;
        open.streams.insert(stream, tell);
        Ok((stream, told))
    }
}

impl<C: Carrier> Drop for Inner<C> {
    fn drop(&mut self) {
        self.carrier.close();
    }
}

/// Cancels a call whose caller goes away before its answer.
struct CancelCall<'a, C: Carrier> {
    session: &'a Session<C>,
    call: u64,
}

impl<C: Carrier> Drop for CancelCall<'_, C> {
    fn drop(&mut self) {
        let waits = self.session.open().calls.remove(&self.call);
        if waits.is_some() {
            self.session.0.carrier.send(ClientFrame::CancelCall { call: self.call });
        }
    }
}

/// A stream that is closed with its last user.
#[derive(Debug)]
struct OpenStream<C: Carrier> {
    session: Session<C>,
    stream: u64,
}

impl<C: Carrier> Drop for OpenStream<C> {
    fn drop(&mut self) {
        let waits = self.session.open().streams.remove(&self.stream);
        if waits.is_some() {
            self.session.0.carrier.send(ClientFrame::CloseStream { stream: self.stream });
        }
    }
}

/// The sending end of a watch stream.
#[derive(Debug)]
pub struct WatchSender<C: Carrier> {
    stream: Arc<OpenStream<C>>,
    token: Option<Token>,
}

impl<C: Carrier> WatchSender<C> {
    /// Sends a message.
    pub fn send(&self, request: WatchRequest) {
        let OpenStream { session, stream } = &*self.stream;
        session.0.carrier.send(ClientFrame::Watch { stream: *stream, request, token: self.token.clone() });
    }
}

/// The receiving end of a watch stream.
#[derive(Debug)]
pub struct WatchReceiver<C: Carrier> {
    stream: Arc<OpenStream<C>>,
    told: mpsc::UnboundedReceiver<Result<Streamed, Failure>>,
}

/// The responses; an error ends the stream.
impl<C: Carrier> Stream for WatchReceiver<C> {
    type Item = Result<WatchResponse, Failure>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let response = match ready!(self.told.poll_recv(context)) {
            Some(Ok(Streamed::Watch(response))) => response,
            Some(Err(failure)) => return Poll::Ready(Some(Err(failure))),
            // Streams of watches and of observers share one numbering.
            Some(Ok(Streamed::Leader(_))) | None => return Poll::Ready(None),
        };
        self.stream.session.0.carrier.taken(self.stream.stream);
        Poll::Ready(Some(Ok(response)))
    }
}

/// The receiving end of a stream that shows the leaders of an election.
#[derive(Debug)]
pub struct LeaderReceiver<C: Carrier> {
    _stream: OpenStream<C>,
    told: mpsc::UnboundedReceiver<Result<Streamed, Failure>>,
}

/// The leaders; an error ends the stream.
impl<C: Carrier> Stream for LeaderReceiver<C> {
    type Item = Result<LeaderResponse, Failure>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(match ready!(self.told.poll_recv(context)) {
            Some(Ok(Streamed::Leader(response))) => Some(Ok(response)),
            Some(Err(failure)) => Some(Err(failure)),
            Some(Ok(Streamed::Watch(_))) | None => None,
        })
    }
}
