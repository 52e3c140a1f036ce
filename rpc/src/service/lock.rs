//! `v3lockpb.Lock`.

use super::unary_methods;
use crate::proto::v3lockpb::lock_server::Lock;
use crate::proto::v3lockpb::{LockRequest, LockResponse, UnlockRequest, UnlockResponse};
use crate::session::{Carrier, Session};

/// The service of locks. A caller that goes away gives up its place.
#[derive(Debug)]
pub(crate) struct LockService<C: Carrier>(pub Session<C>);

#[tonic::async_trait]
impl<C: Carrier> Lock for LockService<C> {
    unary_methods! {
        lock(LockRequest) -> LockResponse;
        unlock(UnlockRequest) -> UnlockResponse;
    }
}
