//! Progress of long work on a terminal. In a pipe: nothing.

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

/// A line on stderr that says how far work has come whose end nobody knows.
#[derive(Debug)]
pub struct Spinner(ProgressBar);

impl Spinner {
    /// Of work that begins.
    #[allow(clippy::new_without_default, reason = "it shows itself")]
    pub fn new() -> Spinner {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}, {elapsed}") {
            bar.set_style(style);
        }
        Spinner(bar)
    }

    /// Says how far it has come.
    pub fn say(&mut self, progress: String) {
        self.0.set_message(progress);
        self.0.tick();
    }

    /// The work is done: the line goes away.
    pub fn done(self) {
        self.0.finish_and_clear();
    }
}
