//! Ask the lock and election services about keys that may be gone, or were never theirs.

use super::api::{Relative, any_key, lease_of_pool};
use super::{Action, Actor, Draw, OperationKind};
use crate::keys::FIRST_KEY;
use crate::rules::{Impossible, bytes};
use rand::Rng;
use revline_store::api::LeaderKey;
use revline_store::bytes::Bytes;
use serde::{Deserialize, Serialize};

/// Ask the lock and election services about keys that may be gone, or were never theirs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnyService {
    /// The request.
    pub request: ServiceAsks,
    /// The name of the election, or the key of the lock.
    pub name: Bytes,
    /// The key of a leader.
    #[serde(default)]
    pub key: Bytes,
    /// The revision at which that key was created.
    #[serde(default, skip_serializing_if = "Relative::is_unset")]
    pub(crate) revision: Relative,
    /// Its lease.
    #[serde(default)]
    pub lease: i64,
}

/// A request of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceAsks {
    /// The leader of an election.
    Leader,
    /// Another value of a leader.
    Proclaim,
    /// The end of a leadership.
    Resign,
    /// The end of a lock.
    Unlock,
}

pub(super) fn draw(cx: &mut Draw<'_>) -> Action {
    let asks = [ServiceAsks::Leader, ServiceAsks::Proclaim, ServiceAsks::Resign, ServiceAsks::Unlock];
    let request = asks[cx.generator.gen_range(0..asks.len())];
    let key = any_key(cx);
    let name = if request == ServiceAsks::Unlock || cx.generator.gen_bool(0.3) {
        key.clone()
    } else {
        Bytes::from(FIRST_KEY.trim_end_matches('/'))
    };
    let revision = Relative::Behind(cx.generator.gen_range(0..20));
    AnyService { request, name, key, revision, lease: lease_of_pool(cx) }.into()
}

impl OperationKind for AnyService {
    fn check(&self) -> Result<(), Impossible> {
        bytes([(&self.name, "name"), (&self.key, "key")])?;
        self.revision.check("revision")
    }

    async fn act(&self, actor: &mut Actor) {
        // Of a key that was seen, as a leader of long ago would ask.
        let last = actor.last_of(&self.key);
        let rev = last.map_or(self.revision.at(actor.behind(0)), |kv| kv.create_revision);
        let leader = LeaderKey { name: self.name.clone(), key: self.key.clone(), rev, lease: self.lease };
        let client = &actor.client;
        match self.request {
            ServiceAsks::Leader => drop(client.leader_by_service(self.name.clone()).await),
            ServiceAsks::Proclaim => drop(client.proclaim_as(leader, "of old").await),
            ServiceAsks::Resign => drop(client.resign_as(leader).await),
            ServiceAsks::Unlock => drop(client.unlock(self.name.clone()).await),
        }
    }
}
