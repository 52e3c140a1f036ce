//! HTTP/2 between the client and each server: frames, streams, windows, GOAWAY, as the libraries of a real client and a real
//! server make them.
//!
//! Both ends stand at the client, as part of its process, with memory between them in which no time passes. Behind the
//! server's end the requests go over the simulated network, as they do without it. When the connection there breaks, the
//! server's end is gone at once, and its client learns it as from a socket; what it then answers is tonic's own. The same
//! seed runs the same, to the byte.

use crate::sim::World;
use crate::sim::channel::{Channel, Connection};
use http::{Request, Response, Uri};
use hyper::rt::Executor;
use hyper::server::conn::http2;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;
use tokio::io::DuplexStream;
use tonic::ConnectError;
use tonic::body::Body;
use tonic::transport::Endpoint;
use tower::{BoxError, ServiceExt, service_fn};

/// The bytes between the two ends of a connection that nobody has read yet, in each direction.
const BUFFER_BYTES: usize = 64 * 1024;

/// The settings of HTTP/2 between a client and each server.
///
/// Not simulated: keepalive pings, whose timers are those of a socket. The time
/// that a request may take is told to the channel, not to the other end.
///
/// ```
/// use revline::etcd::Http2;
/// use revline::prelude::*;
///
/// revline::test("a-server-sheds-its-clients").seeds(0..2).run(|world| async move {
///     let http2 = Http2::default().max_concurrent_streams(1).max_connection_age(Duration::from_secs(1));
///     let channel = world.etcd_channel().over_http2(http2);
///     let mut etcd = etcd_client::Client::connect_with_balanced_channel(world.endpoints(), None, channel).await?;
///     while etcd.put("k", "1", None).await.is_err() {}
///     Ok(())
/// });
/// ```
#[derive(Clone, Debug, Default)]
pub struct Http2 {
    max_concurrent_streams: Option<u32>,
    window_bytes: Option<u32>,
    max_connection_age: Option<Duration>,
}

impl Http2 {
    /// Sets the most calls and streams that are open at once on a connection; more wait at the client. 1 at least; default
    /// 200, that of hyper. Etcd's own is without end unless `--max-concurrent-streams` says otherwise.
    ///
    /// # Panics
    /// If it is 0.
    pub fn max_concurrent_streams(self, count: u32) -> Http2 {
        assert!(count > 0, "HTTP/2 with no stream open at once carries nothing: 1 at least");
        Http2 { max_concurrent_streams: Some(count), ..self }
    }

    /// Sets the bytes that an end may send on a stream, and on all together, before the other has read some. 1 to 2^31 - 1;
    /// default those of tonic and hyper. That of all together is 65 535 at least: HTTP/2 cannot lower it.
    ///
    /// # Panics
    /// If it is out of that range.
    pub fn window_bytes(self, bytes: u32) -> Http2 {
        let most = i32::MAX.unsigned_abs();
        assert!((1..=most).contains(&bytes), "a window of HTTP/2 has 1 to {most} bytes, not {bytes}");
        Http2 { window_bytes: Some(bytes), ..self }
    }

    /// Sets the age at which the server ends a connection with GOAWAY: what is open on it goes on, new requests take a new
    /// one. Default without end, as that of etcd.
    pub fn max_connection_age(self, age: Duration) -> Http2 {
        Http2 { max_connection_age: Some(age), ..self }
    }
}

/// Tonic's channels to the endpoints of a client, over HTTP/2. Clones are the same.
#[derive(Clone)]
pub(super) struct Transports {
    world: World,
    channel: Channel,
    settings: Http2,
    open: Arc<Mutex<BTreeMap<String, tonic::transport::Channel>>>,
}

impl Transports {
    /// None yet.
    pub fn new(world: World, channel: Channel, settings: Http2) -> Transports {
        Transports { world, channel, settings, open: Arc::default() }
    }

    /// Takes that to an endpoint away. What is open on it goes on.
    pub fn remove(&self, url: &str) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(url);
    }

    /// Makes a request of the endpoint that is drawn for it.
    pub async fn call(self, mut request: Request<Body>) -> Result<Response<Body>, BoxError> {
        let limit = self.channel.take_limit(&mut request);
        let answer = self.to(&self.channel.draw()?)?.oneshot(request);
        self.channel.within(limit, answer).await
    }

    /// Tonic's channel to an endpoint, which connects with the first request, and again after the connection ended.
    fn to(&self, url: &str) -> Result<tonic::transport::Channel, BoxError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(transport) = open.get(url) {
            return Ok(transport.clone());
        }
        let endpoint = Endpoint::from_shared(url.to_owned())?
            .executor(Tasks(self.world.clone()))
            .initial_stream_window_size(self.settings.window_bytes)
            .initial_connection_window_size(self.settings.window_bytes);
        let (world, channel, settings) = (self.world.clone(), self.channel.clone(), self.settings.clone());
        let at = url.to_owned();
        let transport = endpoint.connect_with_connector_lazy(service_fn(move |_: Uri| {
            let connected = connect(&world, &channel, &settings, &at);
            async move { connected.map(TokioIo::new) }
        }));
        open.insert(url.to_owned(), transport.clone());
        Ok(transport)
    }
}

/// Connects to a server, and serves HTTP/2 in front of it: the client's end.
fn connect(
    world: &World,
    channel: &Channel,
    settings: &Http2,
    url: &str,
) -> Result<DuplexStream, ConnectError> {
    let connection = channel.connect(url)?;
    let (client, server) = tokio::io::duplex(BUFFER_BYTES);
    world.spawn(serve(world.clone(), server, connection, settings.clone()));
    Ok(client)
}

/// Serves one connection until it ends.
async fn serve(world: World, io: DuplexStream, connection: Connection, settings: Http2) {
    let mut server = http2::Builder::new(Tasks(world.clone()));
    server
        // Whatever the time, the same bytes.
        .auto_date_header(false)
        .initial_stream_window_size(settings.window_bytes)
        .initial_connection_window_size(settings.window_bytes);
    if let Some(count) = settings.max_concurrent_streams {
        server.max_concurrent_streams(count);
    }
    let service = TowerToHyperService::new(connection.clone());
    let mut serving = pin!(server.serve_connection(TokioIo::new(io), service));
    let mut lost = pin!(connection.until_lost());
    let mut is_refused = false;
    let mut aged = pin!(async {
        match settings.max_connection_age {
            Some(age) => world.sleep(age).await,
            None => std::future::pending().await,
        }
    });
    let mut is_old = false;
    poll_fn(|context| {
        if !is_refused && let Poll::Ready(refused) = lost.as_mut().poll(context) {
            if !refused {
                // Nothing more comes from there, not even an answer that says so.
                return Poll::Ready(());
            }
            // The services say so in their answers.
            is_refused = true;
            serving.as_mut().graceful_shutdown();
        }
        if !is_old && aged.as_mut().poll(context).is_ready() {
            is_old = true;
            serving.as_mut().graceful_shutdown();
        }
        // An error is the client's that went away.
        serving.as_mut().poll(context).map(|_| ())
    })
    .await;
}

/// The tasks of both ends, as part of the process that makes the requests.
#[derive(Clone)]
struct Tasks(World);

impl<F: Future<Output = ()> + Send + 'static> Executor<F> for Tasks {
    fn execute(&self, task: F) {
        self.0.spawn(task);
    }
}
