//! Hand-made histories, for testing checkers and recorders.
//!
//! ```
//! use revline_checker::history::build::{Builder, get, kv, put, ranged, written};
//!
//! let mut history = Builder::default();
//! history.ok(0, put("a", "1"), written(2));
//! history.ok(1, get("a"), ranged(2, [kv("a", "1", 2, 2, 1)]));
//! let verdicts = revline_checker::guarantee::judge(&history.build());
//! assert!(!verdicts.any_violated());
//! ```

use super::*;
use crate::bytes::Bytes;

/// Collects a history, moving its clock on with every operation and frame.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    history: History,
    now_ns: u64,
}

impl Builder {
    /// The next moment.
    pub fn tick(&mut self) -> u64 {
        self.now_ns += 10;
        self.now_ns
    }

    /// An operation that was answered before the next thing began. Returns its index.
    pub fn ok(&mut self, client: u32, request: Request, response: Response) -> usize {
        self.operation(client, request, Outcome::Ok(response))
    }

    /// An operation that was refused.
    pub fn failed(&mut self, client: u32, request: Request, code: &str, message: &str) -> usize {
        let error = Error { code: code.to_owned(), message: message.to_owned() };
        self.operation(client, request, Outcome::Failed(error))
    }

    /// An operation whose client gave up on it.
    pub fn unknown(&mut self, client: u32, request: Request) -> usize {
        self.operation(client, request, Outcome::Unknown("timed out".to_owned()))
    }

    fn operation(&mut self, client: u32, request: Request, outcome: Outcome) -> usize {
        let invoke_ns = self.tick();
        let return_ns = Some(self.tick());
        self.history.operations.push(Operation {
            client: ClientId(client),
            member: None,
            invoke_ns,
            return_ns,
            request,
            outcome,
        });
        self.history.operations.len() - 1
    }

    /// Moves an operation to other times.
    pub fn during(&mut self, operation: usize, invoke_ns: u64, return_ns: u64) {
        self.history.operations[operation].invoke_ns = invoke_ns;
        self.history.operations[operation].return_ns = Some(return_ns);
    }

    /// Names the member an operation was sent to.
    pub fn sent_to(&mut self, operation: usize, member: u64) {
        self.history.operations[operation].member = Some(MemberId(member));
    }

    /// A watch. Returns its index, which is its id as well.
    pub fn watch(&mut self, client: u32, request: WatchRequest) -> usize {
        let invoke_ns = self.tick();
        let index = self.history.watches.len();
        self.history.watches.push(Watch {
            id: index as u64,
            client: ClientId(client),
            member: None,
            resumes: None,
            request,
            invoke_ns,
            frames: Vec::new(),
            end: WatchEnd::Open,
            end_ns: None,
        });
        index
    }

    /// A watch that goes on where another was cut off.
    pub fn resume(&mut self, watch: usize, start_revision: Revision) -> usize {
        let at = self.tick();
        let earlier = &mut self.history.watches[watch];
        (earlier.end, earlier.end_ns) = (WatchEnd::Broken, Some(at));
        let (client, request) =
            (earlier.client.0, WatchRequest { start_revision, ..earlier.request.clone() });
        let index = self.watch(client, request);
        self.history.watches[index].resumes = Some(watch as u64);
        index
    }

    /// A frame of a watch, as it is.
    pub fn frame(&mut self, watch: usize, frame: WatchFrame) {
        let received_ns = self.tick();
        self.history.watches[watch].frames.push(WatchFrame { received_ns, ..frame });
    }

    /// The frame that says the watch was created.
    pub fn created(&mut self, watch: usize, revision: Revision) {
        self.frame(watch, WatchFrame { revision, created: true, ..WatchFrame::default() });
    }

    /// A frame with events, whose header is at the last of them.
    pub fn events(&mut self, watch: usize, events: impl IntoIterator<Item = Event>) {
        let events: Vec<_> = events.into_iter().collect();
        let revision = events.last().map_or(0, |event| event.kv.mod_revision);
        self.frame(watch, WatchFrame { revision, events, ..WatchFrame::default() });
    }

    /// A progress notification.
    pub fn progress(&mut self, watch: usize, revision: Revision) {
        self.frame(watch, WatchFrame { revision, ..WatchFrame::default() });
    }

    /// The frame that ends a watch because what it needs was compacted.
    pub fn compacted(&mut self, watch: usize, compact_revision: Revision) {
        let canceled = Some("etcdserver: mvcc: required revision has been compacted".to_owned());
        let frame = WatchFrame { canceled, compact_revision, ..WatchFrame::default() };
        self.frame(watch, frame);
        self.history.watches[watch].end = WatchEnd::Canceled;
    }

    /// Something the host saw.
    pub fn observation(&mut self, observation: Observation) {
        self.history.observations.push(observation);
    }

    /// The history.
    pub fn build(self) -> History {
        self.history
    }
}

fn header(revision: Revision) -> Header {
    Header { member: MemberId(0), revision, term: 0 }
}

/// Put one key.
pub fn put(key: &str, value: &str) -> Request {
    Request::Put(PutRequest { key: key.into(), value: value.into(), ..PutRequest::default() })
}

/// Delete one key.
pub fn delete(key: &str) -> Request {
    delete_range(key, "")
}

/// Delete the keys in `[key, end)`.
pub fn delete_range(key: &str, end: &str) -> Request {
    Request::Delete(DeleteRequest { key: key.into(), range_end: end.into(), prev_kv: false })
}

/// Read one key.
pub fn get(key: &str) -> Request {
    range(key, "")
}

/// Read the keys in `[key, end)`.
pub fn range(key: &str, end: &str) -> Request {
    Request::Range(RangeRequest { key: key.into(), range_end: end.into(), ..RangeRequest::default() })
}

/// Read the keys in `[key, end)` as they were at a revision.
pub fn range_at(key: &str, end: &str, revision: Revision) -> Request {
    Request::Range(RangeRequest {
        key: key.into(),
        range_end: end.into(),
        revision,
        ..RangeRequest::default()
    })
}

/// Read the keys in `[key, end)` from one member's own state.
pub fn serializable(key: &str, end: &str) -> Request {
    Request::Range(RangeRequest {
        key: key.into(),
        range_end: end.into(),
        serializable: true,
        ..RangeRequest::default()
    })
}

/// If every condition holds the first requests, otherwise the second.
pub fn txn(
    compare: impl IntoIterator<Item = Compare>,
    success: impl IntoIterator<Item = Request>,
    failure: impl IntoIterator<Item = Request>,
) -> Request {
    Request::Txn(TxnRequest {
        compare: compare.into_iter().collect(),
        success: success.into_iter().collect(),
        failure: failure.into_iter().collect(),
    })
}

/// Forget what is before a revision.
pub fn compact(revision: Revision) -> Request {
    Request::Compact(CompactRequest { revision, physical: false })
}

/// The condition that a key was last written at a revision; 0 means that it is absent.
pub fn unmodified_since(key: &str, revision: Revision) -> Compare {
    Compare {
        key: key.into(),
        range_end: Bytes::default(),
        result: CompareResult::Equal,
        target: CompareTarget::ModRevision(revision),
    }
}

/// A key with its value, create revision, mod revision and version.
pub fn kv(
    key: &str,
    value: &str,
    create_revision: Revision,
    mod_revision: Revision,
    version: i64,
) -> KeyValue {
    KeyValue { key: key.into(), value: value.into(), create_revision, mod_revision, version, lease: 0 }
}

/// The answer to a put.
pub fn written(revision: Revision) -> Response {
    Response::Put(PutResponse { header: header(revision), prev_kv: None })
}

/// The answer to a delete.
pub fn deleted(revision: Revision, deleted: i64) -> Response {
    Response::Delete(DeleteResponse { header: header(revision), deleted, prev_kvs: Vec::new() })
}

/// The answer to a range without a limit.
pub fn ranged(revision: Revision, kvs: impl IntoIterator<Item = KeyValue>) -> Response {
    let kvs: Vec<_> = kvs.into_iter().collect();
    let count = kvs.len() as i64;
    Response::Range(RangeResponse { header: header(revision), kvs, more: false, count })
}

/// The answer to a txn.
pub fn decided(
    revision: Revision,
    succeeded: bool,
    responses: impl IntoIterator<Item = Response>,
) -> Response {
    let responses = responses.into_iter().collect();
    Response::Txn(TxnResponse { header: header(revision), succeeded, responses })
}

/// The answer to a compaction.
pub fn compaction(revision: Revision) -> Response {
    Response::Compact(CompactResponse { header: header(revision) })
}

/// Watch the keys in `[key, end)` from a revision on; 0 means from now on.
pub fn watching(key: &str, end: &str, start_revision: Revision) -> WatchRequest {
    WatchRequest { key: key.into(), range_end: end.into(), start_revision, ..WatchRequest::default() }
}

/// A key was written.
pub fn put_event(kv: KeyValue) -> Event {
    Event { kind: EventKind::Put, kv, prev_kv: None }
}

/// A key was deleted.
pub fn delete_event(key: &str, revision: Revision) -> Event {
    let kv = KeyValue { key: key.into(), mod_revision: revision, ..KeyValue::default() };
    Event { kind: EventKind::Delete, kv, prev_kv: None }
}
