//! Requests and answers, in short.

use revline_store::api::{
    ClusterRequest, CompactionRequest, Compare, CompareResult, CompareTarget, DeleteRangeRequest,
    MemberAddRequest, MemberListRequest, MemberPromoteRequest, MemberRemoveRequest, MemberUpdateRequest,
    PutRequest, RangeRequest, Request, RequestOp, Response, TxnRequest, WatchCreateRequest, WatchRequest,
};
use revline_store::error::Error;
use revline_store::frame::{Call, Reply};

pub fn put(key: &str, value: &str) -> Call {
    Call::Kv(Request::Put(put_request(key, value)))
}

fn put_request(key: &str, value: &str) -> PutRequest {
    PutRequest { key: key.into(), value: value.into(), ..PutRequest::default() }
}

pub fn delete_from(key: &str, end: &str) -> Call {
    Call::Kv(Request::DeleteRange(DeleteRangeRequest {
        key: key.into(),
        range_end: end.into(),
        ..DeleteRangeRequest::default()
    }))
}

pub fn compact(revision: i64, physical: bool) -> Call {
    Call::Kv(Request::Compaction(CompactionRequest { revision, physical }))
}

/// Puts `value` to both keys if the first one exists, otherwise to the second one alone.
pub fn txn(first: &str, second: &str, value: &str) -> Call {
    Call::Kv(Request::Txn(TxnRequest {
        compare: vec![Compare {
            key: first.into(),
            range_end: "".into(),
            result: CompareResult::Greater,
            target: CompareTarget::Version(0),
        }],
        success: vec![RequestOp::Put(put_request(first, value)), RequestOp::Put(put_request(second, value))],
        failure: vec![RequestOp::Put(put_request(second, value))],
    }))
}

pub fn get(key: &str) -> Call {
    read(key, false)
}

pub fn get_serializable(key: &str) -> Call {
    read(key, true)
}

fn read(key: &str, serializable: bool) -> Call {
    Call::Kv(Request::Range(RangeRequest { key: key.into(), serializable, ..RangeRequest::default() }))
}

pub fn watch(key: &str, end: &str, start_revision: i64) -> WatchRequest {
    WatchRequest::Create(WatchCreateRequest {
        key: key.into(),
        range_end: end.into(),
        start_revision,
        ..WatchCreateRequest::default()
    })
}

/// The revision in the header of a successful answer.
pub fn revision_of(result: &Result<Reply, Error>) -> i64 {
    match result {
        Ok(Reply::Kv(response)) => response.header().revision,
        other => panic!("not a success of the KV service: {other:?}"),
    }
}

/// The value that a get found.
pub fn value_of(result: &Result<Reply, Error>) -> Option<String> {
    match result {
        Ok(Reply::Kv(Response::Range(range))) => {
            range.kvs.first().map(|kv| String::from_utf8_lossy(&kv.value).into_owned())
        }
        other => panic!("not a range: {other:?}"),
    }
}

pub fn add_learner(id: u64) -> Call {
    add(id, true)
}

pub fn add_voter(id: u64) -> Call {
    add(id, false)
}

fn add(id: u64, is_learner: bool) -> Call {
    Call::Cluster(ClusterRequest::Add(MemberAddRequest { id, name: format!("m{id}"), is_learner }))
}

pub fn promote(id: u64) -> Call {
    Call::Cluster(ClusterRequest::Promote(MemberPromoteRequest { id }))
}

pub fn remove(id: u64) -> Call {
    Call::Cluster(ClusterRequest::Remove(MemberRemoveRequest { id }))
}

pub fn rename(id: u64, name: &str) -> Call {
    Call::Cluster(ClusterRequest::Update(MemberUpdateRequest { id, name: name.to_owned() }))
}

pub fn members(linearizable: bool) -> Call {
    Call::Cluster(ClusterRequest::List(MemberListRequest { linearizable }))
}

/// The voters and the learners that an answer of the cluster service names.
pub fn voters_and_learners(result: &Result<Reply, Error>) -> (Vec<u64>, Vec<u64>) {
    match result {
        Ok(Reply::Cluster(response)) => {
            let ids = |learners: bool| {
                let members = response.members.iter().filter(|member| member.is_learner == learners);
                members.map(|member| member.id).collect()
            };
            (ids(false), ids(true))
        }
        other => panic!("not a success of the cluster service: {other:?}"),
    }
}
