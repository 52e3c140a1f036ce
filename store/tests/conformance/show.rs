//! Answers as text.

use revline_store::api::{
    Event, EventType, KeyValue, LeaseResponse, Response, ResponseHeader, ResponseOp, TxnResponse,
    WatchResponse,
};
use revline_store::bytes::Bytes;
use revline_store::error::{Code, Error};
use revline_store::lease::{Lease, Lessor};
use revline_store::machine::ClusterId;
use revline_store::watch::StreamId;

/// More events or watch responses than this are cut down to the first and the last.
const SHOWN_MAX: usize = 8;

pub fn error(error: &Error) -> String {
    error_with(error.code(), error)
}

pub fn error_with(code: Code, error: &Error) -> String {
    format!("{code:?}: {error}")
}

pub fn response(response: &Response) -> Vec<String> {
    match response {
        Response::Range(range) => {
            let more = if range.more { ", more" } else { "" };
            let mut lines = vec![format!("{}, count {}{more}", header(&range.header), range.count)];
            lines.extend(range.kvs.iter().map(|kv| format!("  {}", key_value(kv))));
            lines
        }
        Response::Put(put) => {
            let mut lines = vec![header(&put.header)];
            lines.extend(put.prev_kv.iter().map(|kv| format!("  before: {}", key_value(kv))));
            lines
        }
        Response::DeleteRange(delete) => {
            let mut lines = vec![format!("{}, deleted {}", header(&delete.header), delete.deleted)];
            lines.extend(delete.prev_kvs.iter().map(|kv| format!("  before: {}", key_value(kv))));
            lines
        }
        Response::Txn(response) => txn(response),
        Response::Compaction(compaction) => vec![header(&compaction.header)],
    }
}

pub fn lease_response(response: &LeaseResponse) -> String {
    match response {
        LeaseResponse::Grant(grant) => {
            format!("{}, lease {}, TTL {} s", header(&grant.header), grant.id, grant.ttl_s)
        }
        LeaseResponse::Revoke(revoke) => header(&revoke.header),
        LeaseResponse::KeepAlive(kept) => {
            format!("{}, lease {}, TTL {} s", header(&kept.header), kept.id, kept.ttl_s)
        }
        LeaseResponse::TimeToLive(lives) => {
            let (ttl_s, granted_ttl_s) = (lives.ttl_s, lives.granted_ttl_s);
            let mut line =
                format!("{}, lease {}, TTL {ttl_s} s of {granted_ttl_s} s", header(&lives.header), lives.id);
            if !lives.keys.is_empty() {
                let keys: Vec<String> = lives.keys.iter().map(bytes).collect();
                line.push_str(&format!(", keys {}", keys.join(" ")));
            }
            line
        }
        LeaseResponse::Leases(listed) => format!("{}, leases {:?}", header(&listed.header), listed.leases),
    }
}

/// A line for each lease: its TTL, the remaining one at the last checkpoint, and its keys.
pub fn leases(leases: &Lessor) -> Vec<String> {
    let line = |(id, lease): (i64, &Lease)| {
        let mut line = format!("lease {id}, TTL {} s", lease.granted_ttl_s);
        if lease.remaining_ttl_s != 0 {
            line.push_str(&format!(", remaining {} s", lease.remaining_ttl_s));
        }
        let keys: Vec<String> = lease.keys.iter().map(bytes).collect();
        if keys.is_empty() { line } else { format!("{line}, keys {}", keys.join(" ")) }
    };
    if leases.is_empty() { vec!["no leases".to_owned()] } else { leases.iter().map(line).collect() }
}

fn txn(txn: &TxnResponse) -> Vec<String> {
    let outcome = if txn.succeeded { "succeeded" } else { "failed" };
    let mut lines = vec![format!("{}, {outcome}", header(&txn.header))];
    for op in &txn.responses {
        let (name, inner) = match op.clone() {
            ResponseOp::Range(range) => ("range", response(&Response::Range(range))),
            ResponseOp::Put(put) => ("put", response(&Response::Put(put))),
            ResponseOp::DeleteRange(delete) => ("delete", response(&Response::DeleteRange(delete))),
            ResponseOp::Txn(nested) => ("txn", response(&Response::Txn(nested))),
        };
        for (index, line) in inner.into_iter().enumerate() {
            lines.push(if index == 0 { format!("  {name}: {line}") } else { format!("  {line}") });
        }
    }
    lines
}

fn header(header: &ResponseHeader) -> String {
    let ResponseHeader { cluster_id, member_id, revision, raft_term } = *header;
    assert_eq!((cluster_id, member_id, raft_term), (ClusterId(0), 0, 0), "those are the member's");
    if revision == 0 { "no revision".to_owned() } else { format!("revision {revision}") }
}

pub fn key_value(kv: &KeyValue) -> String {
    let lease = if kv.lease == 0 { String::new() } else { format!(", lease {}", kv.lease) };
    let (create, modified, version) = (kv.create_revision, kv.mod_revision, kv.version);
    let (key, value) = (bytes(&kv.key), bytes(&kv.value));
    format!("{key} = {value} (create {create}, mod {modified}, version {version}{lease})")
}

pub fn bytes(bytes: &Bytes) -> String {
    match bytes.len() {
        0 => "\"\"".to_owned(),
        1..=40 => bytes.escape_ascii().to_string().replace("\\x00", "\\0"),
        length => format!("({length} bytes)"),
    }
}

pub fn watch_responses(responses: &[(StreamId, WatchResponse)]) -> Vec<String> {
    match responses {
        [first, between @ .., last] if responses.len() > SHOWN_MAX => {
            let mut lines = watch_response(first);
            lines.push(format!("... {} more ...", between.len()));
            lines.extend(watch_response(last));
            lines
        }
        _ => responses.iter().flat_map(watch_response).collect(),
    }
}

/// Equal lines that follow each other as one.
pub fn without_repetition(lines: Vec<String>) -> Vec<String> {
    let runs = lines.chunk_by(|a, b| a == b);
    runs.map(|run| match run.len() {
        0..=3 => run.join("\n> "),
        length => format!("{} ({length} times)", run[0]),
    })
    .collect()
}

fn watch_response((stream, response): &(StreamId, WatchResponse)) -> Vec<String> {
    let mut line = format!("stream {}, watch {}", stream.0, response.watch_id);
    for (is_set, word) in [
        (response.created, "created"),
        (response.canceled, "canceled"),
        (response.fragment, "fragment"),
        (response.is_progress_notify(), "progress"),
    ] {
        if is_set {
            line.push_str(&format!(", {word}"));
        }
    }
    line.push_str(&format!(", {}", header(&response.header)));
    if response.compact_revision != 0 {
        line.push_str(&format!(", compacted {}", response.compact_revision));
    }
    if !response.cancel_reason.is_empty() {
        line.push_str(&format!(": {}", response.cancel_reason));
    }
    let mut lines = vec![line];
    match &response.events[..] {
        [first, between @ .., last] if response.events.len() > SHOWN_MAX => {
            lines.extend(event(first));
            lines.push(format!("  ... {} more ...", between.len()));
            lines.extend(event(last));
        }
        events => lines.extend(events.iter().flat_map(event)),
    }
    lines
}

fn event(event: &Event) -> Vec<String> {
    let mut lines = vec![match event.event_type {
        EventType::Put => format!("  put {}", key_value(&event.kv)),
        EventType::Delete => {
            let expected = KeyValue::tombstone(event.kv.key.clone(), event.kv.mod_revision);
            assert_eq!(*event.kv, expected, "a DELETE event has a key and a mod_revision");
            format!("  delete {} (mod {})", bytes(&event.kv.key), event.kv.mod_revision)
        }
    }];
    lines.extend(event.prev_kv.iter().map(|kv| format!("    before: {}", key_value(kv))));
    lines
}
