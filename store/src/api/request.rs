//! The requests of the KV service as one type: the proposals that are applied to the store.

use serde::{Deserialize, Serialize};

use super::header::response_header;
use super::{
    CompactionRequest, CompactionResponse, DeleteRangeRequest, DeleteRangeResponse, PutRequest, PutResponse,
    RangeRequest, RangeResponse, ResponseHeader, TxnRequest, TxnResponse,
};

/// A request of `etcdserverpb.KV`. New kinds go at the end: stored logs hold the position.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Request {
    Range(RangeRequest),
    Put(PutRequest),
    DeleteRange(DeleteRangeRequest),
    Txn(TxnRequest),
    Compaction(CompactionRequest),
}

impl Request {
    /// Returns true if it may be answered without a proposal.
    pub fn is_read_only(&self) -> bool {
        match self {
            Request::Range(_) => true,
            Request::Txn(txn) => txn.is_read_only(),
            Request::Put(_) | Request::DeleteRange(_) | Request::Compaction(_) => false,
        }
    }

    /// Returns true if the member may answer a read-only request alone, without asking for the read index.
    pub fn is_serializable(&self) -> bool {
        match self {
            Request::Range(range) => range.serializable,
            Request::Txn(txn) => txn.is_serializable(),
            Request::Put(_) | Request::DeleteRange(_) | Request::Compaction(_) => false,
        }
    }
}

/// The response to a [`Request`], of the same kind.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Response {
    Range(RangeResponse),
    Put(PutResponse),
    DeleteRange(DeleteRangeResponse),
    Txn(TxnResponse),
    Compaction(CompactionResponse),
}

response_header! { Response { Range, Put, DeleteRange, Txn, Compaction, } }
