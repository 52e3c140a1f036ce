//! The writes that clients saw: the revisions of each key.

use super::short::shortened_to;
use revline_checker::bytes::Bytes;
use revline_checker::history::{
    Event, EventKind, History, KeyValue, PutRequest, Request, Response, Revision, TxnRequest, TxnResponse,
};
use serde::Serialize;
use std::collections::BTreeMap;

/// The writes, column by column, by revision and key.
#[derive(Debug, Default, Serialize)]
pub(super) struct Writes {
    /// The keys.
    keys: Vec<String>,
    /// The index of the key of each write.
    key: Vec<usize>,
    /// The revision of each write, less that of the one before.
    after: Vec<Revision>,
    /// The value of each write; null for a delete.
    value: Vec<Option<String>>,
}

/// The value after a write, as far as it is known.
enum Written {
    Value(Bytes),
    /// The put kept the value that was there.
    Kept,
    Deleted,
}

/// The writes by revision and key.
#[derive(Default)]
struct Seen(BTreeMap<(Revision, Bytes), Written>);

/// The writes that the answers and the watches of a history show, with texts of so many bytes at most.
pub(super) fn writes(history: &History, most_bytes: usize) -> Writes {
    let mut seen = Seen::default();
    for operation in &history.operations {
        if let Some(response) = operation.response() {
            seen.answer(&operation.request, response, response.header().revision);
        }
    }
    for (_, _, event) in history.watches.iter().flat_map(|watch| watch.events()) {
        seen.event(event);
    }
    seen.in_columns(most_bytes)
}

impl Seen {
    fn answer(&mut self, request: &Request, response: &Response, revision: Revision) {
        match (request, response) {
            (Request::Put(put), Response::Put(_)) => self.put(put, revision),
            (Request::Delete(delete), Response::Delete(deleted)) if deleted.deleted > 0 => {
                if delete.range_end.as_slice().is_empty() {
                    self.write(revision, &delete.key, Written::Deleted);
                }
                for kv in &deleted.prev_kvs {
                    self.write(revision, &kv.key, Written::Deleted);
                }
            }
            (Request::Range(_), Response::Range(range)) => range.kvs.iter().for_each(|kv| self.kv(kv)),
            (Request::Txn(txn), Response::Txn(answer)) => self.txn(txn, answer, revision),
            _ => {}
        }
    }

    fn txn(&mut self, txn: &TxnRequest, answer: &TxnResponse, revision: Revision) {
        let branch = if answer.succeeded { &txn.success } else { &txn.failure };
        for (request, response) in branch.iter().zip(&answer.responses) {
            self.answer(request, response, revision);
        }
    }

    fn put(&mut self, put: &PutRequest, revision: Revision) {
        let written = if put.ignore_value { Written::Kept } else { Written::Value(put.value.clone()) };
        self.write(revision, &put.key, written);
    }

    /// A key as it was shown: not every answer carries values, so an empty one says nothing.
    fn kv(&mut self, kv: &KeyValue) {
        if kv.mod_revision > 0 && !kv.value.as_slice().is_empty() {
            self.write(kv.mod_revision, &kv.key, Written::Value(kv.value.clone()));
        }
    }

    fn event(&mut self, event: &Event) {
        let written = match event.kind {
            EventKind::Put => Written::Value(event.kv.value.clone()),
            EventKind::Delete => Written::Deleted,
        };
        self.write(event.kv.mod_revision, &event.kv.key, written);
    }

    /// Notes a write. What was said first stays.
    fn write(&mut self, revision: Revision, key: &Bytes, written: Written) {
        // A history may hold any number: no store has these revisions.
        if revision <= 0 {
            return;
        }
        let place = self.0.entry((revision, key.clone()));
        let own = place.or_insert(Written::Kept);
        if matches!(own, Written::Kept) {
            *own = written;
        }
    }

    fn in_columns(self, most_bytes: usize) -> Writes {
        let mut indexes: BTreeMap<Bytes, usize> = BTreeMap::new();
        let mut columns = Writes::default();
        let mut before = 0;
        for ((revision, key), written) in self.0 {
            let index = *indexes.entry(key.clone()).or_insert_with(|| {
                columns.keys.push(shortened_to(key.to_string(), most_bytes));
                columns.keys.len() - 1
            });
            columns.key.push(index);
            columns.after.push(revision - before);
            columns.value.push(match written {
                Written::Value(value) => Some(shortened_to(value.to_string(), most_bytes)),
                Written::Kept => Some("(not known)".to_owned()),
                Written::Deleted => None,
            });
            before = revision;
        }
        columns
    }
}
