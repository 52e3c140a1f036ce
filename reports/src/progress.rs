//! Progress of a sweep, and of shrinking, on a terminal. In a pipe: nothing.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use revline_scenarios::shrink::Step;

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

/// A line on stderr that says how small a plan is already.
#[derive(Debug)]
pub struct ShrinkProgress(ProgressBar);

impl ShrinkProgress {
    /// Of a plan that is to be shrunk.
    #[allow(clippy::new_without_default, reason = "it shows itself")]
    pub fn new() -> ShrinkProgress {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}, {elapsed}") {
            bar.set_style(style);
        }
        ShrinkProgress(bar)
    }

    /// One more plan was run.
    pub fn tried(&mut self, step: &Step) {
        self.0.set_message(format!("{} runs, {} events left", step.runs, step.size.events()));
        self.0.tick();
    }

    /// It is as small as it gets: the line goes away.
    pub fn done(self) {
        self.0.finish_and_clear();
    }
}

/// A line on stderr that says how many futures were run.
#[derive(Debug)]
pub struct ExplainProgress(ProgressBar);

impl ExplainProgress {
    /// Of a failure that is to be explained.
    #[allow(clippy::new_without_default, reason = "it shows itself")]
    pub fn new() -> ExplainProgress {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}, {elapsed}") {
            bar.set_style(style);
        }
        ExplainProgress(bar)
    }

    /// So many futures were run.
    pub fn ran(&mut self, runs: u64) {
        self.0.set_message(format!("{runs} futures"));
        self.0.tick();
    }

    /// It is explained: the line goes away.
    pub fn done(self) {
        self.0.finish_and_clear();
    }
}
