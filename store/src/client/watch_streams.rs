//! Watch streams, with many watches each.
//!
//! The server names watches by ids that it chooses, or that the request asks for; answers to requests come in the order
//! of the requests. A stream may resume by itself: on the next connection, each watch from the first revision that it
//! has not covered (`client/v3/watch.go`).

use super::cx::Cx;
use super::watch_ids::WatchIds;
use super::{ClientOutput, Concerns, ConnectionNumber, Resumption, StreamNumber, WatchCursor, WatchNumber};
use crate::api::{WatchCancelRequest, WatchCreateRequest, WatchRequest, WatchResponse};
use crate::frame::ClientFrame;
use crate::machine::Time;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The watch streams of a session.
#[derive(Debug, Default)]
pub(super) struct WatchStreams {
    open: BTreeMap<StreamNumber, WatchStream>,
    /// The streams by the numbers under which the server knows them.
    by_wire: BTreeMap<StreamNumber, StreamNumber>,
    /// The streams that resume, and when.
    resuming: BTreeSet<(Time, StreamNumber)>,
}

#[derive(Debug)]
struct WatchStream {
    connection: ConnectionNumber,
    on_wire: StreamNumber,
    resume: bool,
    watches: BTreeMap<WatchNumber, Watch>,
    ids: WatchIds,
    ended: bool,
}

#[derive(Debug)]
struct Watch {
    cursor: WatchCursor,
    id: Option<i64>,
    /// Canceled, by either side.
    over: bool,
}

impl WatchStream {
    /// The watches that a response is about, without those that are over; `None` if it is about none that is known.
    fn concerned(&mut self, response: &WatchResponse) -> Option<Concerns> {
        match self.ids.concerned(response)? {
            Concerns::One(number) => {
                if response.created
                    && !response.canceled
                    && let Some(watch) = self.watches.get_mut(&number)
                {
                    watch.id = Some(response.watch_id);
                }
                Some(Concerns::One(number))
            }
            Concerns::All(told) => {
                let open: Vec<_> = told.into_iter().filter(|number| !self.is_over(*number)).collect();
                // The end of the stream is one for those, too, that were asked for and not created.
                (response.canceled || !open.is_empty()).then_some(Concerns::All(open))
            }
        }
    }

    fn is_over(&self, number: WatchNumber) -> bool {
        self.watches.get(&number).is_none_or(|watch| watch.over)
    }

    /// Moves the cursors of the watches that a response is about.
    fn advance(&mut self, concerns: &Concerns, response: &WatchResponse) {
        for number in concerns.watches() {
            let Some(watch) = self.watches.get_mut(number) else { continue };
            match concerns {
                Concerns::One(_) => {
                    watch.over |= response.canceled;
                    watch.cursor.advance(response);
                }
                Concerns::All(_) => watch.cursor.advance_with_stream(response),
            }
        }
    }

    fn cancel(&self, watch_id: i64, cx: &mut Cx<'_>) {
        let cancel = WatchRequest::Cancel(WatchCancelRequest { watch_id });
        cx.send_watch(self.connection, self.on_wire, cancel);
    }
}

impl WatchStreams {
    /// Opens a stream.
    pub fn open(&mut self, stream: StreamNumber, resume: bool, cx: &mut Cx<'_>) {
        let open = WatchStream {
            connection: cx.connect(),
            on_wire: stream,
            resume,
            watches: BTreeMap::new(),
            ids: WatchIds::default(),
            ended: false,
        };
        self.by_wire.insert(stream, stream);
        self.open.insert(stream, open);
    }

    /// Begins a watch.
    pub fn watch(
        &mut self,
        stream: StreamNumber,
        number: WatchNumber,
        request: WatchCreateRequest,
        cx: &mut Cx<'_>,
    ) {
        let Some(open) = self.open.get_mut(&stream) else { return };
        let cursor = WatchCursor::new(request.clone());
        open.watches.insert(number, Watch { cursor, id: None, over: false });
        // One that comes after the end of its stream begins when that resumes.
        if !open.ended {
            open.ids.requested(number);
            cx.send_watch(open.connection, open.on_wire, WatchRequest::Create(request));
        }
    }

    /// Takes a response.
    pub fn received(&mut self, on_wire: StreamNumber, response: WatchResponse, cx: &mut Cx<'_>) {
        let Some(&stream) = self.by_wire.get(&on_wire) else { return };
        let Some(open) = self.open.get_mut(&stream).filter(|open| !open.ended) else { return };
        let connection = open.connection;
        let discarded = ClientOutput::Discarded { connection, on_wire };
        let Some(concerns) = open.concerned(&response) else { return cx.out.push(discarded) };
        if let Some(watch) = concerns.one().filter(|number| open.is_over(*number)) {
            if response.canceled {
                cx.out.push(ClientOutput::CancelConfirmed { stream, watch });
            } else if response.created {
                open.cancel(response.watch_id, cx);
            }
            return cx.out.push(discarded);
        }
        open.advance(&concerns, &response);
        let stream_ends = response.canceled && concerns.one().is_none();
        let compacted = (response.compact_revision != 0).then_some(response.watch_id);
        cx.out.push(ClientOutput::Watched { stream, on_wire, concerns, response });
        if let Some(watch_id) = compacted {
            // Its id stays taken until then.
            open.cancel(watch_id, cx);
        }
        if stream_ends {
            self.end(stream, false, cx);
        }
    }

    /// Asks how far the watches of a stream have come.
    pub fn request_progress(&mut self, stream: StreamNumber, cx: &mut Cx<'_>) {
        if let Some(open) = self.open.get(&stream).filter(|open| !open.ended) {
            cx.send_watch(open.connection, open.on_wire, WatchRequest::Progress);
        }
    }

    /// Ends one watch. Its id may not be known yet: then it is canceled once it is.
    pub fn cancel(&mut self, stream: StreamNumber, number: WatchNumber, cx: &mut Cx<'_>) {
        let Some(open) = self.open.get_mut(&stream) else { return };
        let Some(watch) = open.watches.get_mut(&number).filter(|watch| !watch.over) else { return };
        watch.over = true;
        if let Some(watch_id) = watch.id.filter(|_| !open.ended) {
            open.cancel(watch_id, cx);
        }
    }

    /// Closes a stream.
    pub fn close(&mut self, stream: StreamNumber, cx: &mut Cx<'_>) {
        let Some(open) = self.open.remove(&stream) else { return };
        self.by_wire.remove(&open.on_wire);
        if !open.ended {
            cx.send(open.connection, ClientFrame::CloseStream { stream: open.on_wire });
        }
    }

    /// Ends the streams of a connection that is gone.
    pub fn connection_lost(&mut self, connection: ConnectionNumber, cx: &mut Cx<'_>) {
        let on_it = |open: &WatchStream| open.connection == connection && !open.ended;
        let lost: Vec<StreamNumber> =
            self.open.iter().filter(|(_, open)| on_it(open)).map(|(&stream, _)| stream).collect();
        for stream in lost {
            self.end(stream, true, cx);
        }
    }

    fn end(&mut self, stream: StreamNumber, broken: bool, cx: &mut Cx<'_>) {
        let Some(open) = self.open.get_mut(&stream) else { return };
        open.ended = true;
        cx.out.push(ClientOutput::StreamEnded { stream, broken });
        if open.resume {
            let at = cx.now + Duration::from_millis(cx.config.resume_ms);
            self.resuming.insert((at, stream));
        }
    }

    /// The moment at which the next stream resumes.
    pub fn next_resumption(&self) -> Option<Time> {
        self.resuming.first().map(|(at, _)| *at)
    }

    /// The streams that are due to resume.
    pub fn due_to_resume(&mut self, now: Time) -> Vec<StreamNumber> {
        let later = self.resuming.split_off(&(Time(now.0.saturating_add(1)), 0));
        let due = std::mem::replace(&mut self.resuming, later);
        due.into_iter().map(|(_, stream)| stream).filter(|stream| self.open.contains_key(stream)).collect()
    }

    /// Opens a stream again, under another number.
    pub fn resume(&mut self, stream: StreamNumber, on_wire: StreamNumber, cx: &mut Cx<'_>) {
        let Some(open) = self.open.get_mut(&stream) else { return };
        self.by_wire.remove(&open.on_wire);
        self.by_wire.insert(on_wire, stream);
        open.connection = cx.connect();
        (open.on_wire, open.ended) = (on_wire, false);
        open.ids = WatchIds::default();
        open.watches.retain(|_, watch| !watch.over);
        open.watches.keys().for_each(|watch| open.ids.requested(*watch));
        let resume = |(&watch, open): (&WatchNumber, &mut Watch)| {
            open.id = None;
            let (request, continues) = open.cursor.resume();
            Resumption { watch, request, continues }
        };
        let watches: Vec<Resumption> = open.watches.iter_mut().map(resume).collect();
        cx.out.push(ClientOutput::Resumed { stream, on_wire, watches: watches.clone() });
        for Resumption { request, .. } in watches {
            cx.send_watch(open.connection, on_wire, WatchRequest::Create(request));
        }
    }
}
