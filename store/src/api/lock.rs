//! The lock service: a request that is answered once the lock is owned.

use serde::{Deserialize, Serialize};

use super::ResponseHeader;
use super::header::response_header;
use crate::bytes::Bytes;

/// A request of `v3lockpb.Lock`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub enum LockRequest {
    Lock(AcquireRequest),
    Unlock(UnlockRequest),
}

/// The response to a [`LockRequest`], of the same kind.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub enum LockResponse {
    Lock(AcquireResponse),
    Unlock(UnlockResponse),
}

response_header! { LockResponse { Lock, Unlock, } }

/// `v3lockpb.LockRequest`
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AcquireRequest {
    /// The lock. Its keys lie under this name and a slash.
    pub name: Bytes,
    /// The lease that the holder of the lock keeps alive: the lock ends with it. 0 lets the member grant one of 60
    /// seconds, which it keeps alive until it answers.
    pub lease: i64,
}

/// `v3lockpb.LockResponse`: the lock is owned.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AcquireResponse {
    /// A revision at which it was owned.
    pub header: ResponseHeader,
    /// The key that exists as long as the lock is owned. A write that must not happen without the lock is
    /// guarded by it.
    pub key: Bytes,
}

/// `v3lockpb.UnlockRequest`
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct UnlockRequest {
    /// The key of [`AcquireResponse::key`]. That it is gone already is no error.
    pub key: Bytes,
}

/// `v3lockpb.UnlockResponse`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct UnlockResponse {
    /// The revision that deleted the key, or the current one if it was gone.
    pub header: ResponseHeader,
}
