//! The search itself: depth first, one answered call further at each level.

use super::asked::Asked;
use super::bits;
use super::call::Call;
use super::candidates::Candidate;
use super::decision::{Illegal, Why};
use super::fingerprint;
use super::level::{Level, Next, Placed, Point, Room};
use super::member::Member;
use super::memo::{HeapBytes, Memo, PlacedSet, Used};
use super::outlook::{MayLead, Outlook};
use super::timeline::{IsRead, Timeline};
use super::words::Words;
use stateright::semantics::SequentialSpec;
use std::hash::Hash;

/// The steps between two calls of [`Turn::stop`].
const STEPS_BETWEEN_STOPS: u64 = 1 << 10;

/// The steps between two measurements of the memory held.
const STEPS_BETWEEN_WEIGHINGS: u64 = 1 << 4;

/// The hints of a model, so that less must be tried.
pub(super) struct Hints<S: SequentialSpec> {
    pub is_read: IsRead<S>,
    pub may_lead: Option<MayLead<S>>,
    pub heap_bytes: HeapBytes<S>,
}

impl<S: SequentialSpec> Clone for Hints<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S: SequentialSpec> Copy for Hints<S> {}

/// The limits of a search until another one has its turn.
pub(super) struct Turn<'t> {
    /// The most steps.
    pub steps: u64,
    /// The most bytes held.
    pub bytes: u64,
    /// True if to stop now.
    pub stop: &'t dyn Fn() -> bool,
}

/// The end of a turn.
pub(super) enum End {
    /// There is an order: this one.
    Order(Vec<usize>),
    /// There is none.
    Illegal(Illegal),
    /// The turn's steps were made.
    Steps,
    /// The search holds as much as it may.
    Memory,
    /// It was told to stop.
    Stopped,
}

/// A search that can be interrupted and taken up again.
pub(super) struct Walk<'a, S: SequentialSpec> {
    calls: &'a [Call<S::Op, S::Ret>],
    init: S,
    time: Timeline,
    hints: Hints<S>,
    /// The calls placed on the way to the deepest level.
    path: Vec<Placed>,
    /// The ranks in `path`.
    placed: Vec<u64>,
    /// The fingerprint of `placed`.
    print: u128,
    levels: Vec<Level<S>>,
    /// The memory of levels that were left.
    spare: Vec<Room<S>>,
    /// The bytes that `levels` holds.
    levels_bytes: u64,
    memo: Memo<S>,
    /// The longest dead end: how many answered calls it places, in which order, and what could not follow.
    longest: (u32, Vec<usize>, usize),
    /// The highest rank that had to come next, or whose answer closed a way.
    looked_at: u32,
    steps: u64,
    asked: Asked<S::Ret>,
}

impl<'a, S> Walk<'a, S>
where
    S: SequentialSpec + Clone + PartialEq + Hash,
    S::Op: PartialEq + Hash,
{
    /// A search for an order of the members among `calls`.
    pub fn new(
        init: S,
        calls: &'a [Call<S::Op, S::Ret>],
        members: &[Member],
        hints: Hints<S>,
        is_compact: bool,
    ) -> Result<Self, Why> {
        let time = Timeline::new::<S>(calls, members, hints.is_read)?;
        let ranks = time.len() as usize;
        let mut walk = Walk {
            calls,
            init,
            placed: vec![0; bits::words(ranks)],
            print: 0,
            memo: Memo::new(ranks, time.slots, is_compact, hints.heap_bytes),
            time,
            hints,
            path: Vec::new(),
            levels: Vec::new(),
            spare: Vec::new(),
            levels_bytes: 0,
            longest: (0, Vec::new(), 0),
            looked_at: 0,
            steps: 0,
            asked: Asked::none(),
        };
        walk.begin();
        Ok(walk)
    }

    /// Asks the call at this position wherever it may come next, and never places it. The search ends with so many
    /// different [answers](Walk::answers), or where there are no more.
    pub fn asking(mut self, at: usize, at_most: usize) -> Self {
        let rank = self.time.answered.iter().position(|answered| *answered as usize == at);
        self.asked = rank.map_or_else(Asked::none, |rank| Asked::of(rank as u32, at_most));
        self
    }

    /// The possible answers of the call that was asked.
    pub fn answers(self) -> Vec<Candidate<S::Ret>> {
        self.asked.answers
    }

    /// Enters the first level.
    fn begin(&mut self) {
        let used = Used::empty(self.time.optional.len());
        let stuck = self.time.answered.first().map_or(0, |at| *at as usize);
        self.longest = (0, Vec::new(), stuck);
        self.looked_at = 0;
        let is_empty = self.time.len() == 0;
        let mut room = Room::default();
        room.open.extend_from_slice(if is_empty { &[] } else { self.time.opened(None, 0) });
        room.open.sort_unstable();
        let optional = if is_empty { 0 } else { self.time.optional_before(0) };
        self.enter(Level::new((0, 0), room, None, 0, Point::first(self.init.clone(), None, used), optional));
    }

    /// Begins once more, and takes nothing for equal that is not.
    pub(crate) fn begin_exactly(&mut self) {
        self.memo = Memo::new(self.time.len() as usize, self.time.slots, false, self.hints.heap_bytes);
        self.undo(0);
        (self.levels, self.levels_bytes) = (Vec::new(), 0);
        self.begin();
    }

    /// True if an illegal verdict is certain.
    pub(crate) fn is_exact(&self) -> bool {
        !self.memo.is_compact()
    }

    /// The number of steps made.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The bytes held.
    pub fn bytes(&self) -> u64 {
        self.levels_bytes + self.memo.bytes()
    }

    /// The most answered calls that were in order, and how many there are.
    pub fn reached(&self) -> (usize, usize) {
        let now = self.levels.last().map_or(0, |level| level.count);
        (self.longest.0.max(now) as usize, self.time.len() as usize)
    }

    /// Goes on until there is a decision, or the turn ends.
    pub fn advance(&mut self, turn: &Turn<'_>) -> End {
        let end = self.steps.saturating_add(turn.steps);
        let (mut ask, mut weigh) = (self.steps, self.steps);
        while let Some(level) = self.levels.last() {
            if level.count == self.time.len() {
                return End::Order(order(&self.time, self.path.iter().copied()));
            }
            if self.steps >= end {
                return End::Steps;
            }
            if self.asked.is_enough() {
                return End::Stopped;
            }
            if self.steps >= weigh {
                if self.bytes() > turn.bytes {
                    return End::Memory;
                }
                weigh = self.steps + STEPS_BETWEEN_WEIGHINGS;
            }
            if self.steps >= ask {
                if (turn.stop)() {
                    return End::Stopped;
                }
                ask = self.steps + STEPS_BETWEEN_STOPS;
            }
            match level.next {
                Next::Reads => {
                    self.ask();
                    self.place_reads();
                }
                Next::Answered(from) => self.place_one(from),
                Next::Point => self.place_optional(),
            }
        }
        End::Illegal(self.refutation())
    }

    fn refutation(&self) -> Illegal {
        let (_, prefix, stuck) = self.longest.clone();
        let last = self.time.answered.get(self.looked_at as usize);
        let until = last.and_then(|at| self.calls[*at as usize].returned()).unwrap_or(u64::MAX);
        Illegal { prefix, stuck, until, steps: self.steps }
    }

    /// Asks the call that is to be asked, if it may come next.
    fn ask(&mut self) {
        let (Some(rank), Some(level)) = (self.asked.rank, self.levels.last()) else { return };
        if level.open.contains(&rank) {
            let mut state = level.points[level.at].state.clone();
            let answer = state.invoke(&self.calls[self.time.answered[rank as usize] as usize].op);
            let moves = || self.path.iter().copied().chain(level.optional_moves());
            self.asked.hear(answer, || order(&self.time, moves()));
        }
    }

    /// Places every open read that fits the state. A read that fits can go first in any order that there
    /// is, so nothing else needs to be tried.
    fn place_reads(&mut self) {
        let Some(level) = self.levels.last_mut() else { return };
        let state = &level.points[level.at].state;
        let mut fitting = Vec::new();
        let is_read = |rank: &&u32| self.time.is_read[**rank as usize] && !self.asked.is(**rank);
        for &rank in level.open.iter().filter(is_read) {
            self.steps += 1;
            if answers(&mut state.clone(), self.calls, self.time.answered[rank as usize]) {
                fitting.push(rank);
            }
        }
        if fitting.is_empty() {
            level.next = Next::Answered(0);
        } else {
            let state = state.clone();
            level.points[level.at].is_closed = true;
            level.next = Next::Point;
            self.descend(&fitting, state);
        }
    }

    /// Places the first call of `open`, from position `from` on, that the state would answer so.
    fn place_one(&mut self, from: usize) {
        let Some(level) = self.levels.last_mut() else { return };
        let point = &level.points[level.at];
        for position in from..level.open.len() {
            let rank = level.open[position];
            if self.time.is_read[rank as usize]
                || self.asked.is(rank)
                || is_repeated(&self.time, self.calls, &level.open, position)
            {
                continue;
            }
            self.steps += 1;
            let mut state = point.state.clone();
            let fits = answers(&mut state, self.calls, self.time.answered[rank as usize]);
            let placed = |other: u32| other == rank || bits::holds(&self.placed, other);
            let outlook = Outlook {
                may_lead: self.hints.may_lead,
                time: &self.time,
                calls: self.calls,
                asked: self.asked.rank,
            };
            if !fits {
                continue;
            }
            if let Some(read) = outlook.closed_by(&state, &point.used, level.low, &level.open, placed) {
                self.looked_at = self.looked_at.max(read);
                continue;
            }
            level.next = Next::Answered(position + 1);
            self.descend(&[rank], state);
            return;
        }
        if level.at == 0 {
            // The first point was not noted when the level was entered; the others are when they are made.
            let Level { low, open, slots, .. } = level;
            let slots = slots.get_or_insert_with(|| memo_slots(&self.memo, &self.time, open));
            let place = PlacedSet { low: *low, open: slots, placed: self.print };
            let key = point.key.unwrap_or_else(|| self.memo.key(&point.state));
            self.memo.insert(place, &point.state, key, &point.used);
        }
        level.next = Next::Point;
    }

    /// Goes on from one more state that optional calls make, or leaves the level.
    fn place_optional(&mut self) {
        let Some(level) = self.levels.last_mut() else { return };
        while let Some(from) = level.points.get(level.source.0) {
            if level.source.1 == 0 || from.is_closed {
                level.source = (level.source.0 + 1, self.time.optional_before(level.low));
                continue;
            }
            level.source.1 -= 1;
            let number = level.source.1;
            let twin = self.time.twin[number as usize];
            if twin.is_some_and(|twin| !bits::holds(&from.used, twin)) || bits::holds(&from.used, number) {
                continue;
            }
            self.steps += 1;
            let mut state = from.state.clone();
            state.invoke(&self.calls[self.time.optional[number as usize] as usize].op);
            // A call that changes nothing need not have taken effect. One at a time, so that the budget is asked in
            // between.
            if state == from.state {
                return;
            }
            let used = from.used.with(number);
            let placed = |other: u32| bits::holds(&self.placed, other);
            let outlook = Outlook {
                may_lead: self.hints.may_lead,
                time: &self.time,
                calls: self.calls,
                asked: self.asked.rank,
            };
            if let Some(read) = outlook.closed_by(&state, &used, level.low, &level.open, placed) {
                self.looked_at = self.looked_at.max(read);
                return;
            }
            let Level { low, open, slots, .. } = level;
            let slots = slots.get_or_insert_with(|| memo_slots(&self.memo, &self.time, open));
            let place = PlacedSet { low: *low, open: slots, placed: self.print };
            let key = self.memo.key(&state);
            if self.memo.insert(place, &state, key, &used) {
                let from = Some((level.source.0, number));
                (level.at, level.next) = (level.points.len(), Next::Reads);
                let point = Point { state, key: Some(key), used, from, is_closed: false };
                self.levels_bytes += point.bytes(self.hints.heap_bytes);
                level.points.push(point);
            }
            return;
        }
        self.leave();
    }

    /// Leaves the level: nothing that it can go on to leads to an order.
    fn leave(&mut self) {
        let Some(level) = self.levels.pop() else { return };
        self.levels_bytes -= level.bytes(self.hints.heap_bytes);
        if level.count > self.longest.0 {
            let stuck = self.time.answered[level.low as usize] as usize;
            self.longest = (level.count, order(&self.time, self.path.iter().copied()), stuck);
        }
        self.undo(level.path_len);
        self.spare.push(Room::of(level));
    }

    /// Places `ranks` after the current point, which leads to `state`, unless that is known to fail.
    fn descend(&mut self, ranks: &[u32], state: S) {
        let Some(level) = self.levels.last() else { return };
        let path_len = self.path.len();
        self.path.extend(level.optional_moves());
        for &rank in ranks {
            self.path.push(Placed::Answered(rank));
            bits::insert(&mut self.placed, rank);
            self.print ^= fingerprint::of_rank(rank);
        }
        let mut low = level.low;
        while low < self.time.len() && bits::holds(&self.placed, low) {
            low += 1;
        }
        let mut room = self.spare.pop().unwrap_or_default();
        let open = &mut room.open;
        open.extend(level.open.iter().filter(|rank| !ranks.contains(rank)));
        let used = level.points[level.at].used.clone();
        let count = level.count + ranks.len() as u32;
        let (mut key, mut slots) = (None, None);
        if low < self.time.len() {
            if low != level.low {
                open.extend_from_slice(self.time.opened(Some(level.low), low));
                open.sort_unstable();
            }
            if self.memo.any(low) {
                let slots = slots.insert(memo_slots(&self.memo, &self.time, open));
                let place = PlacedSet { low, open: slots, placed: self.print };
                let known = self.memo.key(&state);
                if self.memo.holds(place, &state, known, &used) {
                    open.clear();
                    self.spare.push(room);
                    self.undo(path_len);
                    return;
                }
                key = Some(known);
            }
        }
        let optional = if low < self.time.len() { self.time.optional_before(low) } else { 0 };
        self.enter(Level::new((low, count), room, slots, path_len, Point::first(state, key, used), optional));
    }

    fn enter(&mut self, level: Level<S>) {
        if level.low < self.time.len() {
            self.looked_at = self.looked_at.max(level.low);
        }
        self.levels_bytes += level.bytes(self.hints.heap_bytes);
        self.levels.push(level);
    }

    fn undo(&mut self, path_len: usize) {
        for placed in self.path.drain(path_len..) {
            if let Placed::Answered(rank) = placed {
                bits::remove(&mut self.placed, rank);
                self.print ^= fingerprint::of_rank(rank);
            }
        }
    }
}

/// A path as positions in the history.
fn order(time: &Timeline, path: impl Iterator<Item = Placed>) -> Vec<usize> {
    let position = |placed| match placed {
        Placed::Answered(rank) => time.answered[rank as usize] as usize,
        Placed::Optional(number) => time.optional[number as usize] as usize,
    };
    path.map(position).collect()
}

/// True if `state` answers the call as it was answered; if so, it becomes the state after it.
fn answers<S: SequentialSpec>(state: &mut S, calls: &[Call<S::Op, S::Ret>], at: u32) -> bool {
    let call = &calls[at as usize];
    call.ret.as_ref().is_some_and(|(_, ret)| state.is_valid_step(&call.op, ret))
}

/// True if a more urgent open call has the same operation and answer. Then that one may as well come first:
/// two calls that cannot be told apart can change places.
fn is_repeated<Op, Ret: PartialEq>(
    time: &Timeline,
    calls: &[Call<Op, Ret>],
    open: &[u32],
    position: usize,
) -> bool {
    let answer = |rank: u32| calls[time.answered[rank as usize] as usize].ret.as_ref().map(|(_, ret)| ret);
    let rank = open[position];
    open[..position]
        .iter()
        .any(|&other| time.kind[other as usize] == time.kind[rank as usize] && answer(other) == answer(rank))
}

/// The slots of open calls, as a set; nothing if the memo does not look at it.
fn memo_slots<S: PartialEq + Hash>(memo: &Memo<S>, time: &Timeline, open: &[u32]) -> Words {
    if memo.is_compact() {
        return Words::empty(0);
    }
    let slots = || open.iter().map(|rank| time.slot[*rank as usize]);
    if time.slots <= u64::BITS as usize {
        return Words::One(slots().fold(0, |set, slot| set | 1 << slot));
    }
    let mut set = vec![0; bits::words(time.slots)];
    slots().for_each(|slot| bits::insert(&mut set, slot));
    Words::of(&set)
}
