//! A line on stderr now and then, where stderr is no terminal: long work in a pipe goes on.

use std::io::{IsTerminal, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// The time between two lines: shorter than what CI systems take for a job that hangs.
const EVERY: Duration = Duration::from_secs(30);

/// Lines that say how far work is, until this is dropped. Work that ends sooner than the first is due says nothing.
#[derive(Debug)]
pub(crate) struct Heartbeat {
    latest: Arc<Mutex<String>>,
    /// Dropped to end the thread.
    goes_on: Option<Sender<()>>,
    /// A thread of its own, because a single run may last long.
    thread: Option<JoinHandle<()>>,
}

impl Heartbeat {
    /// Begins, unless it is not wanted or a terminal shows a bar instead.
    pub fn begin(is_quiet: bool) -> Heartbeat {
        if is_quiet || std::io::stderr().is_terminal() {
            return Heartbeat { latest: Arc::default(), goes_on: None, thread: None };
        }
        Heartbeat::telling(EVERY, |line| {
            let _ = writeln!(std::io::stderr().lock(), "{line}");
        })
    }

    fn telling(every: Duration, tell: impl Fn(&str) + Send + 'static) -> Heartbeat {
        let latest: Arc<Mutex<String>> = Arc::default();
        let (goes_on, ended) = channel();
        let told = latest.clone();
        let thread = thread::spawn(move || beat(every, &ended, &told, tell));
        Heartbeat { latest, goes_on: Some(goes_on), thread: Some(thread) }
    }

    /// Takes what the next line says. If that is nothing, there is no line.
    pub fn say(&self, progress: String) {
        *self.latest.lock().unwrap_or_else(PoisonError::into_inner) = progress;
    }
}

impl Drop for Heartbeat {
    fn drop(&mut self) {
        self.goes_on = None;
        let ended = self.thread.take().map(JoinHandle::join);
        debug_assert!(ended.is_none_or(|ended| ended.is_ok()), "telling does not panic");
    }
}

fn beat(every: Duration, ended: &Receiver<()>, latest: &Mutex<String>, tell: impl Fn(&str)) {
    let mut elapsed = Duration::ZERO;
    while let Err(RecvTimeoutError::Timeout) = ended.recv_timeout(every) {
        elapsed += every;
        let progress = latest.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if !progress.is_empty() {
            tell(&line(elapsed, &progress));
        }
    }
}

/// A line of it: `after 90 s: 120 of 1180 runs, none failed`.
fn line(elapsed: Duration, progress: &str) -> String {
    let time = match elapsed.as_secs() {
        seconds @ 0..300 => format!("{seconds} s"),
        seconds => format!("{} min", seconds / 60),
    };
    format!("after {time}: {progress}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_the_time_and_how_far_it_is() {
        assert_eq!(line(Duration::from_secs(90), "3 of 4 runs"), "after 90 s: 3 of 4 runs");
        assert_eq!(line(Duration::from_secs(330), "3 of 4 runs"), "after 5 min: 3 of 4 runs");
    }

    #[test]
    fn what_was_said_last_is_told_until_it_ends() {
        let (lines, told) = channel();
        let heartbeat = Heartbeat::telling(Duration::from_millis(1), move |line| {
            let _ = lines.send(line.to_owned());
        });
        heartbeat.say("1 of 2 runs".to_owned());
        assert!(told.iter().any(|line| line.ends_with(": 1 of 2 runs")));
        heartbeat.say("2 of 2 runs".to_owned());
        assert!(told.iter().any(|line| line.ends_with(": 2 of 2 runs")));
        drop(heartbeat);
        assert!(told.iter().all(|line| line.ends_with(": 2 of 2 runs")), "it ends");
    }
}
