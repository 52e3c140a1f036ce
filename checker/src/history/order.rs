//! The parts of a history in the order in which they were over.

use super::{AdminCall, History, Hold, Observation, Observer, Operation, Watch, WatchFrame};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A part of a history. A watch comes in pieces.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part<'h> {
    Operation(&'h Operation),
    /// It was asked for; its frames and its end come later.
    Watch(&'h Watch),
    Frame(&'h Watch, &'h WatchFrame),
    /// Its end, or that of the recording.
    WatchEnd(&'h Watch),
    Hold(&'h Hold),
    Observer(&'h Observer),
    Admin(&'h AdminCall),
    Observation(&'h Observation),
}

impl History {
    /// Tells the parts one after the other, each when it was over.
    pub(crate) fn in_order<'h, E>(
        &'h self,
        mut tell: impl FnMut(Part<'h>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut observations = self.observations.iter().peekable();
        let mut watches = Watches::new(self);
        let mut beliefs = beliefs(self).into_iter().peekable();
        let mut order: Vec<u32> = (0..self.operations.len() as u32).collect();
        let over = |at: u32| {
            let operation = &self.operations[at as usize];
            (operation.return_ns.unwrap_or(u64::MAX), operation.invoke_ns)
        };
        order.sort_by_key(|at| over(*at));
        for at in order {
            let (now_ns, _) = over(at);
            while let Some(observation) = observations.next_if(|observation| observation.at_ns() <= now_ns) {
                tell(Part::Observation(observation))?;
            }
            watches.until(now_ns, &mut tell)?;
            while let Some((_, belief)) = beliefs.next_if(|(at_ns, _)| *at_ns <= now_ns) {
                tell(belief)?;
            }
            tell(Part::Operation(&self.operations[at as usize]))?;
        }
        watches.until(u64::MAX, &mut tell)?;
        beliefs.try_for_each(|(_, belief)| tell(belief))?;
        observations.try_for_each(|observation| tell(Part::Observation(observation)))
    }
}

/// The holds, observers and calls beside operations of a history, each with the time of its end.
fn beliefs(history: &History) -> Vec<(u64, Part<'_>)> {
    let holds = history.holds.iter().map(|hold| (hold.until_ns.unwrap_or(u64::MAX), Part::Hold(hold)));
    let observers = history.observers.iter();
    let observers = observers.map(|shown| (shown.end_ns.unwrap_or(u64::MAX), Part::Observer(shown)));
    let calls = history.admin_calls.iter();
    let calls = calls.map(|call| (call.return_ns.unwrap_or(u64::MAX), Part::Admin(call)));
    let mut beliefs: Vec<_> = holds.chain(observers).chain(calls).collect();
    beliefs.sort_by_key(|(at_ns, _)| *at_ns);
    beliefs
}

/// The next part of a watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Next {
    at_ns: u64,
    watch: usize,
    /// Behind the last frame is the end.
    frame: usize,
}

struct Watches<'h> {
    history: &'h History,
    /// Those that have not begun, the first one last.
    later: Vec<usize>,
    open: BinaryHeap<Reverse<Next>>,
}

impl<'h> Watches<'h> {
    fn new(history: &'h History) -> Self {
        let mut later: Vec<usize> = (0..history.watches.len()).collect();
        later.sort_by_key(|at| Reverse((history.watches[*at].invoke_ns, *at)));
        Watches { history, later, open: BinaryHeap::new() }
    }

    /// Tells everything up to a moment: what ends at a moment before what begins there.
    fn until<E>(&mut self, now_ns: u64, tell: &mut impl FnMut(Part<'h>) -> Result<(), E>) -> Result<(), E> {
        loop {
            let begin_ns = self.later.last().map(|at| self.history.watches[*at].invoke_ns);
            let next_ns = self.open.peek().map(|next| next.0.at_ns);
            match (begin_ns, next_ns) {
                (_, Some(next_ns)) if next_ns <= now_ns.min(begin_ns.unwrap_or(u64::MAX)) => {
                    let Some(Reverse(next)) = self.open.pop() else { return Ok(()) };
                    let watch = &self.history.watches[next.watch];
                    match watch.frames.get(next.frame) {
                        Some(frame) => tell(Part::Frame(watch, frame))?,
                        None => {
                            tell(Part::WatchEnd(watch))?;
                            continue;
                        }
                    }
                    self.push(next.watch, next.frame + 1);
                }
                (Some(begin_ns), _) if begin_ns <= now_ns => {
                    let Some(at) = self.later.pop() else { return Ok(()) };
                    tell(Part::Watch(&self.history.watches[at]))?;
                    self.push(at, 0);
                }
                _ => return Ok(()),
            }
        }
    }

    fn push(&mut self, watch: usize, frame: usize) {
        let of = &self.history.watches[watch];
        let at_ns = match of.frames.get(frame) {
            Some(frame) => frame.received_ns,
            None => of.end_ns.unwrap_or(u64::MAX),
        };
        self.open.push(Reverse(Next { at_ns, watch, frame }));
    }
}
