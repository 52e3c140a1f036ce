//! Histories whose clients forgot what they were answered: much of what happened has to be worked out from what was
//! seen later.
//!
//! A legal history stays legal if an answer becomes an unknown outcome, if a watch is left out, and if a client asks
//! for something that never happens.

mod services;

pub use services::services;

use super::random::Random;
use crate::bytes::Bytes;
use crate::history::*;

/// The share of a history that is forgotten, and the decoys that are added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forgetting {
    /// Of a hundred answers, how many are forgotten.
    pub answers_percent: u64,
    /// Of a hundred watchers, how many are left out, with all their watches.
    pub watchers_percent: u64,
    /// The number of added requests that never take effect: many ask for the same as others that do.
    pub decoys: u64,
}

/// The first client that only asks for what never happens.
const FIRST_DECOY: u32 = 2_000_000;

/// A history without some of its answers: a pure function of its arguments.
pub fn forget(mut history: History, forgetting: &Forgetting, seed: u64) -> History {
    let mut random = Random::new(seed ^ 0xf0f0);
    let decoys: Vec<Operation> =
        (0..forgetting.decoys).filter_map(|number| decoy(&history, number as u32, &mut random)).collect();
    for operation in &mut history.operations {
        if operation.response().is_some() && random.percent(forgetting.answers_percent) {
            operation.outcome = Outcome::Unknown("timed out".to_owned());
        }
    }
    let mut clients: Vec<ClientId> = history.watches.iter().map(|watch| watch.client).collect();
    clients.sort_unstable();
    clients.dedup();
    clients.retain(|_| random.percent(forgetting.watchers_percent));
    history.watches.retain(|watch| !clients.contains(&watch.client));
    history.operations.extend(decoys);
    history.operations.sort_by_key(|operation| (operation.invoke_ns, operation.client));
    history
}

/// A request that never takes effect, asked some time in the history.
fn decoy(history: &History, number: u32, random: &mut Random) -> Option<Operation> {
    let writes: Vec<&Operation> =
        history.operations.iter().filter(|operation| operation.request.may_write()).collect();
    let like = *writes.get(random.below(writes.len() as u64) as usize)?;
    let request = match random.below(10) {
        0 => Request::Delete(DeleteRequest { key: "\0".into(), range_end: "\0".into(), prev_kv: false }),
        1 | 2 => match first_key(&like.request) {
            Some(key) => Request::Delete(DeleteRequest { key, ..DeleteRequest::default() }),
            None => like.request.clone(),
        },
        3 => match first_key(&like.request) {
            Some(key) => {
                let value = Bytes::from(format!("decoy{number}"));
                Request::Put(PutRequest { key, value, ..PutRequest::default() })
            }
            None => like.request.clone(),
        },
        _ => like.request.clone(),
    };
    let at = &history.operations[random.below(history.operations.len() as u64) as usize];
    Some(Operation {
        client: ClientId(FIRST_DECOY + number),
        member: None,
        user: None,
        invoke_ns: at.invoke_ns + random.below(3),
        return_ns: None,
        request,
        outcome: Outcome::Unknown("timed out".to_owned()),
    })
}

fn first_key(request: &Request) -> Option<Bytes> {
    match request {
        Request::Put(put) => Some(put.key.clone()),
        Request::Delete(delete) => Some(delete.key.clone()),
        Request::Txn(txn) => txn.branches().find_map(first_key),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Shape, legal};
    use super::*;

    #[test]
    fn only_answers_and_watchers_are_lost_and_decoys_are_unknown() {
        let whole = legal(&Shape::default(), 1);
        let forgetting = Forgetting { answers_percent: 50, watchers_percent: 50, decoys: 20 };
        let left = forget(whole.clone(), &forgetting, 1);
        assert_eq!(left, forget(whole.clone(), &forgetting, 1));
        assert_eq!(left.operations.len(), whole.operations.len() + 20);
        assert!(left.watches.len() < whole.watches.len());
        let answered = |history: &History| {
            history.operations.iter().filter(|operation| operation.response().is_some()).count()
        };
        let share = answered(&left) * 100 / answered(&whole);
        assert!((40..60).contains(&share), "{share} %");
    }
}
