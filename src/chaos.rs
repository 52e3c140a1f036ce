//! Chaos in the words of a test.

use crate::scenarios::Chaos;
use crate::sim::{JoinHandle, World};

/// Worlds that chaos can begin in.
pub trait BeginChaos {
    /// Lets clients work and faults strike beside the program, others under each seed. Await the handle to see its end.
    ///
    /// ```
    /// use revline::prelude::*;
    ///
    /// revline::test("a-counter-in-chaos").seeds(0..2).run(|world| async move {
    ///     let client = world.client("a").await?;
    ///     let chaos = world.chaos(Chaos { duration: Duration::from_secs(3), ..Chaos::default() });
    ///     while client.put("k", "1").await.is_err() {}
    ///     chaos.await?;
    ///     Ok(())
    /// });
    /// ```
    fn chaos(&self, chaos: Chaos) -> JoinHandle<()>;
}

impl BeginChaos for World {
    fn chaos(&self, chaos: Chaos) -> JoinHandle<()> {
        chaos.begin(self)
    }
}
