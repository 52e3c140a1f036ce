//! The crew of many runs: threads that take jobs in order, each the next that nobody took.

use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;

/// The caller's answer to a finished run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proceed {
    /// Go on.
    On,
    /// Start no more runs; those under way are still reported.
    Stop,
}

/// Does the jobs at the positions from 0 up to `count`, on as many threads. A job is begun only if `may_begin` says so of
/// its position; those before it were begun, so that what is done has no gaps. `on_done` gets what each job made, in the
/// order in which they end, and may end it all.
pub fn work<T: Send>(
    threads: NonZero<usize>,
    count: u64,
    may_begin: &(dyn Fn(u64) -> bool + Sync),
    job: &(dyn Fn(u64) -> T + Sync),
    on_done: &mut dyn FnMut(u64, T) -> Proceed,
) {
    let (next, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let (sender, receiver) = mpsc::channel();
    let threads = count.min(threads.get() as u64);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let (sender, next, stop) = (sender.clone(), &next, &stop);
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    // Before the position is taken: what was taken is done.
                    if !may_begin(next.load(Ordering::Relaxed)) {
                        return;
                    }
                    let position = next.fetch_add(1, Ordering::Relaxed);
                    if position >= count || sender.send((position, job(position))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        for (position, done) in receiver {
            if on_done(position, done) == Proceed::Stop {
                stop.store(true, Ordering::Relaxed);
            }
        }
    });
}
