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

use crate::sim::World;
use crate::sim::channel::{Channel, client_url};
use crate::sim::process::ProcessCx;
use etcd_client::{BalancedChannelBuilder, Client, ConnectOptions, Error};
use http::{Request, Response, Uri};
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
#[derive(Clone, Debug)]
pub struct Etcd(Channel);

impl Etcd {
    /// Sets the time that each request may take until its answer begins, as `ConnectOptions::with_timeout` does over
    /// sockets. Default without end.
    pub fn timeout(self, timeout: Duration) -> Etcd {
        Etcd(self.0.timeout(timeout))
    }
}

impl BalancedChannelBuilder for Etcd {
    type Error = Error;

    fn balanced_channel(
        self,
        buffer_size: usize,
    ) -> Result<(etcd_client::Channel, mpsc::Sender<Change<Uri, Endpoint>>), Error> {
        let (sender, changes) = mpsc::channel(buffer_size);
        let balanced = Balanced { channel: self.0, changes: Arc::new(Mutex::new(changes)) };
        Ok((etcd_client::Channel::Custom(BoxCloneSyncService::new(balanced)), sender))
    }
}

/// A channel whose endpoints its client adds and removes.
#[derive(Clone)]
struct Balanced {
    channel: Channel,
    changes: Arc<Mutex<Receiver<Change<Uri, Endpoint>>>>,
}

impl Balanced {
    fn take_changes(&self) {
        let mut changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        while let Ok(change) = changes.try_recv() {
            match change {
                Change::Insert(uri, _) => self.channel.insert(&uri.to_string()),
                Change::Remove(uri) => self.channel.remove(&uri.to_string()),
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
        self.channel.call(request)
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
        Etcd(self.channel(&[]))
    }
}

/// The program of the world reaches it as a client called `etcd`, of its own for each.
impl WithEtcd for World {
    fn endpoints(&self) -> Vec<String> {
        self.members().into_iter().map(client_url).collect()
    }

    fn etcd_channel(&self) -> Etcd {
        Etcd(self.channel("etcd", &[]))
    }
}
