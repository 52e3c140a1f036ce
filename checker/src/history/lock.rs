//! The lock service as a client sees it (`server/etcdserver/api/v3lock/v3lockpb/v3lock.proto`).

use super::kv::Header;
use crate::bytes::Bytes;
use serde::{Deserialize, Serialize};

/// A request of the lock service.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(rename_all = "snake_case")]
pub enum LockRequest {
    /// Wait for a lock, and take it.
    Lock {
        /// The lock's name: the ownership key is `name/hex(lease)`.
        name: Bytes,
        /// The lease to attach the ownership key to; 0 for one of the call's own.
        #[serde(default)]
        lease: i64,
    },
    /// Give a lock back.
    Unlock {
        /// The ownership key.
        key: Bytes,
    },
}

/// The answer to a [`LockRequest`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(rename_all = "snake_case")]
pub enum LockResponse {
    /// The lock is taken.
    Lock {
        /// See [`Header`].
        header: Header,
        /// The ownership key: the lock is held for as long as it exists.
        key: Bytes,
    },
    /// The lock is given back.
    Unlock {
        /// See [`Header`].
        header: Header,
    },
}

impl LockResponse {
    /// The header of the response.
    pub fn header(&self) -> &Header {
        match self {
            LockResponse::Lock { header, .. } | LockResponse::Unlock { header } => header,
        }
    }
}
