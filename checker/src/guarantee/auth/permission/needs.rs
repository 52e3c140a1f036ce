//! The permissions that requests need (etcd: `server/etcdserver/apply/auth.go`).

use crate::bytes::Bytes;
use crate::history::*;

/// The kind of access to keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::guarantee) enum Wants {
    /// They are read.
    Read,
    /// They are put or deleted.
    Write,
}

/// Permission to do something with the keys in `[key, range_end)`.
#[derive(Clone, Copy, Debug)]
pub(in crate::guarantee) struct Need<'h> {
    pub(in crate::guarantee) wants: Wants,
    pub(in crate::guarantee) key: &'h Bytes,
    pub(in crate::guarantee) range_end: &'h Bytes,
}

/// No end: the key alone.
pub(in crate::guarantee) static ALONE: std::sync::LazyLock<Bytes> = std::sync::LazyLock::new(Bytes::default);

impl<'h> Need<'h> {
    /// To do something with one key.
    pub(in crate::guarantee) fn of_key(wants: Wants, key: &'h Bytes) -> Self {
        Need { wants, key, range_end: &ALONE }
    }

    fn of(wants: Wants, key: &'h Bytes, range_end: &'h Bytes) -> Self {
        Need { wants, key, range_end }
    }
}

/// The access that an answered request made: of a txn, its conditions and the branch that it took.
pub(in crate::guarantee) fn shown_or_done<'h>(request: &'h Request, response: &'h Response) -> Vec<Need<'h>> {
    let mut needs = Vec::new();
    collect(request, Some(response), &mut needs);
    needs
}

/// The access that a request asks for, of a txn in both branches, without that to keys of leases.
pub(in crate::guarantee) fn needs_of(request: &Request) -> Vec<Need<'_>> {
    let mut needs = Vec::new();
    collect(request, None, &mut needs);
    needs
}

/// The access that a request asks for, of a txn in both branches; `None` where that depends on more than the request.
pub(in crate::guarantee) fn asked(request: &Request) -> Option<Vec<Need<'_>>> {
    let is_plain = |request: &Request| match request {
        Request::Range(_) | Request::Delete(_) | Request::Put(_) | Request::Txn(_) => {
            leases(request, None).is_empty()
        }
        _ => false,
    };
    is_plain(request).then(|| needs_of(request))
}

/// The leases that a request attaches keys to or ends: it needs to write every key that goes with them. Without a
/// response, those of both branches of a txn.
pub(in crate::guarantee) fn leases(request: &Request, response: Option<&Response>) -> Vec<i64> {
    match (request, response) {
        (Request::Put(put), _) => (put.lease != 0).then_some(put.lease).into_iter().collect(),
        (Request::Lease(LeaseRequest::Revoke { id }), _) => vec![*id],
        (Request::Txn(txn), response) => {
            let parts = parts(txn, response).into_iter();
            parts.flat_map(|(request, response)| leases(request, response)).collect()
        }
        _ => Vec::new(),
    }
}

/// The requests of the branch that a txn took, with their answers; without an answer those of both branches.
fn parts<'h>(
    txn: &'h TxnRequest,
    response: Option<&'h Response>,
) -> Vec<(&'h Request, Option<&'h Response>)> {
    match response {
        Some(Response::Txn(took)) => {
            let branch = if took.succeeded { &txn.success } else { &txn.failure };
            branch.iter().zip(took.responses.iter().map(Some)).collect()
        }
        _ => txn.branches().map(|request| (request, None)).collect(),
    }
}

fn collect<'h>(request: &'h Request, response: Option<&'h Response>, needs: &mut Vec<Need<'h>>) {
    match (request, response) {
        (Request::Range(range), _) => needs.push(Need::of(Wants::Read, &range.key, &range.range_end)),
        (Request::Put(put), _) => {
            needs.push(Need::of_key(Wants::Write, &put.key));
            if put.prev_kv {
                needs.push(Need::of_key(Wants::Read, &put.key));
            }
        }
        (Request::Delete(delete), _) => {
            needs.push(Need::of(Wants::Write, &delete.key, &delete.range_end));
            if delete.prev_kv {
                needs.push(Need::of(Wants::Read, &delete.key, &delete.range_end));
            }
        }
        (Request::Txn(txn), response) => {
            let compares = txn.compare.iter();
            needs.extend(compares.map(|compare| Need::of(Wants::Read, &compare.key, &compare.range_end)));
            let parts = parts(txn, response).into_iter();
            parts.for_each(|(request, response)| collect(request, response, needs));
        }
        (Request::Lock(LockRequest::Unlock { key }), _)
        | (Request::Lock(_), Some(Response::Lock(LockResponse::Lock { key, .. }))) => {
            needs.push(Need::of_key(Wants::Write, key));
        }
        (Request::Election(ElectionRequest::Proclaim { leader, .. }), _)
        | (Request::Election(_), Some(Response::Election(ElectionResponse::Campaign { leader, .. }))) => {
            needs.push(Need::of_key(Wants::Write, &leader.key));
        }
        (Request::Election(_), Some(Response::Election(ElectionResponse::Leader { kv: Some(kv), .. }))) => {
            needs.push(Need::of_key(Wants::Read, &kv.key));
        }
        // A resignation first looks whether there is anything to give up. When the keys of a lease were looked at
        // that are told of it, its answer does not say.
        (Request::Lease(_) | Request::Lock(_) | Request::Election(_), _) => {}
        (Request::Compact(_) | Request::Auth(_), _) => {}
    }
}
