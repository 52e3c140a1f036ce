//! The unmodified `etcd-client` crate in the world (feature `etcd-client`).
//!
//! [`Etcd`] is what `etcd_client::Client::connect_with_balanced_channel` asks for: endpoints, authentication,
//! `add_endpoint` and the choice among endpoints stay those of the client. What it sends goes over the simulated network:
//! see [`crate::sim::channel`].
//!
//! ```
//! use revline::prelude::*;
//!
//! revline::test("a-service-writes").seeds(0..4).run(|world| async move {
//!     let service = world.process("service", |cx| async move {
//!         let mut etcd = cx.etcd().await?;
//!         while etcd.put("k", "1", None).await.is_err() {}
//!         Ok::<(), etcd_client::Error>(())
//!     });
//!     service.returned().await?;
//!     assert_eq!(world.client("reader").await?.get("k").await?.value_str(), Some("1"));
//!     Ok(())
//! });
//! ```

mod http2;

pub use http2::Http2;

use crate::sim::World;
use crate::sim::channel::{Channel, client_url};
use crate::sim::process::ProcessCx;
use etcd_client::{BalancedChannelBuilder, Client, ConnectOptions, Error};
use http::{Request, Response, Uri};
use http2::Transports;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::mpsc::{self, Receiver};
use tonic::body::Body;
use tonic::transport::Endpoint;
use tonic::transport::channel::Change;
use tower::util::BoxCloneSyncService;
use tower::{BoxError, Service};

/// The way to the cluster of an `etcd_client::Client`: the builder of its balanced channel.
///
/// The client names the endpoints: `http://m1:2379` is member 1, `http://p1:2379` the first proxy
/// ([`WithEtcd::endpoints`]). Of the options of a connection, `with_timeout` and the keepalives of HTTP/2 stay without
/// effect, as the client tells them to sockets alone: see [`Etcd::timeout`].
#[derive(Clone)]
pub struct Etcd {
    world: World,
    channel: Channel,
    http2: Option<Http2>,
}

impl fmt::Debug for Etcd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Etcd { world: _, channel, http2 } = self;
        f.debug_struct("Etcd").field("channel", channel).field("http2", http2).finish_non_exhaustive()
    }
}

impl Etcd {
    /// Sets the time that each request may take until its answer begins, as `ConnectOptions::with_timeout` does over
    /// sockets. Default without end.
    pub fn timeout(self, timeout: Duration) -> Etcd {
        Etcd { channel: self.channel.timeout(timeout), ..self }
    }

    /// Puts HTTP/2 between the client and each server: tonic's own channel, and hyper's server. Default: requests go to the
    /// services as they are, which takes less time and shows the same but for what [`Http2`] names.
    pub fn over_http2(self, settings: Http2) -> Etcd {
        Etcd { http2: Some(settings), ..self }
    }
}

impl BalancedChannelBuilder for Etcd {
    type Error = Error;

    fn balanced_channel(
        self,
        buffer_size: usize,
    ) -> Result<(etcd_client::Channel, mpsc::Sender<Change<Uri, Endpoint>>), Error> {
        let (sender, changes) = mpsc::channel(buffer_size);
        let Etcd { world, channel, http2 } = self;
        let transports = http2.map(|settings| Transports::new(world, channel.clone(), settings));
        let balanced = Balanced { channel, transports, changes: Arc::new(Mutex::new(changes)) };
        Ok((etcd_client::Channel::Custom(BoxCloneSyncService::new(balanced)), sender))
    }
}

/// A channel whose endpoints its client adds and removes.
#[derive(Clone)]
struct Balanced {
    channel: Channel,
    /// The way of requests, if it is not the channel's own.
    transports: Option<Transports>,
    changes: Arc<Mutex<Receiver<Change<Uri, Endpoint>>>>,
}

impl Balanced {
    fn take_changes(&self) {
        let mut changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        while let Ok(change) = changes.try_recv() {
            match change {
                Change::Insert(uri, _) => self.channel.insert(&uri.to_string()),
                Change::Remove(uri) => {
                    let removed = self.channel.remove(&uri.to_string());
                    if let (Some(url), Some(transports)) = (removed, &self.transports) {
                        transports.remove(&url);
                    }
                }
            }
        }
    }
}

impl Service<Request<Body>> for Balanced {
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.channel.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        self.take_changes();
        match &self.transports {
            Some(transports) => Box::pin(transports.clone().call(request)),
            None => self.channel.call(request),
        }
    }
}

/// Places in the world from which `etcd-client` reaches the cluster.
pub trait WithEtcd {
    /// The URLs of the members.
    fn endpoints(&self) -> Vec<String>;

    /// The way to the cluster for `etcd_client::Client::connect_with_balanced_channel`.
    fn etcd_channel(&self) -> Etcd;

    /// A client of all members.
    fn etcd(&self) -> impl Future<Output = Result<Client, Error>> + Send
    where
        Self: Sync,
    {
        self.etcd_with(None)
    }

    /// As [`WithEtcd::etcd`], with options: a user, the need of a leader.
    fn etcd_with(
        &self,
        options: impl Into<Option<ConnectOptions>> + Send,
    ) -> impl Future<Output = Result<Client, Error>> + Send
    where
        Self: Sync,
    {
        let (endpoints, channel, options) = (self.endpoints(), self.etcd_channel(), options.into());
        async move { Client::connect_with_balanced_channel(endpoints, options, channel).await }
    }
}

/// A process reaches the cluster as itself: what it sends is lost with it.
impl WithEtcd for ProcessCx {
    fn endpoints(&self) -> Vec<String> {
        self.world().endpoints()
    }

    fn etcd_channel(&self) -> Etcd {
        Etcd { world: self.world().clone(), channel: self.channel(&[]), http2: None }
    }
}

/// The program of the world reaches it as a client called `etcd`, of its own for each.
impl WithEtcd for World {
    fn endpoints(&self) -> Vec<String> {
        self.members().into_iter().map(client_url).collect()
    }

    fn etcd_channel(&self) -> Etcd {
        Etcd { world: self.clone(), channel: self.channel("etcd", &[]), http2: None }
    }
}
