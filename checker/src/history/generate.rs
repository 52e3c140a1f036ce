//! Legal histories, as a correct etcd could have produced them: for testing checkers.
//!
//! Every operation takes effect at one moment between its invocation and its return (or, if its outcome
//! is unknown, at any later moment or never); a sequential etcd ([`crate::spec::etcd`]) answers in the
//! order of those moments. Watches deliver later, break and resume; serializable reads come from the past.

use super::build::{self, Builder};
use super::*;
use crate::bytes::Bytes;
use crate::spec::etcd::{Answer, Etcd};
use stateright::semantics::SequentialSpec;
use std::collections::BTreeMap;

/// What sort of history to generate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// How many clients there are.
    pub clients: u32,
    /// How many operations they make together.
    pub operations: usize,
    /// How many keys there are: at most 100.
    pub keys: u64,
    /// How many values: where they are few, they do not tell who wrote them.
    pub values: u64,
    /// Of a hundred operations, how many have an unknown outcome.
    pub unknown_percent: u64,
    /// How many watchers there are.
    pub watchers: u32,
}

impl Default for Shape {
    fn default() -> Self {
        Shape { clients: 5, operations: 1000, keys: 10, values: u64::MAX, unknown_percent: 3, watchers: 3 }
    }
}

/// A generator of its own, so that a seed means the same history for ever.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        // SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound.max(1)
    }

    fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }
}

/// A legal history: a pure function of its arguments.
pub fn legal(shape: &Shape, seed: u64) -> History {
    let mut random = Random(seed);
    let mut planned = plan(shape, &mut random);
    let mut order: Vec<(u64, usize)> =
        planned.iter().enumerate().filter_map(|(at, planned)| Some((planned.effect_ns?, at))).collect();
    order.sort_unstable();
    let mut etcd = Etcd::default();
    let mut events: Vec<(u64, Vec<Event>)> = Vec::new();
    let mut keys = BTreeMap::new();
    for (effect_ns, at) in order {
        let planned = &mut planned[at];
        let before = etcd.revision();
        let lag = if planned.operation.request.is_serializable() { random.below(4) as Revision } else { 0 };
        let seen = (before - lag).max(1);
        let answer = answer(&mut etcd, &planned.operation.request, seen);
        if etcd.revision() > before {
            events.push((effect_ns, difference(&mut etcd, &mut keys)));
        }
        if !matches!(planned.operation.outcome, Outcome::Unknown(_)) {
            planned.operation.outcome = match answer {
                Answer::Refused(error) => Outcome::Failed(error),
                Answer::Given(response) => Outcome::Ok(response),
                Answer::At(_) => Outcome::Unknown("only its revision is known".to_owned()),
            };
        }
    }
    let mut history = History {
        operations: planned.into_iter().map(|planned| planned.operation).collect(),
        ..History::default()
    };
    history.watches = watches(shape, &events, &mut random);
    history
}

struct Planned {
    operation: Operation,
    effect_ns: Option<u64>,
}

fn plan(shape: &Shape, random: &mut Random) -> Vec<Planned> {
    let mut now_ns = vec![0; shape.clients as usize];
    let mut planned = Vec::with_capacity(shape.operations);
    for number in 0..shape.operations {
        let client = random.below(shape.clients.into()) as usize;
        let invoke_ns = now_ns[client] + 1 + random.below(1000);
        let effect_ns = invoke_ns + random.below(1000);
        let mut return_ns = effect_ns + random.below(1000);
        let request = request(shape, number as u64, random);
        // Replaced by the answer.
        let mut outcome = Outcome::Failed(Error { code: String::new(), message: String::new() });
        let mut effect = Some(effect_ns);
        if random.percent(shape.unknown_percent) {
            outcome = Outcome::Unknown("timed out".to_owned());
            return_ns = invoke_ns + random.below(3000);
            effect = (!random.percent(40)).then(|| invoke_ns + random.below(9000));
        }
        now_ns[client] = return_ns;
        let client = ClientId(client as u32);
        let member = request.is_serializable().then(|| MemberId(1000 + number as u64));
        let operation = Operation { client, member, invoke_ns, return_ns: Some(return_ns), request, outcome };
        planned.push(Planned { operation, effect_ns: effect });
    }
    planned
}

fn request(shape: &Shape, number: u64, random: &mut Random) -> Request {
    let mut key = || format!("k{:02}", random.below(shape.keys));
    let (one, two) = (key(), key());
    let value = match shape.values {
        u64::MAX => format!("v{number}"),
        values => format!("v{}", random.below(values)),
    };
    let version = random.below(4) as i64;
    let condition = Compare {
        key: one.as_str().into(),
        range_end: Bytes::default(),
        result: if random.percent(50) { CompareResult::Less } else { CompareResult::Greater },
        target: CompareTarget::Version(version),
    };
    match random.below(20) {
        0..=6 => build::put(&one, &value),
        7 | 8 => build::delete(&one),
        9 => build::delete_range(&one, &two),
        10 | 11 if one != two => {
            let success = [build::put(&one, &value), build::put(&two, &value)];
            build::txn([condition], success, [build::get(&one), build::delete(&two)])
        }
        12 => build::txn([condition], [build::put(&one, &value), build::get(&one)], []),
        13 | 14 => build::serializable("k", "l"),
        15 | 16 => build::range("k", "l"),
        17 => build::range_at("k", "l", 2 + random.below(number + 1) as Revision),
        _ => build::get(&one),
    }
}

/// The model's answer; of a serializable read, as of `seen`.
fn answer(etcd: &mut Etcd, request: &Request, seen: Revision) -> Answer {
    let Request::Range(range) = request else { return etcd.invoke(request) };
    if !range.serializable {
        return etcd.invoke(request);
    }
    let then = Request::Range(RangeRequest { revision: seen, ..range.clone() });
    match etcd.invoke(&then) {
        Answer::Given(Response::Range(mut response)) => {
            response.header.revision = seen;
            Answer::Given(Response::Range(response))
        }
        answer => answer,
    }
}

/// What the last revision changed.
fn difference(etcd: &mut Etcd, keys: &mut BTreeMap<Bytes, KeyValue>) -> Vec<Event> {
    let Answer::Given(Response::Range(all)) = etcd.invoke(&build::range("\0", "\0")) else {
        return Vec::new();
    };
    let now: BTreeMap<Bytes, KeyValue> = all.kvs.into_iter().map(|kv| (kv.key.clone(), kv)).collect();
    let revision = etcd.revision();
    let gone = keys.keys().filter(|key| !now.contains_key(*key));
    let mut events: Vec<Event> =
        gone.map(|key| build::delete_event(key.as_str().unwrap_or_default(), revision)).collect();
    let written = now.values().filter(|kv| kv.mod_revision == revision);
    events.extend(written.map(|kv| build::put_event(kv.clone())));
    *keys = now;
    events
}

/// Watches of all keys, or of one, that break now and then and resume.
fn watches(shape: &Shape, events: &[(u64, Vec<Event>)], random: &mut Random) -> Vec<Watch> {
    let mut h = Builder::default();
    for watcher in 0..shape.watchers {
        let request = match watcher % 3 {
            2 => build::watching("k01", "", 2),
            _ => build::watching("k", "l", 2),
        };
        let mut watch = h.watch(watcher, request);
        h.created(watch, 1);
        let wanted = |event: &&Event| watcher % 3 != 2 || event.kv.key.as_str() == Some("k01");
        let mut delivered = 1;
        let mut batch: Vec<Event> = Vec::new();
        for (_, revision) in events {
            batch.extend(revision.iter().filter(wanted).cloned());
            if !batch.is_empty() && random.percent(70) {
                delivered = batch.last().map_or(delivered, |event| event.kv.mod_revision);
                h.events(watch, std::mem::take(&mut batch));
            }
            if batch.is_empty() && random.percent(1) {
                watch = h.resume(watch, delivered + 1);
                h.created(watch, delivered);
            }
        }
        if !batch.is_empty() {
            h.events(watch, batch);
        }
    }
    h.build().watches
}
