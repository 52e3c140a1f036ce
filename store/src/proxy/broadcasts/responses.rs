//! The responses on an upstream watch: that it was created, events, progress, its end.

use super::broadcast::{Awaited, Reached, Remains};
use super::watcher::{Detached, Watcher, WatcherId};
use super::{BroadcastId, Broadcasts};
use crate::api::{ResponseHeader, WatchResponse};
use crate::defect::altered;
use crate::error::Error;
use crate::frame::ClientStream;
use crate::proxy::cx::Cx;
use std::collections::BTreeSet;

/// The consequences of a response on an upstream watch for the streams of clients.
#[derive(Debug)]
pub(in crate::proxy) enum News {
    /// The watchers were told.
    Delivered,
    /// Upstream created the watch.
    Created {
        /// The streams that waited for that.
        waiting: BTreeSet<ClientStream>,
        /// True if upstream is to be asked how far it has come.
        asks: bool,
    },
    /// It was told everything up to some revision.
    Reached(Reached),
    /// It has ended, or was never created.
    Ended(Box<Ended>),
    /// The endpoint in use serves no watches: it is a learner. Another one may.
    Unsupported,
}

/// A broadcast whose upstream watch has ended.
#[derive(Debug)]
pub(in crate::proxy) struct Ended {
    /// The watchers that end with it.
    pub watchers: Vec<Watcher>,
    /// The response that tells them so, but for the watch's number.
    pub farewell: WatchResponse,
    /// The watchers that go on elsewhere.
    pub survivors: Vec<(WatcherId, Detached)>,
    pub awaited: Awaited,
    /// The streams that waited for it to open.
    pub waiting: BTreeSet<ClientStream>,
    /// The refusal of their requests; without one they try again.
    pub refusal: Option<Refusal>,
}

/// A refusal from upstream to create a watch.
#[derive(Clone, Debug)]
pub(in crate::proxy) struct Refusal {
    pub header: ResponseHeader,
    pub reason: String,
}

impl Broadcasts {
    /// Takes a response on the stream of an upstream watch; `None` if that is at an end.
    pub fn received(
        &mut self,
        cx: &mut Cx<'_>,
        stream: u64,
        response: WatchResponse,
    ) -> Option<(BroadcastId, News)> {
        let id = *self.by_stream.get(&stream)?;
        let broadcast = self.all.get_mut(&id)?;
        broadcast.heard(cx.now);
        cx.upstream.note_header(&response.header);
        let news = if response.canceled {
            if response.created
                && response.cancel_error() == Some(Error::NotSupportedForLearner)
                && cx.config.endpoints > 1
            {
                News::Unsupported
            } else {
                self.end(cx, id, response)?
            }
        } else if response.created {
            let (waiting, asks) = broadcast.created(cx, &response);
            News::Created { waiting, asks }
        } else if response.is_progress_notify() {
            News::Reached(broadcast.reached(id, response.header))
        } else {
            self.deliver(cx, id, &response);
            News::Delivered
        };
        Some((id, news))
    }

    /// Passes events on, and drops the kept answers that they change.
    fn deliver(&mut self, cx: &mut Cx<'_>, id: BroadcastId, response: &WatchResponse) {
        self.cache.drop_changed(id, &response.events, cx.config.defects);
        let events = altered!(
            cx.config.defects,
            proxy_dedups_by_key::last_of_each_key(&response.events),
            response.events.clone()
        );
        if let Some(broadcast) = self.all.get_mut(&id) {
            broadcast.deliver(cx, &events, &response.header);
        }
    }

    /// Ends a broadcast whose upstream watch has ended, or was refused.
    fn end(&mut self, cx: &Cx<'_>, id: BroadcastId, response: WatchResponse) -> Option<News> {
        let broadcast = self.all.get_mut(&id)?;
        if let Some(stream) = broadcast.take_stream() {
            self.by_stream.remove(&stream);
        }
        let header = response.header;
        let refusal = response.created.then(|| Refusal { header, reason: response.cancel_reason.clone() });
        let compacted = if response.created { 0 } else { response.compact_revision };
        let Remains { watchers, survivors, waiting, progress_for } = broadcast.end(compacted);
        for id in watchers.keys() {
            self.homes.remove(id);
        }
        self.forget(cx, id);
        // Permissions may have changed.
        self.cache.clear();
        Some(News::Ended(Box::new(Ended {
            watchers: watchers.into_values().collect(),
            farewell: WatchResponse { created: false, ..response },
            survivors,
            awaited: Awaited { by: id, streams: progress_for, header },
            waiting,
            refusal,
        })))
    }
}
