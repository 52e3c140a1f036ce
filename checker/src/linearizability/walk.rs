//! The search itself: depth first, one answered call further at each level.

use super::bits;
use super::budget::Budget;
use super::call::Call;
use super::decision::{Decision, Illegal, Why};
use super::memo::{Memo, Place, Used};
use super::outlook::MayLead;
use super::timeline::{IsRead, Timeline};
use stateright::semantics::SequentialSpec;
use std::hash::Hash;

/// How many steps pass between two questions to [`Budget::stop`].
const STEPS_BETWEEN_STOPS: u64 = 1 << 10;

/// A search that can be interrupted and taken up again.
pub(super) struct Walk<'a, S: SequentialSpec> {
    calls: &'a [Call<S::Op, S::Ret>],
    time: Timeline,
    may_lead: Option<MayLead<S>>,
    /// What is placed on the way to the deepest level.
    path: Vec<Placed>,
    /// The ranks in `path`.
    placed: Vec<u64>,
    levels: Vec<Level<S>>,
    memo: Memo<S>,
    /// The longest dead end: how many answered calls it places, and what could not follow.
    longest: (u32, Illegal),
    steps: u64,
}

/// An element of an order.
#[derive(Clone, Copy)]
enum Placed {
    /// The answered call of this rank.
    Answered(u32),
    /// The optional call of this number.
    Optional(u32),
}

/// A set of placed calls, and the states to go on from.
struct Level<S> {
    /// The lowest rank that is not placed.
    low: u32,
    /// How many answered calls are placed.
    count: u32,
    /// The ranks that may come next, ascending: the most urgent first.
    open: Vec<u32>,
    /// The length of the path before this level's own moves.
    path_len: usize,
    /// The state this level was entered with, then those that optional calls make of it, fewest first.
    points: Vec<Point<S>>,
    /// The point to go on from.
    at: usize,
    /// What to try next there.
    next: Next,
    /// The point that the next new point is made of, and the number of optional calls still to be tried on
    /// it: the latest first, as what was asked just now is the likelier to have just happened.
    source: (usize, u32),
}

impl<S> Level<S> {
    /// A level of which nothing was tried.
    fn new(
        low: u32,
        count: u32,
        open: Vec<u32>,
        path_len: usize,
        state: S,
        used: Used,
        optional: u32,
    ) -> Self {
        let points = vec![Point { state, used, from: None, is_closed: false }];
        Level { low, count, open, path_len, points, at: 0, next: Next::Reads, source: (0, optional) }
    }
}

/// A state to go on from.
struct Point<S> {
    state: S,
    used: Used,
    /// The point and the optional call it was made of; `None` for the first.
    from: Option<(usize, u32)>,
    /// A read fitted here and led nowhere. It could go first in any order, so nothing else leads anywhere.
    is_closed: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Next {
    /// Every read that fits, at once.
    Reads,
    /// The calls of `open` from this position on, one after the other.
    Answered(usize),
    /// One more point, made by an optional call.
    Point,
}

impl<'a, S> Walk<'a, S>
where
    S: SequentialSpec + Clone + PartialEq + Hash,
    S::Op: PartialEq + Hash,
{
    /// A search for an order of the calls at the positions `members`.
    pub fn new(
        init: S,
        calls: &'a [Call<S::Op, S::Ret>],
        members: &[u32],
        is_read: IsRead<S>,
        may_lead: Option<MayLead<S>>,
        is_compact: bool,
    ) -> Result<Self, Why> {
        let time = Timeline::new::<S>(calls, members, is_read)?;
        let ranks = time.len();
        let used: Used = vec![0; bits::words(time.optional.len())].into();
        let mut open = if ranks == 0 { Vec::new() } else { time.opened(None, 0).to_vec() };
        open.sort_unstable();
        let nothing =
            Illegal { prefix: Vec::new(), stuck: time.answered.first().map_or(0, |at| *at as usize) };
        let optional = if ranks == 0 { 0 } else { time.optional_before(0) };
        let level = Level::new(0, 0, open, 0, init, used, optional);
        Ok(Walk {
            calls,
            placed: vec![0; bits::words(ranks as usize)],
            memo: Memo::new(ranks as usize, time.slots, is_compact),
            time,
            may_lead,
            path: Vec::new(),
            levels: vec![level],
            longest: (0, nothing),
            steps: 0,
        })
    }

    /// How many steps were made.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Goes on until there is a decision or `steps` more steps were made (then `None`).
    pub fn advance(&mut self, steps: u64, budget: &Budget<'_>) -> Option<Decision> {
        let end = self.steps.saturating_add(steps);
        let mut ask = self.steps;
        while let Some(level) = self.levels.last() {
            if level.count == self.time.len() {
                return Some(Decision::Linearizable { order: self.order(&self.path) });
            }
            if self.steps >= end {
                return None;
            }
            if self.steps >= ask {
                if budget.stop.is_some_and(|stop| stop()) {
                    return Some(Decision::Unknown { why: Why::Stopped { steps: self.steps } });
                }
                ask = self.steps + STEPS_BETWEEN_STOPS;
            }
            match level.next {
                Next::Reads => self.place_reads(),
                Next::Answered(from) => self.place_one(from),
                Next::Point => self.place_optional(),
            }
        }
        Some(Decision::Illegal(self.longest.1.clone()))
    }

    /// Places every open read that fits the state. A read that fits can go first in any order that there
    /// is, so nothing else needs to be tried.
    fn place_reads(&mut self) {
        let Some(level) = self.levels.last_mut() else { return };
        let state = &level.points[level.at].state;
        let mut fitting = Vec::new();
        for &rank in level.open.iter().filter(|rank| self.time.is_read[**rank as usize]) {
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
            if self.time.is_read[rank as usize] || is_repeated(&self.time, self.calls, &level.open, position)
            {
                continue;
            }
            self.steps += 1;
            let mut state = point.state.clone();
            let fits = answers(&mut state, self.calls, self.time.answered[rank as usize]);
            let placed = |other: u32| other == rank || bits::holds(&self.placed, other);
            let outlook = Outlook { may_lead: self.may_lead, time: &self.time, calls: self.calls };
            if fits && outlook.is_open(&state, &point.used, level.low, &level.open, placed) {
                level.next = Next::Answered(position + 1);
                self.descend(&[rank], state);
                return;
            }
        }
        if level.at == 0 {
            // The first point was not noted when the level was entered; the others are when they are made.
            let open = open_slots(&self.time, &level.open);
            self.memo.insert(Place { low: level.low, open: &open }, &point.state, &point.used);
        }
        level.next = Next::Point;
    }

    /// Goes on from one more state that optional calls make, or leaves the level.
    fn place_optional(&mut self) {
        let Some(level) = self.levels.last_mut() else { return };
        let open = open_slots(&self.time, &level.open);
        let place = Place { low: level.low, open: &open };
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
            let mut used = from.used.to_vec();
            bits::insert(&mut used, number);
            let used = Used::from(used);
            let placed = |other: u32| bits::holds(&self.placed, other);
            let outlook = Outlook { may_lead: self.may_lead, time: &self.time, calls: self.calls };
            // A call that changes nothing need not have taken effect.
            if state != from.state
                && outlook.is_open(&state, &used, level.low, &level.open, placed)
                && self.memo.insert(place, &state, &used)
            {
                let from = Some((level.source.0, number));
                (level.at, level.next) = (level.points.len(), Next::Reads);
                level.points.push(Point { state, used, from, is_closed: false });
            }
            // One at a time, so that the budget is asked in between.
            return;
        }
        self.leave();
    }

    /// Leaves the level: nothing that it can go on to leads to an order.
    fn leave(&mut self) {
        let Some(level) = self.levels.pop() else { return };
        if level.count > self.longest.0 {
            let stuck = self.time.answered[level.low as usize] as usize;
            self.longest = (level.count, Illegal { prefix: self.order(&self.path), stuck });
        }
        self.undo(level.path_len);
    }

    /// Places `ranks` after the current point, which leads to `state`, unless that is known to fail.
    fn descend(&mut self, ranks: &[u32], state: S) {
        let Some(level) = self.levels.last() else { return };
        let path_len = self.path.len();
        self.path.extend(optional_moves(level, level.at));
        for &rank in ranks {
            self.path.push(Placed::Answered(rank));
            bits::insert(&mut self.placed, rank);
        }
        let mut low = level.low;
        while low < self.time.len() && bits::holds(&self.placed, low) {
            low += 1;
        }
        let mut open: Vec<u32> = level.open.iter().filter(|rank| !ranks.contains(rank)).copied().collect();
        let used = level.points[level.at].used.clone();
        let count = level.count + ranks.len() as u32;
        if low < self.time.len() {
            if low != level.low {
                open.extend_from_slice(self.time.opened(Some(level.low), low));
                open.sort_unstable();
            }
            if self.memo.any(low) {
                let slots = open_slots(&self.time, &open);
                if self.memo.holds(Place { low, open: &slots }, &state, &used) {
                    self.undo(path_len);
                    return;
                }
            }
        }
        let optional = if low < self.time.len() { self.time.optional_before(low) } else { 0 };
        self.levels.push(Level::new(low, count, open, path_len, state, used, optional));
    }

    fn undo(&mut self, path_len: usize) {
        for placed in self.path.drain(path_len..) {
            if let Placed::Answered(rank) = placed {
                bits::remove(&mut self.placed, rank);
            }
        }
    }

    /// A path as positions in the history.
    fn order(&self, path: &[Placed]) -> Vec<usize> {
        let position = |placed: &Placed| match *placed {
            Placed::Answered(rank) => self.time.answered[rank as usize] as usize,
            Placed::Optional(number) => self.time.optional[number as usize] as usize,
        };
        path.iter().map(position).collect()
    }
}

/// What is needed to look ahead.
struct Outlook<'w, 'a, S: SequentialSpec> {
    may_lead: Option<MayLead<S>>,
    time: &'w Timeline,
    calls: &'a [Call<S::Op, S::Ret>],
}

impl<S: SequentialSpec> Outlook<'_, '_, S> {
    /// Whether a state may lead to the answer of the read that returns first. Before that read can only come
    /// what is invoked before it returns.
    fn is_open(
        &self,
        state: &S,
        used: &[u64],
        low: u32,
        open: &[u32],
        placed: impl Fn(u32) -> bool + Copy,
    ) -> bool {
        let Some(may_lead) = self.may_lead else { return true };
        let Some(read) = self.time.first_read(low, placed) else { return true };
        let call = |at: u32| &self.calls[at as usize];
        let Call { op, ret: Some((_, ret)), .. } = call(self.time.answered[read as usize]) else {
            return true;
        };
        let later = self.time.opened(Some(low), read);
        let answered = open.iter().chain(later).copied().filter(|rank| !placed(*rank));
        let writes = answered.filter(|rank| !self.time.is_read[*rank as usize]);
        let optional = 0..self.time.optional_before(read);
        let optional = optional.filter(|number| !bits::holds(used, *number));
        let mut writes = writes
            .map(|rank| &call(self.time.answered[rank as usize]).op)
            .chain(optional.map(|number| &call(self.time.optional[number as usize]).op));
        may_lead(state, op, ret, &mut writes)
    }
}

/// Whether `state` answers the call as it was answered; if so, it becomes the state after it.
fn answers<S: SequentialSpec>(state: &mut S, calls: &[Call<S::Op, S::Ret>], at: u32) -> bool {
    let call = &calls[at as usize];
    call.ret.as_ref().is_some_and(|(_, ret)| state.is_valid_step(&call.op, ret))
}

/// Whether a more urgent open call has the same operation and answer. Then that one may as well come first:
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

/// The slots of open calls, as a set.
fn open_slots(time: &Timeline, open: &[u32]) -> Vec<u64> {
    let mut slots = vec![0; bits::words(time.slots)];
    for &rank in open {
        bits::insert(&mut slots, time.slot[rank as usize]);
    }
    slots
}

/// The optional calls that lead from a level's first point to the point `at`, in order.
fn optional_moves<S>(level: &Level<S>, at: usize) -> Vec<Placed> {
    let mut moves = Vec::new();
    let mut at = at;
    while let Some((from, number)) = level.points[at].from {
        moves.push(Placed::Optional(number));
        at = from;
    }
    moves.reverse();
    moves
}
