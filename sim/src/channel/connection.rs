//! One connection of a channel.

use super::carrier::WorldCarrier;
use super::names::Names;
use http::{Request, Response};
use http_body::Body as HttpBody;
use revline_rpc::server::Server;
use revline_rpc::session::{Lost, Session};
use std::convert::Infallible;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use tonic::body::Body;
use tower_service::Service;

/// A connection of a client to one server, as a service: etcd's services, over that connection alone.
///
/// A [`Channel`](super::Channel) has one to each of its endpoints. One of its own ([`Channel::connect`]) is for a transport
/// that stands between a gRPC client and the services, such as HTTP/2. Clones are the same connection; the last one closes
/// it.
///
/// [`Channel::connect`]: super::Channel::connect
#[derive(Clone)]
pub struct Connection(Session<WorldCarrier>);

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("lost", &self.0.lost()).finish_non_exhaustive()
    }
}

impl Connection {
    /// The connection of a session.
    pub(super) fn new(session: Session<WorldCarrier>) -> Connection {
        Connection(session)
    }

    /// True if it broke, or was refused.
    pub fn is_lost(&self) -> bool {
        self.0.lost().is_some()
    }

    /// Waits until it breaks, or is refused. True if it was refused: nothing that was sent on it arrived.
    pub async fn until_lost(&self) -> bool {
        self.0.until_lost().await == Lost::Refused
    }
}

impl<B> Service<Request<B>> for Connection
where
    B: HttpBody + Send + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>> + Send + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        Server::new(self.0.clone(), Names).call(request)
    }
}
