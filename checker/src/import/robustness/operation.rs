//! Operations of a report.

use super::super::error::Problem;
use super::recorded::{self, Found, Op, Output, Range};
use super::value::prefix_end;
use crate::bytes::Bytes;
use crate::history::*;

/// Of a request of a report, what the history makes of it.
pub(super) enum Asked {
    /// A request of the KV API.
    Request(Request),
    /// The lease goes, and with it the keys attached to it.
    Revoke(i64),
    /// A lease is granted, with this id. For how long is not recorded.
    Grant(i64),
    /// It neither changes nor shows anything: defragmentation, and what was lost of the like.
    Nothing,
}

/// The times of an operation: its invocation, and its answer or the client's giving up, if that is recorded.
pub(super) fn times(recorded: &recorded::Operation) -> Result<(u64, Option<u64>), Problem> {
    let nanos = |what, time_ns| u64::try_from(time_ns).map_err(|_| Problem::NegativeTime { what, time_ns });
    let call = nanos("Call", recorded.call)?;
    let returned = nanos("Return", recorded.r#return)?;
    if is_lost(&recorded.output) {
        return Ok((call, Some(returned).filter(|at| *at > call && *at < i64::MAX as u64)));
    }
    if returned < call {
        return Err(Problem::ReturnBeforeCall { call_ns: call, return_ns: returned });
    }
    Ok((call, Some(returned)))
}

/// True if the client did not see the answer.
pub(super) fn is_lost(output: &Output) -> bool {
    !output.error.is_empty() || output.persisted || output.partial_response
}

/// The request.
pub(super) fn asked(recorded: &recorded::Operation) -> Result<Asked, Problem> {
    let input = &recorded.input;
    let needed = |what| Problem::syntax(what, "null");
    Ok(match input.r#type.as_str() {
        "range" => {
            let mut range = range(input.range.as_ref().ok_or_else(|| needed("`Range` of a range"))?);
            // Whoever records no revision for the answer of a range at a revision makes no promise about its
            // place in time.
            range.serializable = range.revision > 0 && recorded.output.revision < 0;
            Asked::Request(Request::Range(range))
        }
        "txn" => Asked::Request(txn(input.txn.as_ref().ok_or_else(|| needed("`Txn` of a txn"))?)?),
        "compact" => {
            let compact = input.compact.as_ref().ok_or_else(|| needed("`Compact` of a compact"))?;
            let request = CompactRequest { revision: compact.revision, physical: false };
            Asked::Request(Request::Compact(request))
        }
        "leaseRevoke" => {
            let lease =
                input.lease_revoke.as_ref().ok_or_else(|| needed("`LeaseRevoke` of a leaseRevoke"))?;
            Asked::Revoke(lease.lease_id)
        }
        "leaseGrant" => {
            let lease = input.lease_grant.as_ref().ok_or_else(|| needed("`LeaseGrant` of a leaseGrant"))?;
            // Without an answer there is no id, and nobody can use the lease.
            let is_told = !is_lost(&recorded.output) && recorded.output.revision > 0 && lease.lease_id != 0;
            if is_told { Asked::Grant(lease.lease_id) } else { Asked::Nothing }
        }
        "defragment" => Asked::Nothing,
        other => {
            let known = "`range`, `txn`, `compact`, `leaseGrant`, `leaseRevoke` or `defragment` as `Type`";
            return Err(Problem::syntax(known, other));
        }
    })
}

/// The outcome.
pub(super) fn outcome(request: &Request, output: &Output) -> Result<Outcome, Problem> {
    if !output.client_error.is_empty() {
        return Ok(Outcome::Failed(refused(&output.client_error)));
    }
    let error = refused(&output.error);
    if let (Request::Range(_), Some(Refusal::Compacted | Refusal::FutureRev)) = (request, Refusal::of(&error))
    {
        return Ok(Outcome::Failed(error));
    }
    if is_lost(output) {
        let revision = if output.partial_response { output.revision } else { output.persisted_revision };
        let known = if revision > 0 { persisted(request, revision) } else { None };
        return Ok(match known {
            Some(response) => Outcome::Ok(response),
            // What is known of the rest is no answer: it may have found nothing to delete, and the revision another's.
            None if output.error.is_empty() => Outcome::Unknown("the response was lost".to_owned()),
            None => Outcome::Unknown(output.error.clone()),
        });
    }
    let needed = |what| Problem::syntax(what, "null");
    Ok(Outcome::Ok(match request {
        Request::Range(request) => {
            let found = output.range.as_ref().ok_or_else(|| needed("`Range` in the output of a range"))?;
            let mut range = ranged(request, found);
            let revision = if request.serializable { request.revision } else { output.revision };
            range.header = answered(output, revision);
            Response::Range(range)
        }
        Request::Txn(request) => {
            let result = output.txn.as_ref().ok_or_else(|| needed("`Txn` in the output of a txn"))?;
            let branch = if result.failure { &request.failure } else { &request.success };
            let results = result.results.as_deref().unwrap_or_default();
            if results.len() != branch.len() {
                return Err(Problem::Results { expected: branch.len(), found: results.len() });
            }
            let responses = branch.iter().zip(results).map(|(request, found)| part(request, found)).collect();
            let header = answered(output, output.revision);
            Response::Txn(TxnResponse { header, succeeded: !result.failure, responses })
        }
        // Mostly no revision is recorded for it: see `Report::finish`.
        _ => Response::Compact(CompactResponse { header: answered(output, output.revision.max(0)) }),
    }))
}

/// The revisions of the parts of a txn are not recorded.
fn part(request: &Request, found: &Found) -> Response {
    let header = header(0);
    match request {
        Request::Range(request) => Response::Range(ranged(request, found)),
        Request::Delete(_) => {
            Response::Delete(DeleteResponse { header, deleted: found.deleted, prev_kvs: Vec::new() })
        }
        _ => Response::Put(PutResponse { header, prev_kv: None }),
    }
}

fn ranged(request: &RangeRequest, found: &Found) -> RangeResponse {
    RangeResponse {
        header: header(0),
        kvs: found.kvs.iter().flatten().map(|kv| kv.shown(&kv.key)).collect(),
        // Not recorded, and it follows.
        more: request.limit > 0 && found.count > request.limit,
        count: found.count,
    }
}

fn header(revision: Revision) -> Header {
    Header { member: MemberId(0), revision, term: 0 }
}

/// The header of an answer, with the member that gave it, if that is recorded.
pub(super) fn answered(output: &Output, revision: Revision) -> Header {
    Header { member: MemberId(output.member_id.0), revision, term: 0 }
}

/// The error as etcd words it: some reports shorten it.
fn refused(message: &str) -> Error {
    let message = match message {
        "future rev" => Refusal::FutureRev.to_string(),
        "compacted rev" => Refusal::Compacted.to_string(),
        message => message.to_owned(),
    };
    let error = Error { code: "Unknown".to_owned(), message };
    match Refusal::of(&error) {
        Some(refusal) => Error { code: refusal.code().to_owned(), ..error },
        None => error,
    }
}

/// The answer to a txn of which only its revision is known, if that says all: one branch puts, so that one ran, and
/// it shows nothing.
fn persisted(request: &Request, revision: Revision) -> Option<Response> {
    let Request::Txn(request) = request else { return None };
    let writes = |branch: &[Request]| branch.iter().any(Request::may_write);
    let succeeded = writes(&request.success);
    if succeeded && writes(&request.failure) && !request.compare.is_empty() {
        return None;
    }
    let branch = if succeeded { &request.success } else { &request.failure };
    let part = |request: &Request| match request {
        Request::Put(_) => Some(Response::Put(PutResponse { header: header(0), prev_kv: None })),
        // A delete may have found nothing.
        _ => None,
    };
    let responses = branch.iter().map(part).collect::<Option<Vec<_>>>()?;
    writes(branch).then(|| Response::Txn(TxnResponse { header: header(revision), succeeded, responses }))
}

fn range(recorded: &Range) -> RangeRequest {
    let (key, range_end) = match recorded.start.is_empty() {
        true => span(&recorded.key, recorded.with_prefix),
        false => (recorded.start.as_str().into(), recorded.end.as_str().into()),
    };
    RangeRequest {
        key,
        range_end,
        limit: recorded.limit,
        revision: recorded.revision,
        keys_only: recorded.keys_only,
        ..RangeRequest::default()
    }
}

fn span(key: &str, with_prefix: bool) -> (Bytes, Bytes) {
    match (key, with_prefix) {
        ("", true) => ("\0".into(), "\0".into()),
        (key, true) => (key.into(), prefix_end(key)),
        (key, false) => (key.into(), Bytes::default()),
    }
}

fn txn(recorded: &recorded::Txn) -> Result<Request, Problem> {
    let compare = recorded.conditions.iter().flatten().map(|condition| Compare {
        key: condition.key.as_str().into(),
        range_end: Bytes::default(),
        result: CompareResult::Equal,
        target: match condition.expected_version {
            0 => CompareTarget::ModRevision(condition.expected_revision),
            version => CompareTarget::Version(version),
        },
    });
    let branch =
        |ops: &Option<Vec<Op>>| ops.iter().flatten().map(op).collect::<Result<Vec<Request>, Problem>>();
    Ok(Request::Txn(TxnRequest {
        compare: compare.collect(),
        success: branch(&recorded.operations_on_success)?,
        failure: branch(&recorded.operations_on_failure)?,
    }))
}

fn op(recorded: &Op) -> Result<Request, Problem> {
    let key = recorded.key.as_str();
    Ok(match recorded.r#type.as_str() {
        "range-operation" | "range" => Request::Range(match &recorded.range {
            Some(recorded) => range(recorded),
            None => {
                let (key, range_end) = span(key, recorded.with_prefix);
                RangeRequest { key, range_end, limit: recorded.limit, ..RangeRequest::default() }
            }
        }),
        "put-operation" | "put" => Request::Put(match &recorded.put {
            Some(put) => put_of(&put.key, put.value.bytes(), put.lease_id),
            None => {
                let value = recorded.value.as_ref().map(|value| value.bytes()).unwrap_or_default();
                put_of(key, value, recorded.lease_id)
            }
        }),
        "delete-operation" | "delete" => {
            let key = recorded.delete.as_ref().map_or(key, |delete| &delete.key).into();
            Request::Delete(DeleteRequest { key, ..DeleteRequest::default() })
        }
        other => {
            let known = "`range-operation`, `put-operation` or `delete-operation` as `Type`";
            return Err(Problem::syntax(known, other));
        }
    })
}

fn put_of(key: &str, value: Bytes, lease: i64) -> PutRequest {
    PutRequest { key: key.into(), value, lease, ..PutRequest::default() }
}
