//! The trace of a run as <https://ui.perfetto.dev> and `chrome://tracing` show it: Chrome's JSON trace event format.
//!
//! A node is a process. Its threads are `process` (when it was down or paused), `raft` (its role, what it applied), `disk`,
//! `network` (messages between members) and `connections` (frames of clients); a client has `operations`, `holds` and
//! `watches`. What overlaps has a thread of its own: `operations 2`. Messages are flows, from the event at the sender to the
//! one at the receiver. The world has the faults. Counters are the revision, the term and the applied index of a member, its
//! durable bytes, and the open operations.
//!
//! The format is described in "Trace Event Format" of the Chromium project. Here every track is in order of time, every `B`
//! has an `E`, and every flow has both ends.

mod flows;
mod lanes;
mod output;
mod tracks;

use flows::Flows;
use lanes::Lanes;
use output::{Output, Phase, Place, Slice};
use revline_sim::trace::{Details, Event, NodeName, Record, Trace};
use std::collections::BTreeMap;
use std::io::{Error, ErrorKind, Result, Write};
use tracks::{Thread, Tracks};

/// The most bytes of JSON that the arguments of a slice take over from the details of an event.
const MOST_ARGUMENT_BYTES: usize = 2_000;

/// Writes the trace of a run, event by event. `stop` is asked between them.
///
/// # Errors
/// That of `out`, and [`ErrorKind::Interrupted`] once `stop` says so.
pub fn write(trace: &Trace, title: &str, out: &mut dyn Write, stop: impl Fn() -> bool) -> Result<()> {
    let records = trace.records().unwrap_or_default();
    let flows = Flows::of(records);
    let mut scene = Scene {
        trace,
        out: Output::begin(out, title)?,
        tracks: Tracks::default(),
        lanes: Lanes::default(),
        open_operations: 0,
    };
    let mut end_ns = 0;
    for (at, record) in records.iter().enumerate() {
        if stop() {
            return Err(Error::from(ErrorKind::Interrupted));
        }
        scene.event(at, record, flows.at(at))?;
        end_ns = record.at_ns;
    }
    scene.end(end_ns)
}

/// The state of all tracks.
struct Scene<'a> {
    trace: &'a Trace,
    out: Output<'a>,
    tracks: Tracks,
    lanes: Lanes,
    open_operations: i64,
}

impl Scene<'_> {
    fn event(&mut self, at: usize, record: &Record, flow: Option<flows::End>) -> Result<()> {
        let Record { at_ns, node, event } = *record;
        let details = self.trace.details(at, record);
        let words = details.map_or("", Details::words);
        match event {
            Event::Invoke { call, .. } | Event::Ask { call, .. } => {
                self.count_operations(at_ns, 1)?;
                self.open(record, Thread::Operations, (0, call), words, details)
            }
            Event::Return { call, .. } | Event::Answer { call, .. } => {
                self.count_operations(at_ns, -1)?;
                self.close(record, Thread::Operations, (0, call), details)
            }
            Event::Hold { hold, .. } => self.open(record, Thread::Holds, (1, hold), words, details),
            Event::Release { hold } => self.close(record, Thread::Holds, (1, hold), None),
            Event::Fault { fault, .. } => self.open(record, Thread::Faults, (2, fault.0), words, details),
            Event::Heal { fault } => self.close(record, Thread::Faults, (2, fault.0), None),
            Event::Role { role, term, .. } => {
                self.counter(record, "term", term as i64)?;
                let text = self.words(at, record);
                self.switch(record, Thread::Raft, Some(&format!("{role:?} in term {term}")), &text)
            }
            Event::Apply { index, revision } => {
                self.counter(record, "revision", revision)?;
                self.counter(record, "applied index", index as i64)?;
                self.slice(record, Thread::Applied, (&format!("apply up to {index}"), words), None)
            }
            Event::DiskSync { durable_bytes, .. } => {
                let text = self.words(at, record);
                let began_ns = details.and_then(Details::began_ns).unwrap_or(at_ns);
                let place = self.place(node, Thread::Disk, 0)?;
                let slice = Slice { name: "sync", from_ns: began_ns, to_ns: at_ns, what: &text, fields: "" };
                self.out.complete(place, slice, None)?;
                self.counter(record, "durable bytes", durable_bytes as i64)
            }
            Event::DiskAppend { bytes, .. } => {
                self.slice(record, Thread::Disk, (&format!("append {bytes} B"), words), None)
            }
            Event::DiskReplace { bytes, .. } => {
                let text = self.words(at, record);
                let began_ns = details.and_then(Details::began_ns).unwrap_or(at_ns);
                let place = self.place(node, Thread::Disk, 0)?;
                let name = format!("replace {bytes} B");
                let slice = Slice { name: &name, from_ns: began_ns, to_ns: at_ns, what: &text, fields: "" };
                self.out.complete(place, slice, None)
            }
            Event::Send { message, .. } | Event::Deliver { message, .. } => {
                self.slice(record, Thread::Network, (message, words), flow)
            }
            Event::FrameSend { message, .. } | Event::FrameDeliver { message, .. } => {
                self.slice(record, Thread::Connections, (message, words), flow)
            }
            Event::WatchFrame { .. } | Event::Observed { .. } => {
                let text = self.words(at, record);
                self.slice(record, Thread::Watches, ("watch", &text), None)
            }
            Event::Pause {} => self.state(at, record, Some("paused")),
            Event::Crash { .. }
            | Event::Stop { .. }
            | Event::Refuse { .. }
            | Event::Leave {}
            | Event::Kill {} => self.state(at, record, Some("down")),
            Event::Exit { .. } => self.state(at, record, Some("ended")),
            Event::Resume {} | Event::Start { .. } | Event::Launch { .. } => self.state(at, record, None),
            Event::Digest { .. } | Event::Hash { .. } | Event::Join {} => Ok(()),
            _ => {
                let text = self.words(at, record);
                self.instant(record, &text)
            }
        }
    }

    /// A record in words, without its time and its node.
    fn words(&self, at: usize, record: &Record) -> String {
        self.trace.words(at, record)
    }

    fn place(&mut self, node: NodeName, thread: Thread, lane: u32) -> Result<Place> {
        self.tracks.place(&mut self.out, self.trace, node, thread, lane)
    }

    /// Begins a slice on the first free lane of a thread.
    fn open(
        &mut self,
        record: &Record,
        thread: Thread,
        name: (u8, u64),
        words: &str,
        details: Option<&Details>,
    ) -> Result<()> {
        let lane = self.lanes.open(record.node, thread, name);
        let place = self.place(record.node, thread, lane)?;
        let slice = Slice::at(record.at_ns, title(words), words, fields(details));
        self.out.edge(Phase::Begin, place, slice)
    }

    fn close(
        &mut self,
        record: &Record,
        thread: Thread,
        name: (u8, u64),
        details: Option<&Details>,
    ) -> Result<()> {
        // A fault is healed by the world, and struck there; all else ends where it began.
        let Some(lane) = self.lanes.close(record.node, thread, name) else { return Ok(()) };
        let place = self.place(record.node, thread, lane)?;
        let outcome = details.map_or("", Details::words);
        self.out.edge(Phase::End, place, Slice::at(record.at_ns, "", outcome, fields(details)))
    }

    /// A thread that always is in one state, or in none.
    fn switch(&mut self, record: &Record, thread: Thread, state: Option<&str>, what: &str) -> Result<()> {
        let place = self.place(record.node, thread, 0)?;
        if self.lanes.close(record.node, thread, (3, 0)).is_some() {
            self.out.edge(Phase::End, place, Slice::at(record.at_ns, "", "", ""))?;
        }
        if let Some(state) = state {
            self.lanes.open(record.node, thread, (3, 0));
            self.out.edge(Phase::Begin, place, Slice::at(record.at_ns, state, what, ""))?;
        }
        Ok(())
    }

    /// The state of a process, which changes with an instant of its own.
    fn state(&mut self, at: usize, record: &Record, state: Option<&str>) -> Result<()> {
        let text = self.words(at, record);
        self.instant(record, &text)?;
        if matches!(state, Some("down" | "ended")) {
            // Who does not run has no role.
            self.switch(record, Thread::Raft, None, "")?;
        }
        self.switch(record, Thread::Process, state, &text)
    }

    fn slice(
        &mut self,
        record: &Record,
        thread: Thread,
        (name, what): (&str, &str),
        flow: Option<flows::End>,
    ) -> Result<()> {
        let place = self.place(record.node, thread, 0)?;
        self.out.complete(place, Slice::at(record.at_ns, name, what, ""), flow)
    }

    fn instant(&mut self, record: &Record, text: &str) -> Result<()> {
        let place = self.place(record.node, Thread::Events, 0)?;
        self.out.edge(Phase::Instant, place, Slice::at(record.at_ns, title(text), text, ""))
    }

    fn counter(&mut self, record: &Record, name: &str, value: i64) -> Result<()> {
        let place = self.place(record.node, Thread::Process, 0)?;
        self.out.counter(place, record.at_ns, name, value)
    }

    fn count_operations(&mut self, at_ns: u64, change: i64) -> Result<()> {
        self.open_operations += change;
        let place = self.place(NodeName::WORLD, Thread::Process, 0)?;
        self.out.counter(place, at_ns, "open operations", self.open_operations)
    }

    /// Ends what is open, at the end of the run.
    fn end(mut self, end_ns: u64) -> Result<()> {
        let open: BTreeMap<_, _> = self.lanes.take();
        for ((node, thread), lanes) in open {
            for lane in lanes {
                let place = self.place(node, thread, lane)?;
                let slice = Slice::at(end_ns, "", "open at the end of the run", "");
                self.out.edge(Phase::End, place, slice)?;
            }
        }
        self.out.end()
    }
}

/// The name of a slice: the beginning of its words.
fn title(words: &str) -> &str {
    &words[..words.floor_char_boundary(60)]
}

fn fields(details: Option<&Details>) -> &str {
    details.map(Details::fields).filter(|fields| fields.len() <= MOST_ARGUMENT_BYTES).unwrap_or_default()
}
