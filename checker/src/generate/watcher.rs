//! A watcher: it gets what it wants in order, late, in batches, loses its stream and resumes.

use super::flaw::{Flaw, Trap};
use super::random::Random;
use super::request::key_of;
use super::shape::Shape;
use super::store::{Change, Store, contains};
use crate::history::jsonl::Record;
use crate::history::*;
use std::collections::VecDeque;

/// The most revisions that wait to be delivered.
const BEHIND_AT_MOST: usize = 50;

/// Into how many parts the keys are cut for watchers.
const SLICES: u64 = 16;

/// The state of the world when a watcher acts.
pub(super) struct Moment<'a> {
    pub now_ns: u64,
    pub revision: Revision,
    pub compacted: Revision,
    /// The highest compaction that was asked for.
    pub may_be_compacted: Revision,
    /// Recent events, wanted or not.
    pub others: &'a [Event],
    /// The first revision of those that were made just now, and when the request was asked that made them.
    pub made: (Revision, u64),
}

/// A watcher, and the watch it has now.
pub(super) struct Watcher {
    number: u32,
    /// As it was asked for: what it delivered is shown, not kept.
    watch: Watch,
    /// The time of its last frame, or of its request.
    last_ns: u64,
    frames: u64,
    /// True if nothing came on it but the answer to the request.
    is_unused: bool,
    /// Records not shown yet.
    said: Vec<Record>,
    /// Events that were not delivered, by revision.
    pending: VecDeque<Vec<Event>>,
    /// Everything up to here was delivered, is pending, or is not wanted.
    reached: Revision,
    /// Everything up to here was delivered.
    delivered: Revision,
    /// The last event that was delivered, by any of its watches.
    last: Option<Event>,
    has_resumed: bool,
}

impl Watcher {
    /// The watcher of a number, with a first watch on a new store.
    pub fn new(number: u32, shape: &Shape, trap: &Trap) -> Self {
        let (now_ns, revision) = (1, 1);
        let all = WatchRequest { range_end: "\0".into(), start_revision: 1, ..WatchRequest::default() };
        let near = u64::from(number) % shape.keys.max(1);
        let request = match number % 5 {
            0 => all,
            1 => WatchRequest {
                key: key_of(near),
                start_revision: 1,
                prev_kv: true,
                ..WatchRequest::default()
            },
            2 => WatchRequest {
                key: "k".into(),
                range_end: key_of(shape.keys.div_ceil(2)),
                prev_kv: true,
                progress_notify: true,
                ..all
            },
            3 => {
                WatchRequest { no_put: number.is_multiple_of(2), no_delete: !number.is_multiple_of(2), ..all }
            }
            _ => WatchRequest { fragment: true, progress_notify: true, start_revision: 0, ..all },
        };
        let request = match number {
            0..5 => request,
            // The first few see everything; of many watchers, most watch little.
            _ if request.range_end.is_empty() => request,
            _ => {
                let slice = shape.keys.div_ceil(SLICES);
                let from = u64::from(number) % shape.keys.div_ceil(slice.max(1)).max(1) * slice;
                WatchRequest { key: key_of(from), range_end: key_of(from + slice), ..request }
            }
        };
        let reached = revision;
        let watch = watch(number.into(), number, &request, now_ns);
        let mut watcher = Watcher {
            number,
            last_ns: now_ns,
            frames: 0,
            is_unused: true,
            said: vec![Record::Watch(watch.clone())],
            watch,
            pending: VecDeque::new(),
            reached,
            delivered: reached,
            last: None,
            has_resumed: false,
        };
        if !(trap.is_of(Flaw::MissedFromNow) && watcher.is_from_now()) {
            watcher.frame(now_ns + 1, WatchFrame { revision, created: true, ..WatchFrame::default() });
        }
        watcher
    }

    /// Takes note of the revisions from `first` on.
    pub fn take(&mut self, store: &Store, first: Revision) {
        for change in store.changes_from(first) {
            let revision = change.revision;
            if let Some(event) = event(&self.watch.request, change, store.compacted) {
                match self.pending.back_mut() {
                    Some(events) if events[0].kv.mod_revision == revision => events.push(event),
                    _ => self.pending.push_back(vec![event]),
                }
            }
        }
        self.reached = store.revision;
    }

    /// True if it must not wait any longer.
    pub fn is_behind(&self) -> bool {
        self.pending.len() >= BEHIND_AT_MOST
    }

    /// A moment of its life: a response, a progress notification, or nothing.
    pub fn live(&mut self, moment: &Moment<'_>, trap: &mut Trap, random: &mut Random) {
        let now_ns = moment.now_ns;
        if self.tell_too_early(moment, trap) {
            return;
        }
        if self.pending.is_empty() {
            if self.watch.request.progress_notify && random.percent(10) {
                self.progress(now_ns, self.reached);
            }
            return;
        }
        let mut batch: Vec<Vec<Event>> = Vec::new();
        let most = 1 + random.below(4) as usize;
        while batch.len() < most
            && let Some(events) = self.pending.pop_front()
        {
            batch.push(events);
        }
        let before = self.delivered;
        self.delivered = batch[batch.len() - 1][0].kv.mod_revision;
        self.spoil(moment, before, &mut batch, trap);
        self.deliver(now_ns, batch, random);
    }

    /// Tells of what was made just now as if it had been before it was asked for, if that is due.
    fn tell_too_early(&mut self, moment: &Moment<'_>, trap: &mut Trap) -> bool {
        let (first, invoke_ns) = moment.made;
        if self.is_unused || self.last_ns + 1 >= invoke_ns {
            return false;
        }
        let is_put = |event: &Event| event.kind == EventKind::Put && event.kv.mod_revision >= first;
        if trap.waits_for(Flaw::EventBeforeWrite)
            && self.pending.len() == 1
            && self.pending.front().is_some_and(|events| events.iter().all(is_put))
            && let Some(events) = self.pending.pop_front()
        {
            self.delivered = events[0].kv.mod_revision;
            self.frame(invoke_ns - 1, WatchFrame { revision: first, events, ..WatchFrame::default() });
            trap.spring();
            return true;
        }
        if trap.waits_for(Flaw::ProgressBeforeWrite)
            && self.pending.is_empty()
            && moment.others.iter().any(is_put)
        {
            self.progress(invoke_ns - 1, first);
            trap.spring();
            return true;
        }
        false
    }

    fn deliver(&mut self, now_ns: u64, batch: Vec<Vec<Event>>, random: &mut Random) {
        let events: Vec<Event> = batch.into_iter().flatten().collect();
        let Some(last) = events.last().cloned() else { return };
        let revision = self.reached.max(last.kv.mod_revision);
        self.last = Some(last);
        let count = events.len();
        if self.watch.request.fragment && count > 2 && random.percent(50) {
            let mut first = events;
            let second = first.split_off(count / 2);
            let part = WatchFrame { revision, events: first, fragment: true, ..WatchFrame::default() };
            self.frame(now_ns, part);
            self.frame(now_ns + 1, WatchFrame { revision, events: second, ..WatchFrame::default() });
        } else {
            self.frame(now_ns, WatchFrame { revision, events, ..WatchFrame::default() });
        }
    }

    fn progress(&mut self, now_ns: u64, revision: Revision) {
        self.delivered = self.delivered.max(revision);
        self.frame(now_ns, WatchFrame { revision, ..WatchFrame::default() });
    }

    fn frame(&mut self, now_ns: u64, frame: WatchFrame) {
        self.last_ns = now_ns.max(self.last_ns);
        self.frames += 1;
        self.is_unused &= frame.events.is_empty() && !frame.is_progress();
        let frame = WatchFrame { received_ns: self.last_ns, ..frame };
        self.said.push(Record::Frame { watch: self.watch.id, frame });
    }

    /// Takes the records not shown yet.
    pub fn said(&mut self) -> std::vec::Drain<'_, Record> {
        self.said.drain(..)
    }

    /// True if its stream may break here.
    pub(crate) fn may_break(&self, shape: &Shape, trap: &Trap, random: &mut Random) -> bool {
        let must_last = trap.is_of(Flaw::MissedFromNow) && self.is_from_now();
        self.frames > 1 && !must_last && random.below(shape.frames_per_watch) == 0
    }

    /// Its stream breaks, and it resumes, or what it needs is compacted and it goes on from there.
    pub fn resume(&mut self, next_id: &mut u64, moment: &Moment<'_>, trap: &mut Trap) {
        let Moment { now_ns, revision, compacted, .. } = *moment;
        let end_ns = now_ns.max(self.last_ns);
        self.end(WatchEnd::Broken, end_ns);
        let start = self.delivered + 1;
        self.again(next_id, end_ns, start);
        if start < compacted {
            let canceled = Some("etcdserver: mvcc: required revision has been compacted".to_owned());
            let last = WatchFrame { canceled, compact_revision: compacted, ..WatchFrame::default() };
            self.frame(end_ns + 1, WatchFrame { revision, created: true, ..WatchFrame::default() });
            self.frame(end_ns + 2, WatchFrame { revision, ..last });
            self.end(WatchEnd::Canceled, end_ns + 2);
            self.again(next_id, end_ns + 3, compacted);
            self.pending.retain(|events| events[0].kv.mod_revision >= compacted);
            self.delivered = compacted - 1;
        }
        for event in self.pending.iter_mut().flatten() {
            if event.kv.mod_revision - 1 < compacted {
                event.prev_kv = None;
            }
        }
        self.frame(end_ns + 4, WatchFrame { revision, created: true, ..WatchFrame::default() });
        self.has_resumed = true;
        if trap.waits_for(Flaw::RepeatedAfterResume)
            && let Some(last) = self.last.clone().filter(|last| last.kv.mod_revision == start - 1)
        {
            trap.spring();
            self.frame(end_ns + 5, WatchFrame { revision, events: vec![last], ..WatchFrame::default() });
        }
    }

    fn end(&mut self, end: WatchEnd, end_ns: u64) {
        self.said.push(Record::WatchEnd { watch: self.watch.id, end, end_ns: Some(end_ns) });
    }

    /// Begins a new watch that continues the one it has.
    fn again(&mut self, next_id: &mut u64, now_ns: u64, start_revision: Revision) {
        let request = WatchRequest { start_revision, ..self.watch.request.clone() };
        let mut next = watch(*next_id, self.number, &request, now_ns);
        next.resumes = Some(self.watch.id);
        *next_id += 1;
        self.said.push(Record::Watch(next.clone()));
        self.watch = next;
        (self.last_ns, self.frames, self.is_unused) = (now_ns, 0, true);
    }

    /// Delivers what is pending and ends. Returns what was not shown yet.
    pub fn finish(mut self, now_ns: u64, random: &mut Random) -> Vec<Record> {
        let rest: Vec<Vec<Event>> = self.pending.drain(..).collect();
        self.deliver(now_ns, rest, random);
        self.progress(now_ns, self.reached);
        self.said
    }

    /// Puts the flaw that is due into a batch that is to be delivered.
    fn spoil(&mut self, moment: &Moment<'_>, before: Revision, batch: &mut Vec<Vec<Event>>, trap: &mut Trap) {
        let now_ns = moment.now_ns;
        let request = self.watch.request.clone();
        if trap.waits_for(Flaw::ReorderedWatch) && batch.len() > 1 {
            batch.reverse();
            trap.spring();
        }
        if trap.waits_for(Flaw::MissedEvent) && batch.len() > 1 && before > 0 {
            batch.remove(0);
            trap.spring();
        }
        if trap.waits_for(Flaw::MissedAfterResume) && self.is_fresh() && batch.len() > 1 {
            batch.remove(0);
            trap.spring();
        }
        if trap.waits_for(Flaw::MissedFromNow) && self.is_from_now() && !self.is_unused && batch.len() > 1 {
            batch.remove(0);
            trap.spring();
        }
        if trap.waits_for(Flaw::ProgressBelowEvent) && !self.is_unused && before > 1 && self.last_is(before) {
            self.frame(now_ns, WatchFrame { revision: before - 1, ..WatchFrame::default() });
            trap.spring();
        }
        if trap.waits_for(Flaw::RepeatedEvent) {
            batch.extend(batch.last().cloned());
            trap.spring();
        }
        if trap.waits_for(Flaw::SplitBatch)
            && !request.fragment
            && let Some(at) = batch.iter().position(|events| events.len() > 1)
        {
            let rest = batch.split_off(at + 1);
            let mut first = std::mem::replace(batch, rest);
            if let Some(second) = first.last_mut().and_then(Vec::pop) {
                batch.insert(0, vec![second]);
            }
            let revision = self.reached;
            let events = first.into_iter().flatten().collect();
            self.frame(now_ns, WatchFrame { revision, events, ..WatchFrame::default() });
            trap.spring();
        }
        if trap.waits_for(Flaw::ProgressAhead) {
            let revision = batch[0][0].kv.mod_revision;
            self.frame(now_ns, WatchFrame { revision, ..WatchFrame::default() });
            trap.spring();
        }
        if trap.waits_for(Flaw::EventOutsideRange) || trap.waits_for(Flaw::UnwantedEvent) {
            let is_outside = trap.waits_for(Flaw::EventOutsideRange);
            let (first, last) = (batch[0][0].kv.mod_revision, self.delivered);
            let stray = moment.others.iter().find(|event| {
                let revision = event.kv.mod_revision;
                let is_inside = contains(&request.key, &request.range_end, &event.kv.key);
                let is_wanted = match event.kind {
                    EventKind::Put => !request.no_put,
                    EventKind::Delete => !request.no_delete,
                };
                (first..=last).contains(&revision)
                    && batch.iter().all(|events| events[0].kv.mod_revision != revision)
                    && if is_outside { !is_inside && is_wanted } else { is_inside && !is_wanted }
            });
            if let Some(stray) = stray {
                let revision = stray.kv.mod_revision;
                let at = batch.partition_point(|events| events[0].kv.mod_revision < revision);
                batch.insert(at, vec![stray.clone()]);
                trap.spring();
            }
        }
        for event in batch.iter_mut().flatten() {
            spoil_event(event, moment.may_be_compacted, trap);
        }
    }

    /// Compares the revision of the last event.
    fn last_is(&self, revision: Revision) -> bool {
        self.last.as_ref().is_some_and(|last| last.kv.mod_revision == revision)
    }

    /// True for a watch without a start revision: it begins with the next change.
    fn is_from_now(&self) -> bool {
        self.watch.request.start_revision == 0
    }

    /// True if it has resumed, and nothing came since.
    fn is_fresh(&self) -> bool {
        self.has_resumed && self.is_unused
    }
}

fn spoil_event(event: &mut Event, may_be_compacted: Revision, trap: &mut Trap) {
    let was_there = event.kind == EventKind::Put && event.kv.version > 1;
    if trap.waits_for(Flaw::FalseCreate) && was_there {
        (event.kv.create_revision, event.kv.version) = (event.kv.mod_revision, 1);
        trap.spring();
    }
    if trap.waits_for(Flaw::DeniedCreate) && event.kind == EventKind::Put && event.kv.version == 1 {
        event.is_create = Some(false);
        trap.spring();
    }
    if trap.waits_for(Flaw::WrongEventValue) && event.kind == EventKind::Put {
        event.kv.value = "never-written".into();
        trap.spring();
    }
    if trap.waits_for(Flaw::WrongPrevKv)
        && let Some(before) = &mut event.prev_kv
    {
        before.value = "never-written".into();
        trap.spring();
    }
    let is_kept = event.kv.mod_revision > may_be_compacted;
    if trap.waits_for(Flaw::MissingPrevKv) && is_kept && event.prev_kv.take().is_some() {
        trap.spring();
    }
}

fn watch(id: u64, number: u32, request: &WatchRequest, invoke_ns: u64) -> Watch {
    // Watchers are not among the clients that make operations.
    Watch::new(id, ClientId(1_000_000 + number), request.clone(), invoke_ns)
}

/// The event of a change, if the watch wants it.
fn event(request: &WatchRequest, change: &Change, compacted: Revision) -> Option<Event> {
    let unwanted = if change.after.is_some() { request.no_put } else { request.no_delete };
    if unwanted || !contains(&request.key, &request.range_end, &change.key) {
        return None;
    }
    Some(event_of(change, request.prev_kv && change.revision > compacted))
}

/// The event of a change.
pub(super) fn event_of(change: &Change, with_prev_kv: bool) -> Event {
    let kind = if change.after.is_some() { EventKind::Put } else { EventKind::Delete };
    let deleted =
        || KeyValue { key: change.key.clone(), mod_revision: change.revision, ..KeyValue::default() };
    let kv = change.after.clone().unwrap_or_else(deleted);
    Event { kind, kv, prev_kv: change.before.clone().filter(|_| with_prev_kv), is_create: None }
}
