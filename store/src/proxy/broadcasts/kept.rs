//! Kept answers, by the positions of the broadcasts that watch their ranges.

use super::{BroadcastId, Broadcasts};
use crate::api::{RangeRequest, RangeResponse, Request, Response, ResponseHeader};
use crate::frame::{Call, Reply};
use crate::key_range::KeyRange;

impl Broadcasts {
    /// Returns true if there is an answer to a read that may serve it once it is confirmed.
    pub fn keeps_answer(&self, request: &RangeRequest) -> bool {
        self.cache.get(request).is_some()
    }

    /// The broadcast that watches the range of a kept answer.
    pub fn keeper_of(&self, request: &RangeRequest) -> Option<BroadcastId> {
        self.cache.get(request).map(|(_, watched_by)| watched_by)
    }

    /// A kept answer that is known to be current at some revision from `revision` on, as it is there.
    pub fn kept_answer(&self, request: &RangeRequest, revision: i64) -> Option<RangeResponse> {
        let (response, watched_by) = self.cache.get(request)?;
        let heard = self.all.get(&watched_by).map_or(0, |broadcast| broadcast.next() - 1);
        let current_at = heard.max(response.header.revision);
        let header = ResponseHeader { revision: current_at, ..response.header };
        (current_at >= revision).then(|| RangeResponse { header, ..response.clone() })
    }

    /// Keeps the answer to a range at the present revision, while a broadcast hears of its changes. A broadcast that told
    /// events after the answer does not tell them again.
    pub fn keep(&mut self, request: &Call, reply: &Reply) {
        let (Call::Kv(Request::Range(request)), Reply::Kv(Response::Range(response))) = (request, reply)
        else {
            return;
        };
        if request.revision > 0 {
            return;
        }
        let range = KeyRange::new(&request.key, &request.range_end);
        let revision = response.header.revision;
        let watches = self.all.iter().find(|(_, broadcast)| broadcast.covers(&range, revision));
        self.cache.keep(request, range, response, watches.map(|(id, _)| *id));
    }

    /// Drops all kept answers: permissions may have changed.
    pub fn drop_answers(&mut self) {
        self.cache.clear();
    }
}
