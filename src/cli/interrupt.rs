//! SIGINT and SIGTERM: a command ends early, says what it knows so far, and exits with 128 and the signal.
//!
//! The first signal lets what is under way come to an end for a moment; then the command is ended from outside, with its
//! last words. A second signal ends it at once.

use super::status::Unusable;
use std::process;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// The time a command has to end by itself.
const GRACE: Duration = Duration::from_millis(1_500);

/// The report of a command that does not end by itself.
type LastWords = Box<dyn FnOnce() + Send>;

/// The signals that came.
#[derive(Clone, Default)]
pub struct Interrupt(Arc<State>);

#[derive(Default)]
struct State {
    /// The first signal; 0 for none.
    signal: AtomicI32,
    words: Mutex<Words>,
}

#[derive(Default)]
enum Words {
    /// The command has nothing to say.
    #[default]
    None,
    /// The last words of the command.
    Kept(LastWords),
    /// The command is saying them.
    Said,
}

impl Interrupt {
    /// Listens for signals from here on.
    pub fn listen() -> Result<Interrupt, Unusable> {
        let interrupt = Interrupt::default();
        #[cfg(unix)]
        {
            use signal_hook::consts::{SIGINT, SIGTERM};
            let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM])?;
            let heard = interrupt.clone();
            thread::spawn(move || signals.forever().for_each(|signal| heard.hear(signal)));
        }
        Ok(interrupt)
    }

    fn hear(&self, signal: i32) {
        if self.0.signal.swap(signal, Ordering::SeqCst) != 0 {
            process::exit(128 + signal);
        }
        let interrupted = self.clone();
        thread::spawn(move || {
            thread::sleep(GRACE);
            match std::mem::replace(&mut *interrupted.words(), Words::Said) {
                Words::None => {}
                Words::Kept(words) => words(),
                Words::Said => thread::sleep(GRACE),
            }
            process::exit(128 + signal)
        });
    }

    /// Returns true once the command is to end.
    pub fn came(&self) -> bool {
        self.0.signal.load(Ordering::SeqCst) != 0
    }

    /// The exit status of a command that was told to end.
    pub fn status(&self) -> Option<u8> {
        let signal = self.0.signal.load(Ordering::SeqCst);
        u8::try_from(128 + signal).ok().filter(|_| signal != 0)
    }

    /// Keeps the report for the case that the command does not end by itself.
    pub fn keep_words(&self, words: impl FnOnce() + Send + 'static) {
        *self.words() = Words::Kept(Box::new(words));
    }

    /// The command ends by itself, and says what it has to say. If the words are said already, it never comes back.
    pub fn end(&self) {
        if let Words::Said = std::mem::replace(&mut *self.words(), Words::Said) {
            loop {
                thread::park();
            }
        }
    }

    fn words(&self) -> std::sync::MutexGuard<'_, Words> {
        self.0.words.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
