//! The channel to the cluster for any gRPC client of etcd: what a socket is to it elsewhere.
//!
//! A [`Channel`] takes HTTP requests as tonic makes them. Etcd's services ([`revline_rpc`]) stand at the client's side of a
//! simulated connection, and turn them into frames, which travel the world's network as those of any other client: they
//! are late, they wait while the way is cut, they are lost with the connection. Endpoints that are down refuse it.
//! Everything is recorded where the frames pass, whatever the client makes of the answers.
//!
//! A server that takes no connection answers `Unavailable`, and nothing was sent. A connection that breaks answers
//! `Unknown`, as tonic's does: whether the request took effect is not known. The time that a request may take
//! (`grpc-timeout`) is simulated time.

mod carrier;
mod connection;
mod endpoints;
mod names;
mod timeout;

pub use connection::Connection;
pub use names::{client_url, member_at, peer_url};

use crate::proxy_place::{ProxyPlace, prefix_behind};
use crate::state::Shared;
use crate::trace::NodeName;
use crate::world::World;
use carrier::WorldCarrier;
use endpoints::Endpoints;
use http::{Request, Response};
use revline_store::machine::MemberId;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tonic::body::Body;
use tonic::{ConnectError, TimeoutExpired};
use tower_service::Service;

/// A channel to the cluster, as a `tower` service for any gRPC client. Clones are the same channel.
///
/// Each request goes to one of its endpoints, drawn by the seed of the world and the name of the client, as tonic's balanced
/// channel draws it. There is one connection to each, made with the first request and made again after it broke.
#[derive(Clone)]
pub struct Channel {
    world: Shared,
    node: NodeName,
    endpoints: Arc<Mutex<Endpoints>>,
    proxies: Arc<[ProxyPlace]>,
    timeout: Option<Duration>,
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel").field("node", &self.node).finish_non_exhaustive()
    }
}

/// An error of a channel: of tonic's own types where the status depends on it.
type BoxError = Box<dyn Error + Send + Sync>;

impl Channel {
    /// A channel of the client on a node, whose choices are drawn for `name`.
    pub(crate) fn new(world: &World, node: NodeName, name: &str, endpoints: &[MemberId]) -> Channel {
        let channel = Channel {
            world: world.shared.clone(),
            node,
            endpoints: Arc::new(Mutex::new(Endpoints::new(world.generator(&format!("channel of {name}"))))),
            proxies: world.config.proxies.clone().into(),
            timeout: None,
        };
        endpoints.iter().for_each(|&server| channel.insert(&client_url(server)));
        channel
    }

    /// Sets the time that each request may take until its answer begins. Default: what the request itself says.
    pub fn timeout(mut self, timeout: Duration) -> Channel {
        self.timeout = Some(timeout);
        self
    }

    /// Adds an endpoint, by its URL: see [`client_url`]. No server has the address of any other, and none answers there.
    ///
    /// # Panics
    /// If it shows other keys than those at which calls were made: those of another namespace.
    pub fn insert(&self, url: &str) {
        if let Some(server) = member_at(url) {
            self.shows(server);
        }
        self.endpoints().insert(url);
    }

    /// Notes that a server's keys are those that the client sees.
    fn shows(&self, server: MemberId) {
        let prefix = prefix_behind(&self.proxies, server);
        self.world.lock().with_channel(self.node, |host, around| host.shows(around, prefix));
    }

    /// Takes an endpoint away. What is open on its connection goes on. Returns its URL as [`Channel::draw`] gives it, if
    /// it was there.
    pub fn remove(&self, url: &str) -> Option<String> {
        self.endpoints().remove(url)
    }

    fn endpoints(&self) -> MutexGuard<'_, Endpoints> {
        self.endpoints.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Draws the endpoint of the next request, by its URL.
    ///
    /// # Errors
    /// If it has none.
    pub fn draw(&self) -> Result<String, ConnectError> {
        self.endpoints().draw()
    }

    /// A new connection to a server, by its URL, beside those to the channel's endpoints.
    ///
    /// # Errors
    /// If no server of a world can be there. One that is down refuses the connection later.
    ///
    /// # Panics
    /// As [`Channel::insert`].
    pub fn connect(&self, url: &str) -> Result<Connection, ConnectError> {
        let server = member_at(url).ok_or_else(|| endpoints::nobody_at(url))?;
        self.shows(server);
        Ok(self.connect_to(server))
    }

    fn connect_to(&self, server: MemberId) -> Connection {
        Connection::new(WorldCarrier::connect(&self.world, self.node, server))
    }

    /// The connection of the next request.
    fn connection(&self) -> Result<Connection, ConnectError> {
        let mut endpoints = self.endpoints();
        let url = endpoints.draw()?;
        endpoints.connection(&url, |server| self.connect_to(server))
    }

    /// Takes the time that a request may take until its answer begins: its own, or the channel's if that is shorter. What
    /// carries the request on would wait for it by a clock of its own.
    pub fn take_limit(&self, request: &mut Request<Body>) -> Option<Duration> {
        timeout::take(request.headers_mut()).into_iter().chain(self.timeout).min()
    }

    /// Waits for the answer to a request, for so long at most.
    pub async fn within<E: Into<BoxError>>(
        &self,
        limit: Option<Duration>,
        answer: impl Future<Output = Result<Response<Body>, E>>,
    ) -> Result<Response<Body>, BoxError> {
        let Some(limit) = limit else { return answer.await.map_err(Into::into) };
        match self.world.timeout(limit, answer).await {
            Ok(answer) => answer.map_err(Into::into),
            Err(_) => Err(TimeoutExpired(()).into()),
        }
    }
}

impl Service<Request<Body>> for Channel {
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let channel = self.clone();
        Box::pin(async move {
            let limit = channel.take_limit(&mut request);
            let answer = channel.connection()?.call(request);
            channel.within(limit, answer).await
        })
    }
}
