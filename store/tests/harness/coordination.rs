//! Requests about locks and elections, and their answers, in short.

use super::cluster::{Cluster, Made};
use revline_store::api::{
    AcquireRequest, CampaignRequest, ElectionRequest, ElectionResponse, LeaderKey, LeaderRequest,
    LockRequest, LockResponse, ProclaimRequest, ResignRequest, UnlockRequest,
};
use revline_store::bytes::Bytes;
use revline_store::error::Error;
use revline_store::frame::{Call, Reply};
use revline_store::machine::MemberId;

pub fn lock(name: &str, lease: i64) -> Call {
    Call::Lock(LockRequest::Lock(AcquireRequest { name: name.into(), lease }))
}

pub fn unlock(key: &str) -> Call {
    Call::Lock(LockRequest::Unlock(UnlockRequest { key: key.into() }))
}

pub fn campaign(name: &str, lease: i64, value: &str) -> Call {
    Call::Election(ElectionRequest::Campaign(CampaignRequest {
        name: name.into(),
        lease,
        value: value.into(),
    }))
}

pub fn proclaim(leader: &LeaderKey, value: &str) -> Call {
    let (leader, value) = (leader.clone(), value.into());
    Call::Election(ElectionRequest::Proclaim(ProclaimRequest { leader, value }))
}

pub fn resign(leader: &LeaderKey) -> Call {
    Call::Election(ElectionRequest::Resign(ResignRequest { leader: leader.clone() }))
}

pub fn leader(name: &str) -> Call {
    Call::Election(ElectionRequest::Leader(LeaderRequest { name: name.into() }))
}

/// The key of a lock that is owned, and a revision at which it was.
pub fn owned(result: Option<&Result<Reply, Error>>) -> (Bytes, i64) {
    match result {
        Some(Ok(Reply::Lock(LockResponse::Lock(response)))) => {
            (response.key.clone(), response.header.revision)
        }
        other => panic!("not a lock that is owned: {other:?}"),
    }
}

/// The leader that was elected, and a revision at which it led.
pub fn elected(result: Option<&Result<Reply, Error>>) -> (LeaderKey, i64) {
    match result {
        Some(Ok(Reply::Election(ElectionResponse::Campaign(response)))) => {
            (response.leader.clone(), response.header.revision)
        }
        other => panic!("not a campaign that was won: {other:?}"),
    }
}

/// The leader of an election, as a member answers: the key and the value.
pub fn leader_of(cluster: &mut Cluster, member: MemberId, name: &str) -> Result<(String, String), Error> {
    match cluster.ask(member, leader(name))? {
        Reply::Election(ElectionResponse::Leader(response)) => {
            let kv = response.kv.expect("there is a leader, or an error");
            Ok((text(&kv.key), text(&kv.value)))
        }
        other => panic!("not a leader: {other:?}"),
    }
}

/// A response on a stream: key, value and revision, or the error that ended it.
pub type Shown = (u64, Result<(String, String, i64), Error>);

/// The responses on the streams of a member.
pub fn observed(cluster: &Cluster, member: MemberId) -> Vec<Shown> {
    let frames = cluster.nodes[&member].observed.iter();
    frames
        .map(|(stream, response)| {
            let shown = response.as_ref().map_err(|error| *error).map(|response| {
                let kv = response.kv.as_ref().expect("a stream shows leaders");
                (text(&kv.key), text(&kv.value), response.header.revision)
            });
            (*stream, shown)
        })
        .collect()
}

/// Returns true if a call waits for its answer.
pub fn waits(cluster: &Cluster, made: Made) -> bool {
    cluster.reply(made).is_none()
}

/// The keys of a name that a member knows.
pub fn keys_of(cluster: &Cluster, member: MemberId, name: &str) -> Vec<String> {
    let range = revline_store::api::RangeRequest {
        key: format!("{name}/").into(),
        range_end: format!("{name}0").into(),
        ..Default::default()
    };
    let found = cluster.member(member).store().range(&range).expect("it reads what is now");
    found.kvs.iter().map(|kv| text(&kv.key)).collect()
}

fn text(bytes: &Bytes) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
