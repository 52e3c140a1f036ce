//! Requests, responses and events as one line of text.

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

impl Display for Request {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Request::Range(range) => range.fmt(f),
            Request::Put(put) => write!(f, "put {} = {}", put.key, put.value),
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
            Request::Lock(LockRequest::Lock { name, lease }) => write!(f, "lock {name} (lease {lease:x})"),
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

impl Display for KeyValue {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(
            f,
            "{} = {} (mod {}, create {}, version {})",
            self.key, self.value, self.mod_revision, self.create_revision, self.version
        )
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
            LeaseRequest::Grant { id, ttl_s } => write!(f, "grant lease {id:x} for {ttl_s} s"),
            LeaseRequest::Revoke { id } => write!(f, "revoke lease {id:x}"),
            LeaseRequest::KeepAlive { id } => write!(f, "keep lease {id:x} alive"),
            LeaseRequest::TimeToLive { id, .. } => write!(f, "time to live of lease {id:x}"),
            LeaseRequest::Leases => f.write_str("list leases"),
        }
    }
}

impl Display for LeaseResponse {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            LeaseResponse::Grant { id, ttl_s, .. } => write!(f, "granted lease {id:x} for {ttl_s} s"),
            LeaseResponse::Revoke { .. } => f.write_str("revoked"),
            LeaseResponse::KeepAlive { ttl_s, .. } => write!(f, "alive for {ttl_s} s"),
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
                write!(f, "campaign for {name} as {value} (lease {lease:x})")
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

impl Display for Permission {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let allowed = match self.perm_type {
            PermissionType::Read => "read",
            PermissionType::Write => "write",
            PermissionType::ReadWrite => "read and write",
        };
        write!(f, "{allowed} {}", Span(&self.key, &self.range_end))
    }
}

impl Display for AuthRequest {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            AuthRequest::Enable => f.write_str("enable auth"),
            AuthRequest::Disable => f.write_str("disable auth"),
            AuthRequest::Status => f.write_str("auth status"),
            AuthRequest::Authenticate { name } => write!(f, "authenticate as {name}"),
            AuthRequest::UserAdd { name, .. } => write!(f, "add user {name}"),
            AuthRequest::UserGet { name } => write!(f, "get user {name}"),
            AuthRequest::UserList => f.write_str("list users"),
            AuthRequest::UserDelete { name } => write!(f, "delete user {name}"),
            AuthRequest::UserChangePassword { name } => write!(f, "change the password of user {name}"),
            AuthRequest::UserGrantRole { user, role } => write!(f, "grant role {role} to user {user}"),
            AuthRequest::UserRevokeRole { name, role } => write!(f, "revoke role {role} from user {name}"),
            AuthRequest::RoleAdd { name } => write!(f, "add role {name}"),
            AuthRequest::RoleGet { role } => write!(f, "get role {role}"),
            AuthRequest::RoleList => f.write_str("list roles"),
            AuthRequest::RoleDelete { role } => write!(f, "delete role {role}"),
            AuthRequest::RoleGrantPermission { name, perm } => write!(f, "let role {name} {perm}"),
            AuthRequest::RoleRevokePermission { role, key, range_end } => {
                write!(f, "revoke from role {role} what it may do with {}", Span(key, range_end))
            }
        }
    }
}

impl Display for AuthResponse {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            AuthResponse::Status { enabled, auth_revision, .. } => {
                let enabled = if *enabled { "enabled" } else { "disabled" };
                write!(f, "{enabled}, auth revision {auth_revision}")
            }
            AuthResponse::UserList { users: names, .. }
            | AuthResponse::UserGet { roles: names, .. }
            | AuthResponse::RoleList { roles: names, .. } => {
                f.write_str("{")?;
                list(f, names)?;
                f.write_str("}")
            }
            AuthResponse::RoleGet { perm, .. } => {
                f.write_str("may {")?;
                list(f, perm)?;
                f.write_str("}")
            }
            _ => f.write_str("done"),
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

impl Display for Outcome {
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
            write!(f, "cancelled: {reason}, ")?;
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

impl Display for Observation {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Observation::Started { member, .. } => write!(f, "{member} started"),
            Observation::Refused { member, why, .. } => write!(f, "{member} refused to start: {why}"),
            Observation::Panicked { member, message, .. } => write!(f, "{member} panicked: {message}"),
            Observation::Damaged { member, what, .. } => {
                write!(f, "the disk of {member} was damaged: {what}")
            }
            Observation::Leader { member, term, last_index: None, .. } => {
                write!(f, "{member} leads term {term}")
            }
            Observation::Leader { member, term, last_index: Some(index), .. } => {
                write!(f, "{member} leads term {term} with a log up to index {index}")
            }
            Observation::Hash { member, revision, compact_revision, hash, .. } => {
                write!(
                    f,
                    "{member} at revision {revision} (compacted at {compact_revision}) has hash {hash:08x}"
                )
            }
            Observation::Alarm { member, alarm: AlarmKind::NoSpace, .. } => {
                write!(f, "alarm NOSPACE: {member} is full")
            }
            Observation::Alarm { member, alarm: AlarmKind::Corrupt, .. } => {
                write!(f, "alarm CORRUPT: {member} holds something else than its leader")
            }
            Observation::Applied { member, index, term, digest, .. } => {
                write!(f, "{member} applied up to index {index} of term {term}, digest {digest:016x}")
            }
            Observation::Bounds { clock_drift_ppm, lease_expiry_slack_ms, lease_leader_slack_ms, .. } => {
                write!(
                    f,
                    "clocks drift by {clock_drift_ppm} ppm, a lease goes within {lease_expiry_slack_ms} ms"
                )?;
                match lease_leader_slack_ms {
                    Some(slack_ms) => write!(f, ", {slack_ms} ms more for each leader"),
                    None => Ok(()),
                }
            }
            Observation::Fault { what, .. } => write!(f, "fault: {what}"),
            Observation::Healed { bound_ns, .. } => {
                write!(f, "all faults healed: to recover within {} ms", bound_ns / 1_000_000)
            }
            Observation::Settled { member, revision, leader, .. } => {
                write!(f, "{member} settled at revision {revision}, ")?;
                match leader {
                    Some(leader) => write!(f, "led by {leader}"),
                    None => f.write_str("without a leader"),
                }
            }
        }
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
