//! Panics of the machines under test: a process of the cluster ends, and the world goes on.

use std::any::Any;
use std::cell::RefCell;
use std::fmt;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

/// The folder in which cargo keeps the sources of dependencies; the folder of an index follows, and the package.
const REGISTRY: &str = "/registry/src/";

thread_local! {
    /// The place of the last panic, while a machine is stepped on this thread.
    static STEPPED: RefCell<Option<Option<String>>> = const { RefCell::new(None) };
}

/// The panic of a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MachinePanic {
    /// Its message.
    pub message: String,
    /// Its place, if that is known: file and line.
    pub place: Option<String>,
}

/// Steps a machine. If it panics, nothing is printed, and the machine must not be used any more.
pub(crate) fn step<T>(step: impl FnOnce() -> T) -> Result<T, MachinePanic> {
    keep_places();
    STEPPED.set(Some(None));
    let stepped = panic::catch_unwind(AssertUnwindSafe(step));
    let place = STEPPED.take().flatten();
    stepped.map_err(|panic| MachinePanic { message: message(&*panic), place })
}

/// The message of a panic.
pub(crate) fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message").to_owned()
}

/// Keeps the places of machines' panics instead of printing them: the panic hook alone is told where a panic happened.
fn keep_places() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let others = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let of_machine = STEPPED.with_borrow_mut(|stepped| {
                let Some(place) = stepped else { return false };
                *place = info.location().map(|at| format!("{}:{}", from_package(at.file()), at.line()));
                true
            });
            if !of_machine {
                others(info);
            }
        }));
    });
}

/// The path of a source file, from its package on where it is a dependency's: the same on every machine.
fn from_package(file: &str) -> &str {
    let in_registry = file.split_once(REGISTRY).and_then(|(_, file)| file.split_once('/'));
    in_registry.map_or(file, |(_, file)| file)
}

impl fmt::Display for MachinePanic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.place.iter().try_for_each(|place| write!(f, ", at {place}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_what_it_said_and_where() {
        assert_eq!(step(|| 7), Ok(7));
        let panic = step(|| -> u64 { panic!("tocommit({}) is out of range", 9) }).unwrap_err();
        assert_eq!(panic.message, "tocommit(9) is out of range");
        assert!(panic.place.as_deref().is_some_and(|place| place.contains("caught.rs:")), "{panic}");
        let none: [u64; 0] = [];
        let panic = step(|| none[panic.message.len()]).unwrap_err();
        assert!(panic.to_string().starts_with("index out of bounds"), "{panic}");
        assert_eq!(step(|| 7), Ok(7), "the next step is another");
    }

    #[test]
    fn other_panics_are_none_of_machines() {
        let _ = step(|| ());
        let other = panic::catch_unwind(|| panic!("of the host"));
        assert_eq!(message(&*other.unwrap_err()), "of the host");
        assert!(STEPPED.with_borrow(Option::is_none));
    }

    #[test]
    fn a_place_is_the_same_on_every_machine() {
        let dependency =
            "/home/me/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/raft-0.7.0/src/raft.rs";
        assert_eq!(from_package(dependency), "raft-0.7.0/src/raft.rs");
        assert_eq!(from_package("store/src/member/mod.rs"), "store/src/member/mod.rs");
    }
}
