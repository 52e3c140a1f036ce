//! The KV API in the words of a caller.

use super::{CallError, Client};
use revline_store::api::{
    CompactionRequest, CompactionResponse, DeleteRangeRequest, DeleteRangeResponse, KeyValue, PutRequest,
    PutResponse, RangeRequest, RangeResponse, Request, Response, TxnRequest, TxnResponse,
};
use revline_store::bytes::Bytes;
use std::ops::Deref;

/// The end of the range of everything from a key on.
const FROM_KEY: &str = "\0";

/// How to read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GetOptions {
    /// Read every key that begins with the one given.
    pub prefix: bool,
    /// Read every key from the one given on.
    pub from_key: bool,
    /// Let the member answer from its own state, which may be old.
    pub serializable: bool,
    /// Read at this revision; 0 means the current one.
    pub revision: i64,
    /// The most keys to return; 0 means all.
    pub limit: i64,
}

/// How to delete.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeleteOptions {
    /// Delete every key that begins with the one given.
    pub prefix: bool,
    /// Delete every key from the one given on.
    pub from_key: bool,
}

/// What a read found.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyValues(RangeResponse);

impl KeyValues {
    /// The value of the first key found, if it is text.
    pub fn value_str(&self) -> Option<&str> {
        self.first().and_then(|kv| std::str::from_utf8(kv.value.as_slice()).ok())
    }

    /// The first key found.
    pub fn first(&self) -> Option<&KeyValue> {
        self.0.kvs.first().map(|kv| &**kv)
    }
}

impl Deref for KeyValues {
    type Target = RangeResponse;

    fn deref(&self) -> &RangeResponse {
        &self.0
    }
}

macro_rules! expect {
    ($result:expr, $kind:ident) => {
        match $result? {
            Response::$kind(response) => Ok(response),
            other => unreachable!("the answer to another kind of request: {other:?}"),
        }
    };
}

impl Client {
    /// Writes a key.
    pub async fn put(
        &self,
        key: impl Into<Bytes>,
        value: impl Into<Bytes>,
    ) -> Result<PutResponse, CallError> {
        let request = PutRequest { key: key.into(), value: value.into(), ..PutRequest::default() };
        expect!(self.call(Request::Put(request)).await, Put)
    }

    /// Reads a key, linearizably.
    pub async fn get(&self, key: impl Into<Bytes>) -> Result<KeyValues, CallError> {
        self.get_with(key, GetOptions::default()).await
    }

    /// Reads a key or a range.
    pub async fn get_with(&self, key: impl Into<Bytes>, options: GetOptions) -> Result<KeyValues, CallError> {
        let key = key.into();
        let request = RangeRequest {
            range_end: if options.from_key { FROM_KEY.into() } else { range_end(&key, options.prefix) },
            key,
            serializable: options.serializable,
            revision: options.revision,
            limit: options.limit,
            ..RangeRequest::default()
        };
        expect!(self.call(Request::Range(request)).await, Range).map(KeyValues)
    }

    /// Deletes a key or a range.
    pub async fn delete(
        &self,
        key: impl Into<Bytes>,
        options: DeleteOptions,
    ) -> Result<DeleteRangeResponse, CallError> {
        let key = key.into();
        let range_end = if options.from_key { FROM_KEY.into() } else { range_end(&key, options.prefix) };
        let request = DeleteRangeRequest { key, range_end, ..DeleteRangeRequest::default() };
        expect!(self.call(Request::DeleteRange(request)).await, DeleteRange)
    }

    /// Compares, then acts.
    pub async fn txn(&self, txn: TxnRequest) -> Result<TxnResponse, CallError> {
        expect!(self.call(Request::Txn(txn)).await, Txn)
    }

    /// Forgets what only revisions before `revision` can see.
    pub async fn compact(&self, revision: i64) -> Result<CompactionResponse, CallError> {
        let request = CompactionRequest { revision, physical: false };
        expect!(self.call(Request::Compaction(request)).await, Compaction)
    }
}

/// The end of the range: of one key, or of all that begin with it.
pub(super) fn range_end(key: &Bytes, prefix: bool) -> Bytes {
    if !prefix {
        return Bytes::default();
    }
    let mut end = key.as_slice().to_vec();
    while let Some(last) = end.pop() {
        if last < 0xff {
            end.push(last + 1);
            return Bytes::from(end);
        }
    }
    Bytes::from(vec![0])
}
