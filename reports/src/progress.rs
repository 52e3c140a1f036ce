//! The progress bar of a sweep, on a terminal. In a pipe: nothing.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

const LOOK: &str = "{bar:30} {pos}/{len} runs, {msg}, {eta} to go";

/// A line on stderr that says how far a sweep is.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    failed: u64,
}

impl Progress {
    /// Of a sweep of so many runs, if that is known.
    pub fn new(runs: Option<u64>) -> Progress {
        // The target hides itself where stderr is no terminal.
        let bar = ProgressBar::with_draw_target(runs, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template(LOOK) {
            bar.set_style(style);
        }
        bar.set_message("none failed");
        Progress { bar, failed: 0 }
    }

    /// One more run is done.
    pub fn finished(&mut self, failed: bool) {
        if failed {
            self.failed += 1;
            self.bar.set_message(format!("{} failed", self.failed));
        }
        self.bar.inc(1);
    }

    /// The sweep is done: the line goes away.
    pub fn done(self) {
        self.bar.finish_and_clear();
    }
}
