//! The ways in which a legal history can be odd.
//!
//! Each is made of a history that is legal without it, and leaves it legal.

use super::random::Random;
use crate::bytes::Bytes;
use crate::history::*;
use std::collections::BTreeMap;
use std::fmt;

/// The clients that take part in nothing else.
const FIRST_EXTRA_CLIENT: u32 = 2_000_000;

/// The client of the watcher that wants every event, of the first revision on.
const WATCHER_OF_ALL: ClientId = ClientId(1_000_000);

/// Something that is rare and right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Oddity {
    /// Members that lag refuse serializable ranges as of the future, and others refuse them as compacted.
    SerializableRefusals,
    /// Leases without keys are revoked, absent keys deleted and unlocked, leaderships that ended resigned, and txns
    /// change nothing.
    NothingFound,
    /// Compactions of unknown outcome.
    UnknownCompactions,
    /// A watch asks late for what happened long ago.
    LateWatch,
    /// The recording begins in the middle: what was asked before is not in it.
    LateStart,
    /// Watches recorded without their created frame.
    UnseenCreated,
}

impl Oddity {
    /// All of them.
    pub const ALL: &[Oddity] = &[
        Oddity::SerializableRefusals,
        Oddity::NothingFound,
        Oddity::UnknownCompactions,
        Oddity::LateWatch,
        Oddity::LateStart,
        Oddity::UnseenCreated,
    ];

    /// The name of the oddity.
    pub fn name(self) -> &'static str {
        match self {
            Oddity::SerializableRefusals => "serializable-refusals",
            Oddity::NothingFound => "nothing-found",
            Oddity::UnknownCompactions => "unknown-compactions",
            Oddity::LateWatch => "late-watch",
            Oddity::LateStart => "late-start",
            Oddity::UnseenCreated => "unseen-created",
        }
    }

    /// Puts it into a history that was generated: a pure function of its arguments.
    pub fn put_into(self, history: &mut History, seed: u64) {
        let random = &mut Random::new(seed ^ 0x0dd);
        match self {
            Oddity::SerializableRefusals => serializable_refusals(history, random),
            Oddity::NothingFound => nothing_found(history, random),
            Oddity::UnknownCompactions => unknown_compactions(history, random),
            Oddity::LateWatch => late_watch(history, random),
            Oddity::LateStart => late_start(history, random),
            Oddity::UnseenCreated => unseen_created(history, random),
        }
    }
}

impl fmt::Display for Oddity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

fn serializable_refusals(history: &mut History, random: &mut Random) {
    for operation in &mut history.operations {
        let Request::Range(range) = &mut operation.request else { continue };
        match &operation.outcome {
            // The member stood there: what comes after it is of the future.
            Outcome::Ok(Response::Range(got))
                if range.serializable && range.revision == 0 && random.percent(40) =>
            {
                range.revision = got.header.revision + 1 + random.below(3) as Revision;
                let message = "etcdserver: mvcc: required revision is a future revision".to_owned();
                operation.outcome = Outcome::Failed(Error { code: "OutOfRange".to_owned(), message });
            }
            Outcome::Failed(_) => range.serializable |= random.percent(50),
            _ => {}
        }
    }
}

fn nothing_found(history: &mut History, random: &mut Random) {
    let header = |revision| Header { member: MemberId(0), revision, term: 0 };
    let mut extra = Vec::new();
    let mut granted = Vec::new();
    for (at, operation) in history.operations.iter().enumerate() {
        let Some(response) = operation.response() else { continue };
        if operation.request.is_serializable() || !random.percent(15) {
            continue;
        }
        // Whatever finds nothing just after this one took effect is answered with the same revision.
        let revision = response.header().revision;
        let header = header(revision);
        let name = |sort: &str| Bytes::from(format!("{sort}/{at:x}"));
        let txn = |succeeded| TxnResponse { header, succeeded, responses: Vec::new() };
        let (request, response) = match random.below(6) {
            0 => {
                let id = 1 + at as i64;
                granted.push((id, operation.return_ns));
                let response = LeaseResponse::Grant { header, id, ttl_s: 60 };
                (Request::Lease(LeaseRequest::Grant { id, ttl_s: 60 }), Response::Lease(response))
            }
            1 => {
                let before =
                    |(_, at_ns): &(i64, Option<u64>)| at_ns.is_some_and(|at| at < operation.invoke_ns);
                let Some(at) = granted.iter().position(before) else { continue };
                let (id, _) = granted.swap_remove(at);
                let response = LeaseResponse::Revoke { header };
                (Request::Lease(LeaseRequest::Revoke { id }), Response::Lease(response))
            }
            2 => {
                let request = DeleteRequest { key: name("absent"), ..DeleteRequest::default() };
                let response = DeleteResponse { header, deleted: 0, prev_kvs: Vec::new() };
                (Request::Delete(request), Response::Delete(response))
            }
            3 => {
                let request = LockRequest::Unlock { key: name("lock") };
                (Request::Lock(request), Response::Lock(LockResponse::Unlock { header }))
            }
            4 => {
                let key = name("election");
                let leader = LeaderKey { name: "election".into(), key, rev: revision, lease: at as i64 };
                let request = ElectionRequest::Resign { leader };
                (Request::Election(request), Response::Election(ElectionResponse::Resign { header }))
            }
            _ => {
                let compare = Compare {
                    key: name("absent"),
                    range_end: Bytes::default(),
                    result: CompareResult::Equal,
                    target: CompareTarget::CreateRevision(0),
                };
                let request = TxnRequest { compare: vec![compare], ..TxnRequest::default() };
                (Request::Txn(request), Response::Txn(txn(true)))
            }
        };
        extra.push(Operation {
            client: ClientId(FIRST_EXTRA_CLIENT + extra.len() as u32),
            request,
            outcome: Outcome::Ok(response),
            ..operation.clone()
        });
    }
    history.operations.extend(extra);
}

fn unknown_compactions(history: &mut History, random: &mut Random) {
    for operation in &mut history.operations {
        let is_answered = matches!(operation.outcome, Outcome::Ok(_));
        if is_answered && matches!(operation.request, Request::Compact(_)) && random.percent(70) {
            operation.outcome = Outcome::Unknown("timed out".to_owned());
        }
    }
}

fn unseen_created(history: &mut History, random: &mut Random) {
    for watch in &mut history.watches {
        if random.percent(70) {
            watch.frames.retain(|frame| !frame.created);
        }
    }
}

fn late_watch(history: &mut History, random: &mut Random) {
    let of_all = history.watches.iter().filter(|watch| watch.client == WATCHER_OF_ALL);
    let mut events: BTreeMap<(Revision, Bytes), Event> = BTreeMap::new();
    for (_, _, event) in of_all.flat_map(|watch| watch.events()) {
        let event = Event { prev_kv: None, ..event.clone() };
        events.insert((event.kv.mod_revision, event.kv.key.clone()), event);
    }
    let compacted = history.operations.iter().filter_map(|operation| match &operation.request {
        Request::Compact(compact) => Some(compact.revision),
        _ => None,
    });
    // Nothing that may have been compacted is asked for.
    let newest = events.keys().next_back().map_or(1, |(revision, _)| *revision);
    let oldest = compacted.max().unwrap_or(1).clamp(1, newest);
    let start = oldest + random.below((newest - oldest) as u64 + 1) as Revision;
    let frames = history.watches.iter().filter_map(|watch| watch.frames.last());
    let returns = history.operations.iter().filter_map(|operation| operation.return_ns);
    let last_ns = frames.map(|frame| frame.received_ns).chain(returns).max().unwrap_or(0);
    let mut received_ns = last_ns + 2;
    let created = WatchFrame { received_ns, revision: newest, created: true, ..WatchFrame::default() };
    let mut frames = vec![created];
    let mut batch: Vec<Event> = Vec::new();
    for ((revision, _), event) in events.range((start, Bytes::default())..) {
        let begins = batch.last().is_some_and(|last| last.kv.mod_revision < *revision);
        if begins && random.percent(30) {
            received_ns += 1;
            let events = std::mem::take(&mut batch);
            frames.push(WatchFrame { received_ns, revision: newest, events, ..WatchFrame::default() });
        }
        batch.push(event.clone());
    }
    if !batch.is_empty() {
        received_ns += 1;
        frames.push(WatchFrame { received_ns, revision: newest, events: batch, ..WatchFrame::default() });
    }
    let id = history.watches.iter().map(|watch| watch.id).max().map_or(0, |id| id + 1);
    let request = WatchRequest::of_everything(start);
    let client = ClientId(FIRST_EXTRA_CLIENT - 1);
    history.watches.push(Watch { frames, ..Watch::new(id, client, request, last_ns + 1) });
}

fn late_start(history: &mut History, random: &mut Random) {
    let last_ns = history.operations.iter().map(|operation| operation.invoke_ns).max().unwrap_or(0);
    // Not while the store is new: what is answered then shows that it is, and nothing is under way yet.
    let is_new =
        |operation: &&Operation| operation.response().is_some_and(|response| response.header().revision <= 2);
    let new = history.operations.iter().filter(is_new).filter_map(|operation| operation.return_ns);
    let new_until_ns = new.max().unwrap_or(0);
    let from_ns = (last_ns * (1 + random.below(90)) / 100).max(new_until_ns + 1);
    history.is_of_new_store = false;
    history.operations.retain(|operation| operation.invoke_ns >= from_ns);
    history.watches.retain(|watch| watch.invoke_ns >= from_ns);
    let ids: Vec<u64> = history.watches.iter().map(|watch| watch.id).collect();
    for watch in &mut history.watches {
        // What it continues is not known any more.
        watch.resumes = watch.resumes.filter(|earlier| ids.contains(earlier));
    }
}
