//! Requests, responses and events as one line of text.

mod admin;
mod auth;
mod observation;

use super::*;
use crate::bytes::Bytes;
use std::fmt::{Display, Formatter, Result};

/// `[key, end)` in words.
struct Span<'a>(&'a Bytes, &'a Bytes);

impl Display for Span<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self.1.as_slice() {
            b"" => write!(f, "{}", self.0),
            b"\0" if matches!(self.0.as_slice(), b"" | b"\0") => f.write_str("every key"),
            b"\0" => write!(f, "[{}, ..)", self.0),
            _ => write!(f, "[{}, {})", self.0, self.1),
        }
    }
}

fn list<T: Display>(f: &mut Formatter<'_>, items: &[T]) -> Result {
    items.iter().enumerate().try_for_each(|(at, item)| {
        f.write_str(if at == 0 { "" } else { ", " })?;
        item.fmt(f)
    })
}

impl Display for RangeRequest {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(
            f,
            "{}range {}",
            if self.serializable { "serializable " } else { "" },
            Span(&self.key, &self.range_end)
        )?;
        if self.revision > 0 {
            write!(f, " at {}", self.revision)?;
        }
        if self.limit > 0 {
            write!(f, " limit {}", self.limit)?;
        }
        Ok(())
    }
}

impl Display for PutRequest {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "put {}", self.key)?;
        if !self.ignore_value {
            write!(f, " = {}", self.value)?;
        }
        match self.lease {
            0 => Ok(()),
            lease => write!(f, " (lease {})", LeaseId(lease)),
        }
    }
}

impl Display for Request {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Request::Range(range) => range.fmt(f),
            Request::Put(put) => put.fmt(f),
            Request::Delete(delete) => write!(f, "delete {}", Span(&delete.key, &delete.range_end)),
            Request::Txn(txn) => {
                f.write_str("txn if {")?;
                list(f, &txn.compare)?;
                f.write_str("} then {")?;
                list(f, &txn.success)?;
                f.write_str("} else {")?;
                list(f, &txn.failure)?;
                f.write_str("}")
            }
            Request::Compact(compact) => write!(f, "compact {}", compact.revision),
            Request::Lease(lease) => lease.fmt(f),
            Request::Lock(LockRequest::Lock { name, lease }) => {
                write!(f, "lock {name} (lease {})", LeaseId(*lease))
            }
            Request::Lock(LockRequest::Unlock { key }) => write!(f, "unlock {key}"),
            Request::Election(election) => election.fmt(f),
            Request::Auth(auth) => auth.fmt(f),
        }
    }
}

impl Display for Compare {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let sign = match self.result {
            CompareResult::Equal => "==",
            CompareResult::Greater => ">",
            CompareResult::Less => "<",
            CompareResult::NotEqual => "!=",
        };
        let key = Span(&self.key, &self.range_end);
        match &self.target {
            CompareTarget::Version(version) => write!(f, "version({key}) {sign} {version}"),
            CompareTarget::CreateRevision(revision) => write!(f, "create_revision({key}) {sign} {revision}"),
            CompareTarget::ModRevision(revision) => write!(f, "mod_revision({key}) {sign} {revision}"),
            CompareTarget::Value(value) => write!(f, "value({key}) {sign} {value}"),
            CompareTarget::Lease(lease) => write!(f, "lease({key}) {sign} {lease}"),
        }
    }
}

/// A number that the recorder may have left out.
struct Recorded(i64);

impl Display for Recorded {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self.0 {
            KeyValue::NOT_RECORDED => f.write_str("unknown"),
            number => number.fmt(f),
        }
    }
}

impl Display for KeyValue {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(
            f,
            "{} = {} (mod {}, create {}, version {}",
            self.key,
            self.value,
            self.mod_revision,
            Recorded(self.create_revision),
            Recorded(self.version)
        )?;
        match self.lease {
            0 | KeyValue::NOT_RECORDED => f.write_str(")"),
            lease => write!(f, ", lease {})", LeaseId(lease)),
        }
    }
}

impl Display for Response {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Response::Range(range) => {
                f.write_str("{")?;
                list(f, &range.kvs)?;
                write!(f, "}} count {}", range.count)?;
            }
            Response::Put(_) => f.write_str("put")?,
            Response::Delete(delete) => write!(f, "{} deleted", delete.deleted)?,
            Response::Txn(txn) => {
                f.write_str(if txn.succeeded { "then {" } else { "else {" })?;
                list(f, &txn.responses)?;
                f.write_str("}")?;
            }
            Response::Compact(_) => f.write_str("compacted")?,
            Response::Lease(lease) => lease.fmt(f)?,
            Response::Lock(LockResponse::Lock { key, .. }) => write!(f, "locked with {key}")?,
            Response::Lock(LockResponse::Unlock { .. }) => f.write_str("unlocked")?,
            Response::Election(election) => election.fmt(f)?,
            Response::Auth(auth) => auth.fmt(f)?,
        }
        match self.header().revision {
            0 => Ok(()),
            revision => write!(f, " at revision {revision}"),
        }
    }
}

impl Display for LeaseRequest {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            LeaseRequest::Grant { id: 0, ttl_s } => write!(f, "grant a lease for {ttl_s} s"),
            LeaseRequest::Grant { id, ttl_s } => write!(f, "grant lease {} for {ttl_s} s", LeaseId(*id)),
            LeaseRequest::Revoke { id } => write!(f, "revoke lease {}", LeaseId(*id)),
            LeaseRequest::KeepAlive { id } => write!(f, "keep lease {} alive", LeaseId(*id)),
            LeaseRequest::TimeToLive { id, .. } => write!(f, "time to live of lease {}", LeaseId(*id)),
            LeaseRequest::Leases => f.write_str("list leases"),
        }
    }
}

impl Display for LeaseResponse {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            LeaseResponse::Grant { id, ttl_s, .. } => {
                write!(f, "granted lease {} for {ttl_s} s", LeaseId(*id))
            }
            LeaseResponse::Revoke { .. } => f.write_str("revoked"),
            LeaseResponse::KeepAlive { ttl_s: ..=0, .. } => f.write_str("no such lease"),
            LeaseResponse::KeepAlive { ttl_s, .. } => write!(f, "alive for {ttl_s} s"),
            LeaseResponse::TimeToLive { ttl_s: ..=-1, granted_ttl_s: 0, .. } => f.write_str("no such lease"),
            LeaseResponse::TimeToLive { ttl_s, granted_ttl_s, keys, .. } => {
                write!(f, "{ttl_s} of {granted_ttl_s} s left, keys {{")?;
                list(f, keys)?;
                f.write_str("}")
            }
            LeaseResponse::Leases { leases, .. } => write!(f, "{} leases", leases.len()),
        }
    }
}

impl Display for ElectionRequest {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            ElectionRequest::Campaign { name, lease, value } => {
                write!(f, "campaign for {name} as {value} (lease {})", LeaseId(*lease))
            }
            ElectionRequest::Proclaim { leader, value } => write!(f, "proclaim {value} with {}", leader.key),
            ElectionRequest::Leader { name } => write!(f, "leader of {name}"),
            ElectionRequest::Resign { leader } => write!(f, "resign with {}", leader.key),
        }
    }
}

impl Display for ElectionResponse {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            ElectionResponse::Campaign { leader, .. } => {
                write!(f, "elected with {} created at {}", leader.key, leader.rev)
            }
            ElectionResponse::Proclaim { .. } => f.write_str("proclaimed"),
            ElectionResponse::Leader { kv: Some(kv), .. } => kv.fmt(f),
            ElectionResponse::Leader { kv: None, .. } => f.write_str("no leader"),
            ElectionResponse::Resign { .. } => f.write_str("resigned"),
        }
    }
}

impl Display for Hold {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let held = match self.kind {
            HoldKind::Lock => "holds lock",
            HoldKind::Leader => "leads election",
        };
        let Hold { name, key, acquired_revision, .. } = self;
        write!(f, "{held} {name} with {key} since revision {acquired_revision}")
    }
}

impl Display for ObservedLeader {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "leader {}, header at {}", self.kv, self.revision)
    }
}

impl<R: Display> Display for Outcome<R> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Outcome::Ok(response) => response.fmt(f),
            Outcome::Failed(error) => write!(f, "failed: {error}"),
            Outcome::Unknown(why) => write!(f, "unknown: {why}"),
        }
    }
}

impl Display for Operation {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        if let Some(user) = &self.user {
            write!(f, "as {user}: ")?;
        }
        write!(f, "{} -> {}", self.request, self.outcome)
    }
}

impl Display for WatchRequest {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "watch {} from ", Span(&self.key, &self.range_end))?;
        match self.start_revision {
            0 => f.write_str("now")?,
            revision => write!(f, "revision {revision}")?,
        }
        f.write_str(if self.no_put { " without puts" } else { "" })?;
        f.write_str(if self.no_delete { " without deletes" } else { "" })
    }
}

impl Display for Event {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self.kind {
            EventKind::Put => write!(f, "put {}", self.kv)?,
            EventKind::Delete => write!(f, "delete {} (mod {})", self.kv.key, self.kv.mod_revision)?,
        }
        match self.is_create {
            None => Ok(()),
            Some(true) => f.write_str(", told as a create"),
            Some(false) => f.write_str(", told as no create"),
        }
    }
}

impl Display for WatchFrame {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        if self.created {
            f.write_str("created, ")?;
        }
        if let Some(reason) = &self.canceled {
            let colon = if reason.is_empty() { "" } else { ": " };
            write!(f, "cancelled{colon}{reason}, ")?;
        }
        if self.compact_revision != 0 {
            write!(f, "compacted at {}, ", self.compact_revision)?;
        }
        if self.is_progress() {
            f.write_str("progress, ")?;
        }
        if !self.events.is_empty() {
            f.write_str("{")?;
            list(f, &self.events)?;
            f.write_str(if self.fragment { "} to be continued, " } else { "}, " })?;
        }
        write!(f, "header at {}", self.revision)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_reads_as_one_line() {
        let header = Header { member: MemberId(1), revision: 7, term: 2 };
        let operation = Operation {
            client: ClientId(0),
            member: None,
            user: None,
            invoke_ns: 0,
            return_ns: Some(1),
            request: Request::Txn(TxnRequest {
                compare: vec![Compare {
                    key: "a".into(),
                    range_end: Bytes::default(),
                    result: CompareResult::Less,
                    target: CompareTarget::ModRevision(3),
                }],
                success: vec![Request::Put(PutRequest {
                    key: "b".into(),
                    value: "1".into(),
                    ..Default::default()
                })],
                failure: vec![Request::Range(RangeRequest {
                    key: "\0".into(),
                    range_end: "\0".into(),
                    ..Default::default()
                })],
            }),
            outcome: Outcome::Ok(Response::Txn(TxnResponse { header, succeeded: true, responses: vec![] })),
        };
        assert_eq!(
            operation.to_string(),
            "txn if {mod_revision(a) < 3} then {put b = 1} else {range every key} -> then {} at revision 7"
        );
    }
}
