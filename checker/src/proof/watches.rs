//! The watches that are open, and how far those came that are over.

use super::compactions::Compactions;
use super::scope::Scopes;
use super::store::Store;
use super::tally::Tally;
use super::watch::{OpenWatch, Reached, Said};
use super::{Unproven, require};
use crate::history::{Event, Revision, Watch, WatchFrame};
use crate::ids::Ids;
use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;
use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Of how many watches that are over it is remembered how far they came.
const REMEMBERED_MAX: usize = 1 << 16;

/// All watches.
pub(super) struct Watches<F> {
    open: BTreeMap<u64, OpenWatch<F>>,
    /// Those that wait, by the revision and whether an event says that it was made.
    waiting: BTreeSet<(Revision, bool, u64)>,
    /// Looked up, never walked through.
    over: HashMap<u64, Option<Reached>, FxBuildHasher>,
    over_in_order: VecDeque<u64>,
    ids: Ids,
    scopes: Scopes,
    /// The revisions that watches told of and that are not made yet, each with the first time.
    told: BTreeMap<Revision, u64>,
    frames: usize,
    /// Queues of watches that are over, for those to come.
    spare: Vec<VecDeque<Said<F>>>,
}

/// The state that watches are held against.
pub(super) struct RevisionsSoFar<'w> {
    pub(super) store: &'w mut Store,
    pub(super) compactions: &'w mut Compactions,
    pub(super) tally: &'w mut Tally,
}

impl<F> Default for Watches<F> {
    fn default() -> Self {
        Watches {
            open: BTreeMap::new(),
            waiting: BTreeSet::new(),
            over: HashMap::default(),
            over_in_order: VecDeque::new(),
            ids: Ids::default(),
            scopes: Scopes::default(),
            told: BTreeMap::new(),
            frames: 0,
            spare: Vec::new(),
        }
    }
}

impl<F: Borrow<WatchFrame>> Watches<F> {
    /// A watch is asked for; its frames come later.
    pub(super) fn begin(&mut self, watch: &Watch, store: &mut Store) -> Result<(), Unproven> {
        require(self.ids.add(watch.id), "two watches have one id")?;
        let before = match watch.resumes {
            None => None,
            Some(earlier) => {
                *self.over.get(&earlier).ok_or(Unproven("a watch resumes one that is not over"))?
            }
        };
        require(
            before.is_none_or(|before| before.invoke_ns < watch.invoke_ns),
            "a watch resumes a later one",
        )?;
        let scope = self.scopes.of(&watch.request, store);
        let queue = self.spare.pop().unwrap_or_default();
        self.open.insert(watch.id, OpenWatch::new(watch, scope, before, queue));
        Ok(())
    }

    /// A frame arrived.
    pub(super) fn frame(
        &mut self,
        id: u64,
        frame: F,
        world: &mut RevisionsSoFar<'_>,
    ) -> Result<(), Unproven> {
        let watch = self
            .open
            .get_mut(&id)
            .filter(|watch| !watch.is_over)
            .ok_or(Unproven("a frame is of no watch"))?;
        let shown: &WatchFrame = frame.borrow();
        let events = shown.events.iter().map(|event| event.kv.mod_revision);
        let revision = events.fold(shown.revision, Revision::max);
        match revision <= world.store.newest() {
            true => was_there(world.store, revision, shown.received_ns)?,
            false => {
                let first_ns = self.told.entry(revision).or_insert(shown.received_ns);
                *first_ns = shown.received_ns.min(*first_ns);
            }
        }
        let was_waiting = watch.waits_for().is_some();
        watch.frame(frame, world.tally)?;
        if was_waiting {
            self.frames += 1;
            return require(self.frames < 1 << 20, "too many frames wait for revisions");
        }
        if let Some((revision, is_event)) = watch.go_on(world, &mut self.scopes, &mut self.frames)? {
            self.waiting.insert((revision, is_event, id));
        }
        Ok(())
    }

    /// A watch ended.
    pub(super) fn end(&mut self, id: u64, world: &mut RevisionsSoFar<'_>) -> Result<(), Unproven> {
        let watch =
            self.open.get_mut(&id).filter(|watch| !watch.is_over).ok_or(Unproven("an end is of no watch"))?;
        let reached = watch.end(world.tally, world.compactions)?;
        if watch.waits_for().is_none() {
            self.forget(id);
        }
        self.over.insert(id, reached);
        self.over_in_order.push_back(id);
        if self.over_in_order.len() > REMEMBERED_MAX
            && let Some(oldest) = self.over_in_order.pop_front()
        {
            self.over.remove(&oldest);
        }
        Ok(())
    }

    /// Holds what a watch said against what is made, as far as that goes.
    fn judge(&mut self, id: u64, world: &mut RevisionsSoFar<'_>) -> Result<(), Unproven> {
        let Some(watch) = self.open.get_mut(&id) else { return Ok(()) };
        if let Some((revision, is_event)) = watch.go_on(world, &mut self.scopes, &mut self.frames)? {
            self.waiting.insert((revision, is_event, id));
        } else if watch.is_over {
            self.forget(id);
        }
        Ok(())
    }

    fn forget(&mut self, id: u64) {
        self.spare.extend(self.open.remove(&id).map(|watch| watch.said));
    }

    /// A revision was made.
    pub(super) fn made(
        &mut self,
        revision: Revision,
        world: &mut RevisionsSoFar<'_>,
    ) -> Result<(), Unproven> {
        while let Some(told) = self.told.first_entry().filter(|told| *told.key() <= revision) {
            was_there(world.store, *told.key(), *told.get())?;
            told.remove();
        }
        while let Some((_, _, id)) = self.waiting.pop_first_if(revision) {
            self.judge(id, world)?;
        }
        Ok(())
    }

    /// True if an event says that there is more than is made.
    pub(super) fn needs_more(&self) -> bool {
        self.waiting.iter().any(|(_, is_event, _)| *is_event)
    }

    /// Shows the events of a revision that is not made yet.
    pub(super) fn seen(&self, revision: Revision, see: &mut impl FnMut(&Event)) {
        self.waiting
            .iter()
            .filter_map(|(.., id)| self.open.get(id))
            .for_each(|watch| watch.seen(revision, see));
    }

    /// The number of keys that a revision changed, if a watch says so.
    pub(super) fn count_of(&self, revision: Revision) -> Option<usize> {
        self.waiting
            .iter()
            .filter_map(|(.., id)| self.open.get(id))
            .find_map(|watch| watch.count_of(revision))
    }

    /// Old revisions will be dropped.
    pub(super) fn pass_over(&mut self, store: &Store) -> Result<(), Unproven> {
        self.open.values_mut().try_for_each(|watch| watch.pass_over(store, &mut self.scopes))
    }

    /// Nothing more comes: all that is made is all there is, but for what operations of unknown outcome made and nobody
    /// saw but in headers; they were asked at `unknown_ns`.
    pub(super) fn finish(
        &mut self,
        world: &mut RevisionsSoFar<'_>,
        unknown_ns: &[u64],
    ) -> Result<(), Unproven> {
        let newest = world.store.newest();
        for (revision, at_ns) in &self.told {
            was_there(world.store, newest, *at_ns)?;
            let asked = unknown_ns.iter().filter(|asked_ns| *asked_ns <= at_ns).count();
            require(
                (revision - newest) as u64 <= asked as u64,
                "a watch tells of a revision that nobody made",
            )?;
        }
        let open: Vec<u64> =
            self.open.iter().filter(|(_, watch)| !watch.is_over).map(|(id, _)| *id).collect();
        open.into_iter().try_for_each(|id| self.end(id, world))?;
        for watch in self.open.values_mut() {
            while let Some((revision, is_event)) = watch.waits_for() {
                require(!is_event || revision <= world.store.newest(), "an event is of no revision")?;
                watch.judge_next(world, &mut self.scopes)?;
            }
        }
        Ok(())
    }
}

/// A revision that a watch tells of was asked for by then.
fn was_there(store: &Store, revision: Revision, at_ns: u64) -> Result<(), Unproven> {
    require(
        revision <= 1 || store.asked_by_ns(revision) <= at_ns,
        "a watch tells of what was not asked for yet",
    )
}

trait PopFirstIf {
    fn pop_first_if(&mut self, revision: Revision) -> Option<(Revision, bool, u64)>;
}

impl PopFirstIf for BTreeSet<(Revision, bool, u64)> {
    /// The first, if it waits for nothing after a revision.
    fn pop_first_if(&mut self, revision: Revision) -> Option<(Revision, bool, u64)> {
        if self.first()?.0 <= revision { self.pop_first() } else { None }
    }
}
