//! Guarantees of a test's own.

use crate::checker::history::History;
use crate::sim::Observed;
use std::fmt;

/// A guarantee of a service: judged of each run beside those of the cluster ([`Test::guarantee`](super::Test::guarantee)).
///
/// It has what clients asked and saw, and what the service told of itself
/// ([`World::observe`](crate::sim::World::observe)).
///
/// ```
/// use revline::checker::history::History;
/// use revline::prelude::*;
///
/// /// Every job is done once.
/// #[derive(Debug)]
/// struct Once;
///
/// impl Guarantee for Once {
///     fn name(&self) -> &str {
///         "once"
///     }
///
///     fn check(&self, _: &History, observations: &[Observed]) -> Result<u64, String> {
///         let done = || observations.iter().filter(|observed| observed.name == "done");
///         match done().find(|one| done().filter(|other| other.value == one.value).count() > 1) {
///             Some(twice) => Err(format!("{} was done twice, also by {}", twice.value, twice.by)),
///             None => Ok(done().count() as u64),
///         }
///     }
/// }
///
/// let test = revline::test("jobs").seeds(0..1).guarantee(Once);
/// let failure = test.try_run(|world| async move {
///     let worker = world.process("worker", |cx| async move {
///         cx.observe("done", "job 1");
///         cx.observe("done", "job 1");
///     });
///     worker.returned().await?;
///     Ok(())
/// });
/// assert!(failure.unwrap_err().to_string().contains("once: violated: \"job 1\" was done twice, also by worker"));
/// ```
pub trait Guarantee: fmt::Debug + Send + Sync {
    /// Its name, for the message of a failure.
    fn name(&self) -> &str;

    /// Checks a run: returns the number of things that it examined, or says what is wrong. One that examines nothing under
    /// any seed fails the test: it could not have failed.
    fn check(&self, history: &History, observations: &[Observed]) -> Result<u64, String>;
}
