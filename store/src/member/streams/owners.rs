//! The users whose watches are open: permissions are looked at when a watch is created, and whenever they change.

use crate::api::{PermissionType, WatchResponse};
use crate::auth::Actor;
use crate::bytes::Bytes;
use crate::error::Error;
use crate::member::state::AppliedState;
use crate::watch::StreamId;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Users by their watches. A watch that is not listed has no owner: it was created while auth was off.
#[derive(Debug, Default)]
pub(in crate::member) struct WatchOwners(BTreeMap<(StreamId, i64), Arc<str>>);

impl WatchOwners {
    /// Notes the owner of a watch that was created for this user.
    pub fn created(&mut self, user: Arc<str>, answer: Option<&(StreamId, WatchResponse)>) {
        if let Some((stream, response)) = answer
            && response.created
            && !response.canceled
        {
            self.0.insert((*stream, response.watch_id), user);
        }
    }

    pub fn closed(&mut self, stream: StreamId) {
        if !self.0.is_empty() {
            self.0.retain(|(of, _), _| *of != stream);
        }
    }

    /// A response on its way out: a watch that it ends has no owner any more.
    pub fn sent(&mut self, stream: StreamId, response: &WatchResponse) {
        if response.canceled {
            self.0.remove(&(stream, response.watch_id));
        }
    }

    /// Checks that a watch may still read its range, as its owner's permissions are now.
    pub fn permit(
        &self,
        state: &AppliedState,
        (stream, watch_id): (StreamId, i64),
        (key, range_end): (&Bytes, &Bytes),
    ) -> Result<(), Error> {
        let owner = self.0.get(&(stream, watch_id));
        let actor = owner.map_or(Actor::Nobody, |user| state.auth.now(user));
        state.auth.permit_range(&actor, PermissionType::Read, key, range_end)
    }
}
