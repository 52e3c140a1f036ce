//! A configuration of the search: a set of placed calls, and the states that they can have led to.

use super::memo::{HeapBytes, Used};
use super::words::Words;

/// An element of an order.
#[derive(Clone, Copy)]
pub(super) enum Placed {
    /// The answered call of this rank.
    Answered(u32),
    /// The optional call of this number.
    Optional(u32),
}

/// A set of placed calls, and the states to go on from.
pub(super) struct Level<S> {
    /// The lowest rank that is not placed.
    pub low: u32,
    /// The number of answered calls placed.
    pub count: u32,
    /// The ranks that may come next, ascending: the most urgent first.
    pub open: Vec<u32>,
    /// The memo's key of `open`, once that was needed.
    pub slots: Option<Words>,
    /// The length of the path before this level's own moves.
    pub path_len: usize,
    /// The state this level was entered with, then those that optional calls make of it, fewest first.
    pub points: Vec<Point<S>>,
    /// The point to go on from.
    pub at: usize,
    /// The next call to try there.
    pub next: Next,
    /// The point that the next new point is made of, and the number of optional calls still to be tried on
    /// it: the latest first, as what was asked just now is the likelier to have just happened.
    pub source: (usize, u32),
}

impl<S> Level<S> {
    /// A level of which nothing was tried, in the room of one that was left.
    pub fn new(
        (low, count): (u32, u32),
        Room { open, mut points }: Room<S>,
        slots: Option<Words>,
        path_len: usize,
        first: Point<S>,
        optional: u32,
    ) -> Self {
        let (next, source) = (Next::Reads, (0, optional));
        points.push(first);
        Level { low, count, open, slots, path_len, points, at: 0, next, source }
    }

    /// The bytes held.
    pub fn bytes(&self, of_state: HeapBytes<S>) -> u64 {
        let points: u64 = self.points.iter().map(|point| point.bytes(of_state)).sum();
        (size_of::<Self>() + size_of_val(&*self.open)) as u64 + points
    }

    /// The optional calls that lead from the first point to the one to go on from, in order.
    pub(crate) fn optional_moves(&self) -> Vec<Placed> {
        let mut moves = Vec::new();
        let mut at = self.at;
        while let Some((from, number)) = self.points[at].from {
            moves.push(Placed::Optional(number));
            at = from;
        }
        moves.reverse();
        moves
    }
}

/// The memory of a level, to be used again: levels come and go with every step.
pub(super) struct Room<S> {
    pub open: Vec<u32>,
    points: Vec<Point<S>>,
}

impl<S> Default for Room<S> {
    fn default() -> Self {
        Room { open: Vec::new(), points: Vec::new() }
    }
}

impl<S> Room<S> {
    /// The room of a level that was left. Much memory is given back instead.
    pub fn of(level: Level<S>) -> Self {
        const POINTS_AT_MOST: usize = 16;
        let Level { mut open, mut points, .. } = level;
        open.clear();
        points.clear();
        points.shrink_to(POINTS_AT_MOST);
        Room { open, points }
    }
}

/// A state to go on from.
pub(super) struct Point<S> {
    pub state: S,
    /// The memo's key of the state, once that was needed.
    pub key: Option<u128>,
    pub used: Used,
    /// The point and the optional call it was made of; `None` for the first.
    pub from: Option<(usize, u32)>,
    /// A read fitted here and led nowhere. It could go first in any order, so nothing else leads anywhere.
    pub is_closed: bool,
}

impl<S> Point<S> {
    /// A point that a level is entered with.
    pub fn first(state: S, key: Option<u128>, used: Used) -> Self {
        Point { state, key, used, from: None, is_closed: false }
    }

    /// The bytes held.
    pub fn bytes(&self, of_state: HeapBytes<S>) -> u64 {
        (size_of::<Self>() + self.used.heap_bytes() + of_state(&self.state)) as u64
    }
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Next {
    /// Every read that fits, at once.
    Reads,
    /// The calls of `open` from this position on, one after the other.
    Answered(usize),
    /// One more point, made by an optional call.
    Point,
}
