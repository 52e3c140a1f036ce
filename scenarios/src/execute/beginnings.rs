//! The beginnings of a run's operations: later than planned, if the one before it took long.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The times at which operations began, by client. Clones are the same record.
#[derive(Clone, Debug, Default)]
pub(crate) struct Beginnings(Arc<Mutex<BTreeMap<String, Vec<Duration>>>>);

impl Beginnings {
    /// Notes that the next operation of a client begins.
    pub fn note(&self, client: &str, at: Duration) {
        let mut clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        clients.entry(client.to_owned()).or_default().push(at);
    }

    /// The times of a client, in order.
    pub fn of(&self, client: &str) -> Vec<Duration> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(client).cloned().unwrap_or_default()
    }
}
