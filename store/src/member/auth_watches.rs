//! Who watches what: permissions are looked at when a watch is created, and whenever they change.

use super::Member;
use crate::api::{
    PermissionType, Token, WatchCancelRequest, WatchCreateRequest, WatchRequest, WatchResponse,
};
use crate::auth::Actor;
use crate::bytes::Bytes;
use crate::error::Error;
use crate::machine::Output;
use crate::watch::StreamId;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The users whose watches are open. A watch that is not listed is nobody's: it was created while auth was off.
#[derive(Debug, Default)]
pub(super) struct WatchOwners(BTreeMap<(StreamId, i64), Arc<str>>);

impl WatchOwners {
    /// The hub answered a request of this user to create a watch.
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
}

/// The keys of a watch, with what an empty key means filled in.
fn watched(create: &WatchCreateRequest) -> (Bytes, &Bytes) {
    let key = if create.key.is_empty() { Bytes::from(b"\0") } else { create.key.clone() };
    (key, &create.range_end)
}

impl Member {
    /// Who creates this watch, if it may.
    pub(super) fn permit_watch(
        &mut self,
        create: &WatchCreateRequest,
        token: Option<&Token>,
    ) -> Result<Option<Arc<str>>, Error> {
        if !self.core.state.auth.is_enabled() {
            return Ok(None);
        }
        let actor = self.actor_of(token)?;
        let (key, range_end) = watched(create);
        self.core.state.auth.permit_range(&actor, PermissionType::Read, &key, range_end)?;
        Ok(actor.user().cloned())
    }

    /// Cancels the watches of those who may no longer read what they watch, at this revision.
    pub(super) fn recheck_watches(&mut self, out: &mut Vec<Output>) {
        let refused: Vec<(StreamId, i64, Error)> = self
            .hub
            .watches()
            .filter_map(|(stream, watch_id, (key, range_end))| {
                let owner = self.watch_owners.0.get(&(stream, watch_id));
                let actor = owner.map_or(Actor::Nobody, |user| self.core.state.auth.now(user));
                let permitted =
                    self.core.state.auth.permit_range(&actor, PermissionType::Read, &key, &range_end);
                permitted.err().map(|error| (stream, watch_id, error))
            })
            .collect();
        for (stream, watch_id, error) in refused {
            self.cancel_watch(stream, watch_id, error, out);
        }
    }

    fn cancel_watch(&mut self, stream: StreamId, watch_id: i64, error: Error, out: &mut Vec<Output>) {
        let cancel = WatchRequest::Cancel(WatchCancelRequest { watch_id });
        let mut responses = Vec::new();
        self.hub.handle(stream, &cancel, &self.core.state.store, &mut responses);
        for (stream, mut response) in responses {
            response.cancel_reason = error.to_string();
            self.send_watch_response(stream, response, out);
        }
    }
}
