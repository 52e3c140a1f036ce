//! The effects of broadcasts on streams: watches begin and end, and their progress is told.

use super::Streams;
use crate::api::WatchResponse;
use crate::frame::ClientStream;
use crate::proxy::broadcasts::{Awaited, BroadcastId, Broadcasts, Ended, News, Reached};
use crate::proxy::cx::Cx;

impl Streams {
    /// Takes the news of a broadcast.
    pub fn take(&mut self, cx: &mut Cx<'_>, broadcasts: &mut Broadcasts, by: BroadcastId, news: News) {
        match news {
            News::Delivered | News::Unsupported => {}
            News::Created { waiting, asks } => {
                for key in waiting {
                    self.advance(cx, broadcasts, key);
                }
                if asks {
                    self.ask_position(cx, broadcasts, by);
                }
            }
            News::Reached(reached) => self.reached(cx, broadcasts, reached),
            News::Ended(ended) => self.ended(cx, broadcasts, by, *ended),
        }
    }

    fn ended(&mut self, cx: &mut Cx<'_>, broadcasts: &mut Broadcasts, by: BroadcastId, ended: Ended) {
        let Ended { watchers, farewell, survivors, awaited, waiting, refusal } = ended;
        for watcher in watchers {
            let (key, watch_id) = (watcher.stream(), watcher.watch_id());
            if let Some(stream) = self.open.get_mut(&key) {
                stream.remove_watch(watch_id);
            }
            cx.send_watch(key, WatchResponse { watch_id, ..farewell.clone() });
        }
        for (watcher, detached) in survivors {
            broadcasts.place_anew(cx, watcher, detached);
        }
        self.awaited_no_more(cx, broadcasts, Some(awaited));
        for key in waiting {
            if let (Some(stream), Some(refusal)) = (self.open.get_mut(&key), &refusal) {
                stream.refused(by, refusal);
            }
            self.advance(cx, broadcasts, key);
        }
    }

    /// Merges a broadcast that began or moved on with others of its subject, as far as they have met.
    pub fn merge(&mut self, cx: &mut Cx<'_>, broadcasts: &mut Broadcasts, by: BroadcastId) {
        while let Some(merged) = broadcasts.merge(cx, by) {
            for key in &merged.awaiting {
                if let Some(stream) = self.open.get_mut(key) {
                    stream.progress().merged(merged.from, merged.into);
                }
            }
            if merged.asks {
                self.ask_position(cx, broadcasts, merged.into);
            }
        }
    }

    /// Asks for the progress of the watches of a stream, for its client.
    pub(super) fn ask_progress(&mut self, cx: &mut Cx<'_>, broadcasts: &mut Broadcasts, key: ClientStream) {
        let Some(stream) = self.open.get_mut(&key) else { return };
        let asked = broadcasts.homes_of(stream.watchers());
        if asked.is_empty() {
            return;
        }
        stream.progress().ask(asked.clone());
        for by in asked {
            broadcasts.await_progress(by, key, None);
            self.ask_position(cx, broadcasts, by);
        }
    }

    /// Asks upstream how far a broadcast has come.
    pub fn ask_position(&mut self, cx: &mut Cx<'_>, broadcasts: &mut Broadcasts, by: BroadcastId) {
        if let Some(reached) = broadcasts.ask_position(cx, by) {
            self.reached(cx, broadcasts, reached);
        }
    }

    /// Tells clients that a broadcast was told everything up to a revision.
    fn reached(&mut self, cx: &mut Cx<'_>, broadcasts: &mut Broadcasts, reached: Reached) {
        let Reached { notify, awaited } = reached;
        for (key, watch_id, from) in notify {
            if let Some(stream) = self.open.get_mut(&key) {
                stream.progress().notify(cx, key, watch_id, from, awaited.header);
            }
        }
        self.awaited_no_more(cx, broadcasts, Some(awaited));
    }

    /// Ends the wait of streams for a broadcast: it reported its progress, or is not there any more.
    pub(super) fn awaited_no_more(
        &mut self,
        cx: &mut Cx<'_>,
        broadcasts: &mut Broadcasts,
        awaited: Option<Awaited>,
    ) {
        let Some(Awaited { by, streams, header }) = awaited else { return };
        for key in streams {
            if let Some(stream) = self.open.get_mut(&key) {
                stream.arrived(cx, broadcasts, by, header);
            }
        }
    }

    /// Begins and repeats questions for progress as time passes.
    pub fn tick(&mut self, cx: &mut Cx<'_>, broadcasts: &mut Broadcasts) {
        for stream in self.open.values_mut() {
            if stream.progress().begins_round(cx) {
                broadcasts.begin_round(stream.watchers());
            }
        }
        for by in broadcasts.due_questions(cx) {
            self.ask_position(cx, broadcasts, by);
        }
    }
}
