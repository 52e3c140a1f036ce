//! All services of a session, behind the one door of gRPC.

use crate::addresses::Addresses;
use crate::proto::etcdserverpb::auth_server::{self, AuthServer};
use crate::proto::etcdserverpb::cluster_server::{self, ClusterServer};
use crate::proto::etcdserverpb::kv_server::{self, KvServer};
use crate::proto::etcdserverpb::lease_server::{self, LeaseServer};
use crate::proto::etcdserverpb::maintenance_server::{self, MaintenanceServer};
use crate::proto::etcdserverpb::watch_server::{self, WatchServer};
use crate::proto::v3electionpb::election_server::{self, ElectionServer};
use crate::proto::v3lockpb::lock_server::{self, LockServer};
use crate::service::{
    AuthService, ClusterService, ElectionService, KvService, LeaseService, LockService, MaintenanceService,
    WatchService,
};
use crate::session::{Carrier, Session};
use http_body::Body as HttpBody;
use revline_store::api::MAX_REQUEST_BYTES;
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::StdError;
use tower_service::Service;

/// The bytes of a message that gRPC itself needs, over those of a request (etcd: `server/etcdserver/api/v3rpc/grpc.go`,
/// `grpcOverheadBytes`).
const OVERHEAD_BYTES: usize = 512 * 1024;

/// The services of a session as one: a request goes to the service that its path names.
///
/// Any gRPC client speaks to it, over whatever carries HTTP requests there.
#[derive(Debug)]
pub struct Server<C: Carrier, A> {
    session: Session<C>,
    addresses: A,
}

impl<C: Carrier, A: Clone> Clone for Server<C, A> {
    fn clone(&self) -> Self {
        Server { session: self.session.clone(), addresses: self.addresses.clone() }
    }
}

impl<C: Carrier, A: Addresses + Clone + Send + Sync + 'static> Server<C, A> {
    /// The services of a session with a server, whose members have these addresses.
    pub fn new(session: Session<C>, addresses: A) -> Server<C, A> {
        Server { session, addresses }
    }
}

/// The response to a request.
type Responding = Pin<Box<dyn Future<Output = Result<http::Response<Body>, Infallible>> + Send>>;

impl<C, A, B> Service<http::Request<B>> for Server<C, A>
where
    C: Carrier,
    A: Addresses + Clone + Send + Sync + 'static,
    B: HttpBody + Send + 'static,
    B::Error: Into<StdError> + Send + 'static,
{
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Responding;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<B>) -> Responding {
        let session = self.session.clone();
        /// Hands the request to a service whose messages may be as large as those of etcd.
        macro_rules! serve {
            ($Server:ident, $service:expr) => {
                $Server::new($service)
                    .max_decoding_message_size(MAX_REQUEST_BYTES + OVERHEAD_BYTES)
                    .max_encoding_message_size(i32::MAX as usize)
                    .call(request)
            };
        }
        let name = request.uri().path().split('/').nth(1).unwrap_or_default();
        match name {
            kv_server::SERVICE_NAME => serve!(KvServer, KvService(session)),
            watch_server::SERVICE_NAME => serve!(WatchServer, WatchService(session)),
            lease_server::SERVICE_NAME => serve!(LeaseServer, LeaseService(session)),
            cluster_server::SERVICE_NAME => {
                let addresses = self.addresses.clone();
                serve!(ClusterServer, ClusterService { session, addresses })
            }
            maintenance_server::SERVICE_NAME => serve!(MaintenanceServer, MaintenanceService(session)),
            auth_server::SERVICE_NAME => serve!(AuthServer, AuthService(session)),
            lock_server::SERVICE_NAME => serve!(LockServer, LockService(session)),
            election_server::SERVICE_NAME => serve!(ElectionServer, ElectionService(session)),
            _ => {
                let unknown = Status::unimplemented(format!("unknown service {name}"));
                Box::pin(async move { Ok(unknown.into_http()) })
            }
        }
    }
}
