//! Progress of long work on stderr: a bar on a terminal, and a line now and then in a pipe.

use crate::heartbeat::Heartbeat;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// The look where the end is known. With the numbers of [`count`] it fits into 60 columns.
const LOOK: &str = "{bar:14} {msg}, {eta} to go";

/// The look where it is not.
const LOOK_WITHOUT_END: &str = "{spinner} {msg}, {elapsed}";

/// The progress of sweeps, one after another.
#[derive(Debug)]
pub struct Progress {
    heartbeat: Heartbeat,
    is_quiet: bool,
    bar: ProgressBar,
    /// The sweep, where there are several.
    name: String,
    done: u64,
    runs: Option<u64>,
    failed: u64,
}

impl Progress {
    /// Of sweeps that are yet to [begin](Progress::begin); if it is quiet, of none.
    pub fn new(is_quiet: bool) -> Progress {
        Progress {
            heartbeat: Heartbeat::begin(is_quiet),
            is_quiet,
            bar: ProgressBar::hidden(),
            name: String::new(),
            done: 0,
            runs: None,
            failed: 0,
        }
    }

    /// Begins a sweep of so many runs, if that is known. Its name stands in lines; it is empty for an only one.
    pub fn begin(&mut self, name: &str, runs: Option<u64>) {
        self.rest();
        self.bar = bar(runs, self.is_quiet);
        self.name = if name.is_empty() { String::new() } else { format!("{name}: ") };
        (self.done, self.runs, self.failed) = (0, runs, 0);
        self.say();
    }

    /// One more run is done.
    pub fn finished(&mut self, failed: bool) {
        self.failed += u64::from(failed);
        self.done += 1;
        self.say();
        self.bar.inc(1);
    }

    fn say(&self) {
        let failed = match self.failed {
            0 => "none failed".to_owned(),
            failed => format!("{} failed", count(failed)),
        };
        let of = |runs: u64, between: &str| format!("{}{between}{}", count(self.done), count(runs));
        let done = |between: &str| self.runs.map_or_else(|| count(self.done), |runs| of(runs, between));
        self.bar.set_message(format!("{} runs, {failed}", done("/")));
        self.heartbeat.say(format!("{}{} runs, {failed}", self.name, done(" of ")));
    }

    /// Rests between two sweeps, while something else tells of its progress.
    pub fn rest(&mut self) {
        self.bar.finish_and_clear();
        self.heartbeat.say(String::new());
    }

    /// The sweeps are done: the bar goes away, and no line follows.
    pub fn done(self) {
        self.bar.finish_and_clear();
    }
}

/// A count in at most six characters.
fn count(count: u64) -> String {
    if count < 100_000 { count.to_string() } else { crate::terminal::short(count) }
}

fn bar(end: Option<u64>, is_quiet: bool) -> ProgressBar {
    if is_quiet {
        return ProgressBar::hidden();
    }
    // The target hides itself where stderr is no terminal.
    let bar = ProgressBar::with_draw_target(end, ProgressDrawTarget::stderr());
    let look = if end.is_some() { LOOK } else { LOOK_WITHOUT_END };
    if let Ok(style) = ProgressStyle::with_template(look) {
        bar.set_style(style);
    }
    bar
}

/// The progress of work whose end is not known.
#[derive(Debug)]
pub struct Spinner {
    heartbeat: Heartbeat,
    bar: ProgressBar,
}

impl Spinner {
    /// Of work that begins; if it is quiet, of none.
    pub fn new(is_quiet: bool) -> Spinner {
        Spinner { heartbeat: Heartbeat::begin(is_quiet), bar: bar(None, is_quiet) }
    }

    /// Says how far it has come.
    pub fn say(&mut self, progress: String) {
        self.heartbeat.say(progress.clone());
        self.bar.set_message(progress);
        self.bar.tick();
    }

    /// The work is done: the line goes away.
    pub fn done(self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_fits_into_60_columns() {
        let mut progress = Progress::new(true);
        progress.begin("", Some(99_999));
        (progress.done, progress.failed) = (99_998, 99_998);
        progress.finished(true);
        let longest = progress.bar.message();
        assert_eq!(longest, "99999/99999 runs, 99999 failed");
        let line = LOOK.replace("{bar:14}", &"#".repeat(14)).replace("{msg}", &longest);
        assert!(line.replace("{eta}", "99d").len() <= 60, "{line}");
    }

    #[test]
    fn each_sweep_is_counted_by_itself() {
        let mut progress = Progress::new(true);
        progress.begin("one", Some(200));
        progress.finished(true);
        assert_eq!(progress.bar.message(), "1/200 runs, 1 failed");
        progress.begin("two", None);
        assert_eq!(progress.bar.message(), "0 runs, none failed");
    }
}
