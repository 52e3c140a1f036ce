//! Random requests.

use super::random::Random;
use super::shape::Shape;
use crate::bytes::Bytes;
use crate::history::*;

/// Draws requests.
#[derive(Debug, Default)]
pub(super) struct Requests {
    drawn: u64,
    since_compaction: u64,
}

impl Requests {
    /// The next request, of a client to whom the store seems to be at `revision`. Nothing before `known` is
    /// asked for.
    pub fn draw(
        &mut self,
        shape: &Shape,
        random: &mut Random,
        (known, revision): (Revision, Revision),
        is_compacting: bool,
    ) -> Request {
        self.drawn += 1;
        self.since_compaction += 1;
        if is_compacting
            && self.since_compaction > shape.compact_every / 2
            && random.below(shape.compact_every) == 0
        {
            self.since_compaction = 0;
            let back = random.below(30) as Revision;
            return Request::Compact(CompactRequest { revision: (revision - back).max(1), physical: false });
        }
        let value = |random: &mut Random, part: u64| match shape.values {
            u64::MAX => Bytes::from(format!("v{}.{part}", self.drawn)),
            values => Bytes::from(format!("v{}", random.below(values))),
        };
        let one = random.below(shape.keys);
        let put = |random: &mut Random, key: u64, part: u64| {
            let value = value(random, part);
            let prev_kv = random.percent(10);
            Request::Put(PutRequest { key: key_of(key), value, prev_kv, ..PutRequest::default() })
        };
        match random.below(100) {
            0..=34 => put(random, one, 0),
            35..=44 => Request::Delete(DeleteRequest {
                key: key_of(one),
                range_end: Bytes::default(),
                prev_kv: random.percent(20),
            }),
            45..=46 => Request::Delete(DeleteRequest {
                key: key_of(one),
                range_end: key_of(one + 1 + random.below(3)),
                prev_kv: random.percent(20),
            }),
            47..=56 => {
                // Several keys, next to each other, in one revision.
                let keys = 2 + random.below(2).min(shape.keys.saturating_sub(2));
                let puts = (0..keys).map(|part| put(random, (one + part) % shape.keys.max(2), part));
                let mut success: Vec<Request> = puts.collect();
                success.push(read(one, random));
                txn(vec![condition(one, random, revision)], success, vec![read(one, random)])
            }
            57..=62 => {
                let guarded = vec![put(random, one, 0)];
                txn(vec![condition(one, random, revision)], guarded, vec![read(one, random)])
            }
            63..=64 => {
                let inner =
                    txn(vec![condition(one + 1, random, revision)], vec![put(random, one, 0)], vec![]);
                txn(vec![], vec![read(one, random), inner], vec![])
            }
            65..=68 => txn(vec![condition(one, random, revision)], vec![read(one, random)], vec![]),
            69..=78 => Request::Range(RangeRequest { serializable: true, ..some(shape, random) }),
            79..=84 => {
                let back = random.below((revision - known).clamp(1, 40) as u64) as Revision;
                let asked = (revision - back + Revision::from(random.percent(5)) * 3).max(1);
                Request::Range(RangeRequest { revision: asked, ..some(shape, random) })
            }
            85..=92 => Request::Range(some(shape, random)),
            _ => read(one, random),
        }
    }
}

/// The name of a key. Names sort as their numbers.
pub(super) fn key_of(number: u64) -> Bytes {
    Bytes::from(format!("k{number:06}"))
}

fn read(key: u64, random: &mut Random) -> Request {
    let keys_only = random.percent(5);
    Request::Range(RangeRequest { key: key_of(key), keys_only, ..RangeRequest::default() })
}

/// A range of several keys: of a large store, not all of them.
fn some(shape: &Shape, random: &mut Random) -> RangeRequest {
    let from = if shape.keys > 50 { random.below(shape.keys) } else { 0 };
    let (limit, count_only) = match random.below(10) {
        0 => (1 + random.below(5) as i64, false),
        1 => (0, true),
        _ => (0, false),
    };
    let range_end = key_of(from + shape.keys.min(20));
    RangeRequest { key: key_of(from), range_end, limit, count_only, ..RangeRequest::default() }
}

fn condition(key: u64, random: &mut Random, revision: Revision) -> Compare {
    let target = match random.below(4) {
        0 => CompareTarget::Version(random.below(4) as i64),
        1 => CompareTarget::CreateRevision(0),
        2 => CompareTarget::ModRevision((revision - random.below(10) as Revision).max(0)),
        _ => CompareTarget::Value(Bytes::from("v1")),
    };
    let result = match random.below(4) {
        0 => CompareResult::Equal,
        1 => CompareResult::Greater,
        2 => CompareResult::Less,
        _ => CompareResult::NotEqual,
    };
    Compare { key: key_of(key), range_end: Bytes::default(), result, target }
}

fn txn(compare: Vec<Compare>, success: Vec<Request>, failure: Vec<Request>) -> Request {
    Request::Txn(TxnRequest { compare, success, failure })
}
