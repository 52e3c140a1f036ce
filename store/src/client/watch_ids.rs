//! The ids of the watches of one stream.

use super::{Concerns, WatchNumber};
use crate::api::{INVALID_WATCH_ID, WatchResponse};
use std::collections::{BTreeMap, VecDeque};

/// The watches of one stream by the ids that the server gave them, from the order of requests and answers.
#[derive(Clone, Debug, Default)]
pub struct WatchIds {
    /// The watches whose creation was not answered yet, in the order of the requests.
    creating: VecDeque<WatchNumber>,
    by_id: BTreeMap<i64, WatchNumber>,
}

impl WatchIds {
    /// Notes that a watch was requested, after those before it.
    pub fn requested(&mut self, watch: WatchNumber) {
        self.creating.push_back(watch);
    }

    /// Returns the watch that has an id now.
    pub fn of_id(&self, watch_id: i64) -> Option<WatchNumber> {
        self.by_id.get(&watch_id).copied()
    }

    /// Takes a response, and returns the watches that it is about; `None` if it is about none that is known.
    pub fn concerned(&mut self, response: &WatchResponse) -> Option<Concerns> {
        let number = if response.created {
            let number = self.creating.pop_front()?;
            if !response.canceled {
                self.by_id.insert(response.watch_id, number);
            }
            number
        } else if response.watch_id == INVALID_WATCH_ID {
            return Some(Concerns::All(self.by_id.values().copied().collect()));
        } else if response.canceled {
            self.by_id.remove(&response.watch_id)?
        } else {
            self.of_id(response.watch_id)?
        };
        Some(Concerns::One(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn created(watch_id: i64) -> WatchResponse {
        WatchResponse { watch_id, created: true, ..WatchResponse::default() }
    }

    #[test]
    fn answers_come_in_the_order_of_the_requests() {
        let mut ids = WatchIds::default();
        (0..3).for_each(|watch| ids.requested(watch));
        assert_eq!(ids.concerned(&created(7)), Some(Concerns::One(0)));
        let denied = WatchResponse { canceled: true, ..created(INVALID_WATCH_ID) };
        assert_eq!(ids.concerned(&denied), Some(Concerns::One(1)));
        assert_eq!(ids.concerned(&created(0)), Some(Concerns::One(2)));
        assert_eq!(ids.concerned(&created(1)), None, "nobody asked for it");
        let progress = WatchResponse { watch_id: INVALID_WATCH_ID, ..WatchResponse::default() };
        assert_eq!(ids.concerned(&progress), Some(Concerns::All(vec![2, 0])));
        let canceled = WatchResponse { watch_id: 7, canceled: true, ..WatchResponse::default() };
        assert_eq!(ids.concerned(&canceled), Some(Concerns::One(0)));
        assert_eq!((ids.concerned(&canceled), ids.of_id(0)), (None, Some(2)));
    }
}
