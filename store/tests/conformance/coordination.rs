//! Requests of the lock and election services as text, and their answers.
//!
//! ```text
//! lock NAME [lease=N] | unlock KEY
//! campaign NAME VALUE [lease=N] | leader NAME
//! proclaim KEY REV VALUE [lease=N] | resign KEY REV
//! ```

use revline_store::api::{
    AcquireRequest, CampaignRequest, ElectionRequest, ElectionResponse, LeaderKey, LeaderRequest,
    LeaderResponse, LockRequest, LockResponse, ProclaimRequest, ResignRequest, UnlockRequest,
};
use revline_store::frame::Call;

use crate::parse::{Result, Words};
use crate::show;

/// The call that a line asks for, if it is one of these services.
pub fn call(mut words: Words<'_>) -> Result<Option<Call>> {
    let lease = words.named_number("lease")?;
    let (call, placed) = match words.place(0)? {
        "lock" => (locks(LockRequest::Lock(AcquireRequest { name: words.bytes(1)?, lease })), 2),
        "unlock" => (locks(LockRequest::Unlock(UnlockRequest { key: words.bytes(1)? })), 2),
        "campaign" => {
            let (name, value) = (words.bytes(1)?, words.bytes(2)?);
            (elections(ElectionRequest::Campaign(CampaignRequest { name, lease, value })), 3)
        }
        "leader" => (elections(ElectionRequest::Leader(LeaderRequest { name: words.bytes(1)? })), 2),
        "proclaim" => {
            let (leader, value) = (leader_key(&words, lease)?, words.bytes(3)?);
            (elections(ElectionRequest::Proclaim(ProclaimRequest { leader, value })), 4)
        }
        "resign" => {
            (elections(ElectionRequest::Resign(ResignRequest { leader: leader_key(&words, lease)? })), 3)
        }
        _ => return Ok(None),
    };
    words.end(placed)?;
    Ok(Some(call))
}

fn leader_key(words: &Words<'_>, lease: i64) -> Result<LeaderKey> {
    Ok(LeaderKey { key: words.bytes(1)?, rev: words.number(2)?, lease, ..LeaderKey::default() })
}

fn locks(request: LockRequest) -> Call {
    Call::Lock(request)
}

fn elections(request: ElectionRequest) -> Call {
    Call::Election(request)
}

pub fn lock_response(response: &LockResponse) -> String {
    let revision = response.header().revision;
    match response {
        LockResponse::Lock(owned) => format!("revision {revision}, owned by {}", show::bytes(&owned.key)),
        LockResponse::Unlock(_) => format!("revision {revision}"),
    }
}

pub fn election_response(response: &ElectionResponse) -> String {
    match response {
        ElectionResponse::Campaign(won) => {
            let LeaderKey { name, key, rev, lease } = &won.leader;
            let (name, key) = (show::bytes(name), show::bytes(key));
            let revision = won.header.revision;
            format!("revision {revision}, {key} leads {name} (create {rev}, lease {lease})")
        }
        ElectionResponse::Leader(leader) => leads(leader),
        ElectionResponse::Proclaim(_) | ElectionResponse::Resign(_) => {
            format!("revision {}", response.header().revision)
        }
    }
}

pub fn leads(response: &LeaderResponse) -> String {
    let kv = response.kv.as_ref().expect("there is a leader, or an error");
    format!("revision {}, {}", response.header.revision, show::key_value(kv))
}
