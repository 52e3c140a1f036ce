//! One watch: what it delivered is exactly what the revisions changed that it wants, in order.

use super::compactions::Compactions;
use super::scope::{Scope, Scopes};
use super::store::Store;
use super::tally::Tally;
use super::watches::RevisionsSoFar;
use super::{Unproven, require};
use crate::history::*;
use std::borrow::Borrow;
use std::collections::VecDeque;

/// The progress of a watch, with those that it continues.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reached {
    /// Everything up to here was delivered, or excused by a compaction.
    pub(super) whole: Revision,
    /// The revision of the last event; 0 if there was none.
    pub(super) last: Revision,
    /// The time of the watch's request.
    pub(super) invoke_ns: u64,
}

/// A frame's statement, held against the revisions as soon as they are made.
pub(super) enum Said<F> {
    /// Events.
    Events(F),
    /// Everything up to a revision was delivered.
    Whole(Revision),
}

/// A watch that is not over, or has something to be held against revisions yet.
pub(super) struct OpenWatch<F> {
    request: WatchRequest,
    scope: Scope,
    invoke_ns: u64,
    resumes: bool,
    before: Option<Reached>,
    last_ns: u64,
    /// The first revision that it delivers, once that is known, and the last that it delivered in whole.
    first: Option<Revision>,
    last: Revision,
    /// True if a fragment was the last that had events.
    is_incomplete: bool,
    /// True if every frame since the last event said that a fragment follows.
    in_fragments: bool,
    has_frames: bool,
    first_event: Option<Revision>,
    last_event: Revision,
    bookmark: Option<Revision>,
    /// The first compaction that it told of, and when; and the highest.
    compacted: Option<(Revision, u64)>,
    highest_compacted: Revision,
    pub(super) said: VecDeque<Said<F>>,
    /// The next change that must not be left out: its place, or its version of the one key.
    next: Option<u64>,
    /// The revision of the last event that was held against it.
    shown: Revision,
    pub(super) is_over: bool,
}

impl<F: Borrow<WatchFrame>> OpenWatch<F> {
    /// One that is asked for; `said` is empty.
    pub(super) fn new(watch: &Watch, scope: Scope, before: Option<Reached>, said: VecDeque<Said<F>>) -> Self {
        OpenWatch {
            request: watch.request.clone(),
            scope,
            invoke_ns: watch.invoke_ns,
            resumes: watch.resumes.is_some(),
            before,
            last_ns: watch.invoke_ns,
            first: None,
            last: 0,
            is_incomplete: false,
            in_fragments: false,
            has_frames: false,
            first_event: None,
            last_event: 0,
            bookmark: None,
            compacted: None,
            highest_compacted: 0,
            said,
            next: None,
            shown: 0,
            is_over: false,
        }
    }

    /// A frame arrived.
    pub(super) fn frame(&mut self, given: F, tally: &mut Tally) -> Result<(), Unproven> {
        let frame = given.borrow();
        require(frame.received_ns >= self.last_ns, "a watch's frames are not in order")?;
        require(!(frame.created && self.has_frames), "a watch was created after it had shown something")?;
        self.last_ns = frame.received_ns;
        self.has_frames = true;
        let is_served = frame.canceled.is_none();
        require(self.request.start_revision >= 0 || !is_served, "a watch began at a negative revision")?;
        self.begin(frame);
        if frame.compact_revision != 0 {
            self.compacted.get_or_insert((frame.compact_revision, frame.received_ns));
            self.highest_compacted = self.highest_compacted.max(frame.compact_revision);
        }
        let (Some(first), Some(last)) = (frame.events.first(), frame.events.last()) else {
            self.in_fragments &= frame.fragment;
            if frame.is_progress() {
                tally.bookmarked += u64::from(self.bookmark.is_some() || self.last_event > 0);
                require(self.bookmark.is_none_or(|marked| marked <= frame.revision), "progress went back")?;
                require(self.last_event <= frame.revision, "progress is below an event")?;
                let begins_after = self.request.start_revision.saturating_sub(1);
                require(begins_after <= frame.revision, "progress is below the beginning of its watch")?;
                self.bookmark = Some(frame.revision);
                if !self.is_incomplete && self.first.is_some() {
                    self.last = self.last.max(frame.revision);
                    self.said.push_back(Said::Whole(frame.revision));
                }
            }
            return Ok(());
        };
        let (first, last) = (first.kv.mod_revision, last.kv.mod_revision);
        require(self.first.is_some(), "events came on a watch that does not say where it begins")?;
        if let Some(marked) = self.bookmark {
            tally.bookmarked += frame.events.len() as u64;
            require(first > marked, "an event came after progress")?;
        }
        let is_split = first == self.last_event && !(self.in_fragments && self.request.fragment);
        require(!is_split, "a revision came in two responses")?;
        tally.frames += 1;
        tally.ordered += frame.events.len() as u64 - u64::from(self.first_event.is_none());
        self.first_event.get_or_insert(first);
        self.last_event = last;
        self.in_fragments = frame.fragment;
        self.is_incomplete = frame.fragment;
        self.last = self.last.max(last - Revision::from(frame.fragment));
        self.said.push_back(Said::Events(given));
        Ok(())
    }

    /// Finds out where it begins.
    fn begin(&mut self, frame: &WatchFrame) {
        if self.first.is_some() {
            return;
        }
        self.first = match self.request.start_revision {
            0 if frame.created && frame.canceled.is_none() => Some(frame.revision.saturating_add(1)),
            // Its creation was not recorded: from here on it shows everything.
            0 if frame.is_progress() => Some(frame.revision.saturating_add(1)),
            0 if !frame.events.is_empty() => frame.events.first().map(|event| event.kv.mod_revision),
            start if start > 0 => Some(start),
            _ => return,
        };
        self.last = self.first.unwrap_or(0) - 1;
        if self.before.is_some() {
            // What lies between the watch that it continues and its start must be nothing that it wants.
            self.said.push_back(Said::Whole(self.last));
        }
    }

    /// It ended, or the recording did.
    pub(super) fn end(
        &mut self,
        tally: &mut Tally,
        compactions: &mut Compactions,
    ) -> Result<Option<Reached>, Unproven> {
        self.is_over = true;
        let own = self.first.map(|_| self.last.saturating_add(1));
        let own = own.or(Some(self.request.start_revision).filter(|start| *start != 0));
        let mut next = own;
        if let Some(before) = self.before.filter(|_| self.has_frames) {
            tally.resumed += 1;
            let after = before.whole.saturating_add(1);
            next = Some(own.unwrap_or(after).max(after));
            if let (true, Some(first)) = (before.last > 0, self.first_event) {
                require(first > before.last.min(before.whole), "a watch that resumed repeated an event")?;
            }
        } else if self.resumes {
            next = None;
        }
        if let (Some((compacted, at_ns)), Some(next)) = (self.compacted, next) {
            require(next < compacted, "a watch was cancelled by a compaction without need")?;
            compactions.need_at(compacted, at_ns)?;
        }
        let invoke_ns = self.invoke_ns;
        if self.first.is_none() && self.before.is_none() {
            return Ok(None);
        }
        let mut reached = self.before.unwrap_or(Reached { whole: self.last, last: 0, invoke_ns });
        if self.first.is_some() {
            reached.whole = reached.whole.max(self.last);
        }
        reached.whole = reached.whole.max(self.highest_compacted - 1);
        reached.last = reached.last.max(self.last_event);
        Ok(Some(Reached { invoke_ns, ..reached }))
    }

    /// The revision that must be made before it can be judged further; and whether an event says that it was.
    pub(super) fn waits_for(&self) -> Option<(Revision, bool)> {
        self.said.front().map(|said| match said {
            Said::Events(frame) => {
                (frame.borrow().events.last().map_or(0, |event| event.kv.mod_revision), true)
            }
            Said::Whole(revision) => (*revision, false),
        })
    }

    /// Shows the events of a revision that is not made yet.
    pub(super) fn seen(&self, revision: Revision, see: &mut impl FnMut(&Event)) {
        for said in &self.said {
            if let Said::Events(frame) = said {
                let events = frame.borrow().events.iter();
                events.filter(|event| event.kv.mod_revision == revision).for_each(&mut *see);
            }
        }
    }

    /// The number of events of a revision, where the watch wants all there are and they came in whole.
    pub(super) fn count_of(&self, revision: Revision) -> Option<usize> {
        let is_whole = self.scope == Scope::All
            && !self.request.fragment
            && !self.request.no_put
            && !self.request.no_delete;
        let mut count = 0;
        self.seen(revision, &mut |_| count += 1);
        (is_whole && count > 0).then_some(count)
    }

    /// Holds what it said against what is made. Says what it waits for then; `frames` are those that wait.
    pub(super) fn go_on(
        &mut self,
        world: &mut RevisionsSoFar<'_>,
        scopes: &mut Scopes,
        frames: &mut usize,
    ) -> Result<Option<(Revision, bool)>, Unproven> {
        while let Some(waits_for) = self.waits_for() {
            if waits_for.0 > world.store.newest() {
                return Ok(Some(waits_for));
            }
            self.judge_next(world, scopes)?;
            *frames = frames.saturating_sub(1);
        }
        Ok(None)
    }

    /// Holds the next thing that it said against the revisions, which are made.
    pub(super) fn judge_next(
        &mut self,
        world: &mut RevisionsSoFar<'_>,
        scopes: &mut Scopes,
    ) -> Result<(), Unproven> {
        let RevisionsSoFar { store, compactions, tally } = world;
        let Some(said) = self.said.pop_front() else { return Ok(()) };
        scopes.learn(self.scope, store);
        let frame = match &said {
            Said::Whole(revision) => return self.is_whole(store, scopes, *revision),
            Said::Events(frame) => frame.borrow(),
        };
        let mut last = 0;
        for event in &frame.events {
            last = event.kv.mod_revision;
            let next = self.next_wanted(store, scopes, last)?;
            let (key, number) = next.ok_or(Unproven("an event came that is not of its revision"))?;
            self.event(event, (key, number), frame.received_ns, store, compactions, tally)?;
            self.next = self.next.map(|next| next.saturating_add(1));
        }
        match frame.fragment {
            true => Ok(()),
            false => self.is_whole(store, scopes, last),
        }
    }

    fn event(
        &mut self,
        event: &Event,
        (key, number): (u32, u64),
        received_ns: u64,
        store: &mut Store,
        compactions: &mut Compactions,
        tally: &mut Tally,
    ) -> Result<(), Unproven> {
        let revision = event.kv.mod_revision;
        let version = store.version(key, number)?.ok_or(Unproven("an event is of no change"))?;
        let is_true = version.revision == revision
            && match (&version.kv, event.kind) {
                (Some(after), EventKind::Put) => event.kv.agrees(after),
                (None, EventKind::Delete) => is_plain_delete(&event.kv) && event.kv.key == *store.name(key),
                _ => false,
            };
        require(is_true, "an event is not what its revision did")?;
        let is_create = version.kv.as_ref().is_some_and(|kv| kv.create_revision == revision);
        let told_create = event.told_create();
        require(told_create.is_none_or(|told| told == is_create), "an event is wrong about what it created")?;
        let before = store.before(key, number);
        match (&event.prev_kv, before) {
            (Some(previous), Some(before)) => require(previous.agrees(before), "a previous value is wrong")?,
            (Some(_), None) => return Err(Unproven("a previous value came where there was none")),
            (None, Some(_)) if self.request.prev_kv => compactions.need(revision, received_ns)?,
            (None, _) => {}
        }
        if let Some(previous) = &event.prev_kv {
            store.marks.seen(previous.mod_revision);
        }
        if self.shown != revision {
            self.shown = revision;
            tally.several += u64::from(store.change_count(revision) > 1);
            store.marks.seen(revision);
        }
        tally.events += 1;
        tally.creates += u64::from(told_create.is_some());
        tally.previous += u64::from(self.request.prev_kv || event.prev_kv.is_some());
        tally.shared += u64::from(store.deliver(key, number));
        Ok(())
    }

    /// Everything that it wants up to a revision was delivered.
    fn is_whole(&mut self, store: &Store, scopes: &Scopes, revision: Revision) -> Result<(), Unproven> {
        if revision < self.from() {
            return Ok(());
        }
        let left = self.next_wanted(store, scopes, revision)?;
        require(left.is_none(), "a watch missed an event")
    }

    fn from(&self) -> Revision {
        let first = self.first.unwrap_or(0);
        self.before.map_or(first, |before| first.min(before.whole.saturating_add(1)))
    }

    /// The next change up to a revision that it wants and that was not delivered: the key, and its version.
    fn next_wanted(
        &mut self,
        store: &Store,
        scopes: &Scopes,
        up_to: Revision,
    ) -> Result<Option<(u32, u64)>, Unproven> {
        if up_to < self.from() {
            return Ok(None);
        }
        let mut next = match (self.next, self.scope) {
            (Some(next), _) => next,
            (None, Scope::One(key)) => {
                store.changes_from(self.from())?;
                store.version_from(key, self.from())
            }
            (None, _) => store.changes_from(self.from())?,
        };
        let (no_put, no_delete) = (self.request.no_put, self.request.no_delete);
        let wants = |is_put| !(if is_put { no_put } else { no_delete });
        let found = loop {
            let (revision, found, is_wanted) = match self.scope {
                Scope::One(key) => match store.version(key, next)? {
                    None => break None,
                    Some(version) => (version.revision, (key, next), wants(version.kv.is_some())),
                },
                scope => match store.change_at(next)? {
                    None => break None,
                    Some(change) => {
                        let is_wanted = wants(change.is_put) && scopes.contains(scope, change.key);
                        (change.revision, (change.key, change.version), is_wanted)
                    }
                },
            };
            if revision > up_to {
                break None;
            }
            if is_wanted {
                break Some(found);
            }
            next += 1;
        };
        self.next = Some(next);
        Ok(found)
    }

    /// Passes over what it does not want, so that this can be dropped.
    pub(super) fn pass_over(&mut self, store: &Store, scopes: &mut Scopes) -> Result<(), Unproven> {
        scopes.learn(self.scope, store);
        if self.first.is_some() {
            self.next_wanted(store, scopes, store.newest())?;
        }
        Ok(())
    }
}

/// A delete carries its key and revision only.
fn is_plain_delete(kv: &KeyValue) -> bool {
    let none = [0, KeyValue::NOT_RECORDED];
    kv.value.is_empty()
        && [kv.create_revision, kv.version, kv.lease].iter().all(|number| none.contains(number))
}
