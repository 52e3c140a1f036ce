//! Writes of unknown outcome whose effect was seen.
//!
//! A key that was read shows the revision of the write that made it so. If only one request of the whole
//! history could have written that value, the revision is that request's, whatever its client learned.

use super::Answer;
use crate::bytes::Bytes;
use crate::history::{KeyValue, Request, Response, Revision};
use crate::search::Call;
use std::collections::BTreeMap;

/// A key and a value it was given.
type Written<'a> = (&'a Bytes, &'a Bytes);

/// Gives the calls of unknown outcome whose effect was seen the revision at which they must have taken it.
pub(super) fn place(calls: &mut [Call<Request, Answer>]) {
    let mut writers: BTreeMap<Written<'_>, Option<usize>> = BTreeMap::new();
    let mut rewritten = Vec::new();
    for (at, call) in calls.iter().enumerate() {
        puts(&call.op, &mut |key, value| match value {
            Some(value) => {
                writers.entry((key, value)).and_modify(|writer| *writer = None).or_insert(Some(at));
            }
            None => rewritten.push(key),
        });
    }
    // Puts that keep the value give old values new revisions.
    writers.retain(|(key, _), _| !rewritten.contains(key));

    let mut revisions: BTreeMap<usize, Revision> = BTreeMap::new();
    for call in calls.iter() {
        let Some((_, Answer::Given(response))) = &call.ret else { continue };
        shown(response, &mut |kv| {
            if let Some(Some(writer)) = writers.get(&(&kv.key, &kv.value))
                && calls[*writer].ret.is_none()
            {
                revisions.insert(*writer, kv.mod_revision);
            }
        });
    }
    for (call, revision) in revisions {
        calls[call].ret = Some((u64::MAX, Answer::At(revision)));
    }
}

/// The keys that a request may put, with the value, unless it keeps the old one.
fn puts<'a>(request: &'a Request, put: &mut impl FnMut(&'a Bytes, Option<&'a Bytes>)) {
    match request {
        Request::Put(request) => put(&request.key, (!request.ignore_value).then_some(&request.value)),
        Request::Txn(txn) => txn.branches().for_each(|request| puts(request, put)),
        Request::Range(_) | Request::Delete(_) | Request::Compact(_) => {}
        Request::Lease(_) | Request::Lock(_) | Request::Election(_) | Request::Auth(_) => {}
    }
}

/// The keys that a response shows.
fn shown<'a>(response: &'a Response, show: &mut impl FnMut(&'a KeyValue)) {
    match response {
        Response::Range(response) => response.kvs.iter().for_each(show),
        Response::Put(response) => response.prev_kv.iter().for_each(show),
        Response::Delete(response) => response.prev_kvs.iter().for_each(show),
        Response::Txn(response) => response.responses.iter().for_each(|response| shown(response, show)),
        Response::Compact(_)
        | Response::Lease(_)
        | Response::Lock(_)
        | Response::Election(_)
        | Response::Auth(_) => {}
    }
}
