//! The gRPC services: each turns the messages of its methods into calls and streams of a [`Session`], and what comes back
//! into messages.

mod auth;
mod cluster;
mod election;
mod kv;
mod lease;
mod lock;
mod maintenance;
mod unary;
mod watch;

pub(crate) use auth::AuthService;
pub(crate) use cluster::ClusterService;
pub(crate) use election::ElectionService;
pub(crate) use kv::KvService;
pub(crate) use lease::LeaseService;
pub(crate) use lock::LockService;
pub(crate) use maintenance::MaintenanceService;
pub(crate) use watch::WatchService;

use crate::session::{Failure, Lost};
use crate::status::status;
use revline_store::error::{Code, Error};
use std::pin::Pin;
use tokio_stream::Stream;
use tonic::Status;

/// The messages of a stream that a server sends.
pub(crate) type Messages<M> = Pin<Box<dyn Stream<Item = Result<M, Status>> + Send>>;

/// The status of a failure, whose error has the code that the service gives it.
///
/// That of a broken connection is the one that tonic's own channel gives: the outcome is unknown.
fn refused(failure: Failure, code: fn(Error) -> Code) -> Status {
    match failure {
        Failure::Answered(error) => status(error, code(error)),
        Failure::Lost(Lost::Refused) => Status::unavailable("tcp connect error: connection refused"),
        Failure::Lost(Lost::Broken) => Status::unknown(
            "h2 protocol error: error reading a body from connection: stream closed because of a broken pipe",
        ),
    }
}

/// Gives a service the methods with one request and one response, from the list of them: as `async_trait` would write
/// them, which does not see what a macro writes.
macro_rules! unary_methods {
    ($($method:ident($Request:ident) -> $Response:ident;)*) => {
        $(
            fn $method<'s, 'a>(
                &'s self,
                request: tonic::Request<$Request>,
            ) -> std::pin::Pin<
                Box<dyn Future<Output = Result<tonic::Response<$Response>, tonic::Status>> + Send + 'a>,
            >
            where
                's: 'a,
                Self: 'a,
            {
                Box::pin(crate::service::unary::unary(&self.0, request))
            }
        )*
    };
}

use unary_methods;
