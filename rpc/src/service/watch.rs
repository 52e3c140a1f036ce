//! `etcdserverpb.Watch`.

use super::{Messages, refused};
use crate::metadata;
use crate::proto::etcdserverpb::watch_server::Watch;
use crate::proto::etcdserverpb::{WatchRequest, WatchResponse};
use crate::session::{Carrier, Session, WatchReceiver, WatchSender};
use crate::status::status;
use futures_util::stream::poll_fn;
use revline_store::api;
use revline_store::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio_stream::Stream as _;
use tonic::{Request, Response, Status, Streaming};

/// The service of watches.
#[derive(Debug)]
pub(crate) struct WatchService<C: Carrier>(pub Session<C>);

#[tonic::async_trait]
impl<C: Carrier> Watch for WatchService<C> {
    type WatchStream = Messages<WatchResponse>;

    async fn watch(
        &self,
        request: Request<Streaming<WatchRequest>>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let token = metadata::token(request.metadata());
        let requires_leader = metadata::requires_leader(request.metadata());
        let (to_server, responses) =
            self.0.watches(token).map_err(|failure| refused(failure, Error::code))?;
        let requests = Some(request.into_inner());
        let mut stream = WatchStream { requests, requires_leader, to_server, responses, over: false };
        Ok(Response::new(Box::pin(poll_fn(move |context| stream.poll(context)))))
    }
}

/// A stream of the service: what the client sends goes on to the server as the client reads.
struct WatchStream<C: Carrier> {
    /// `None` once the client sends no more.
    requests: Option<Streaming<WatchRequest>>,
    requires_leader: bool,
    to_server: WatchSender<C>,
    responses: WatchReceiver<C>,
    over: bool,
}

impl<C: Carrier> WatchStream<C> {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<WatchResponse, Status>>> {
        if self.over {
            return Poll::Ready(None);
        }
        self.pass_on(context);
        let response = match ready!(Pin::new(&mut self.responses).poll_next(context)) {
            Some(Ok(response)) => match end_of_stream(&response) {
                None => Ok(response.into()),
                Some(status) => Err(status),
            },
            Some(Err(failure)) => Err(refused(failure, Error::code)),
            None => return Poll::Ready(None),
        };
        self.over = response.is_err();
        Poll::Ready(Some(response))
    }

    /// Sends on everything that came. A client that sends no more may still read (etcd: `api/v3rpc/watch.go`, `recvLoop`).
    fn pass_on(&mut self, context: &mut Context<'_>) {
        while let Some(requests) = &mut self.requests {
            let Poll::Ready(next) = Pin::new(requests).poll_next(context) else { return };
            match next {
                // One without a request in it is taken no notice of.
                Some(Ok(request)) => {
                    if let Ok(request) = api::WatchRequest::try_from(request) {
                        self.to_server.send(self.as_required(request));
                    }
                }
                Some(Err(_)) | None => self.requests = None,
            }
        }
    }

    /// A request with the stream's need of a leader: on the wire the stream has it, in the store each of its watches.
    fn as_required(&self, mut request: api::WatchRequest) -> api::WatchRequest {
        if let api::WatchRequest::Create(create) = &mut request {
            create.require_leader = self.requires_leader;
        }
        request
    }
}

/// The status with which a response ends its whole stream: that of the loss of the leader.
fn end_of_stream(response: &api::WatchResponse) -> Option<Status> {
    let of_all = response.watch_id == api::INVALID_WATCH_ID && !response.created;
    let error: Error = response.cancel_reason.parse().ok().filter(|_| of_all && response.canceled)?;
    Some(status(error, error.code()))
}
