//! A history in memory, in the order in which its parts were over.

use super::{Doubt, Judge};
use crate::history::{History, Operation, WatchFrame};
use crate::verdict::Verdicts;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Judges a history; or says what stands in the way of a proof that it is sound.
pub fn judge(history: &History) -> Result<Verdicts, Doubt> {
    let mut judge: Judge<&Operation, &WatchFrame> = Judge::default();
    let mut observations = history.observations.iter().peekable();
    let mut watches = Watches::new(history);
    let mut order: Vec<u32> = (0..history.operations.len() as u32).collect();
    let over = |at: u32| {
        let operation = &history.operations[at as usize];
        (operation.return_ns.unwrap_or(u64::MAX), operation.invoke_ns)
    };
    order.sort_by_key(|at| over(*at));
    for at in order {
        let (now_ns, _) = over(at);
        while let Some(observation) = observations.next_if(|observation| observation.at_ns() <= now_ns) {
            judge.observation(observation)?;
        }
        watches.until(now_ns, &mut judge)?;
        judge.operation(&history.operations[at as usize])?;
    }
    watches.until(u64::MAX, &mut judge)?;
    observations.try_for_each(|observation| judge.observation(observation))?;
    judge.finish()
}

/// What comes next of a watch.
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
    fn until(&mut self, now_ns: u64, judge: &mut Judge<&'h Operation, &'h WatchFrame>) -> Result<(), Doubt> {
        loop {
            let begin_ns = self.later.last().map(|at| self.history.watches[*at].invoke_ns);
            let next_ns = self.open.peek().map(|next| next.0.at_ns);
            match (begin_ns, next_ns) {
                (_, Some(next_ns)) if next_ns <= now_ns.min(begin_ns.unwrap_or(u64::MAX)) => {
                    let Some(Reverse(next)) = self.open.pop() else { return Ok(()) };
                    let watch = &self.history.watches[next.watch];
                    match watch.frames.get(next.frame) {
                        Some(frame) => judge.frame(watch.id, frame)?,
                        None => {
                            judge.watch_end(watch.id)?;
                            continue;
                        }
                    }
                    self.push(next.watch, next.frame + 1);
                }
                (Some(begin_ns), _) if begin_ns <= now_ns => {
                    let Some(at) = self.later.pop() else { return Ok(()) };
                    judge.watch(&self.history.watches[at])?;
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
