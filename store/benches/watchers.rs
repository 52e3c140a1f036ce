//! The cost of one event to a member with many watchers: `cargo bench -p revline-store --bench watchers`.
//!
//! It should grow with the watchers that are told, and not with those that are not; and their events are made once.

use divan::Bencher;
use revline_store::api::{PutRequest, Request, WatchCreateRequest, WatchRequest, WatchResponse};
use revline_store::defect::Defects;
use revline_store::mvcc::Store;
use revline_store::watch::{StreamId, WatchableStore};

fn main() {
    divan::main();
}

/// The layout of a member's watchers.
#[derive(Clone, Copy, Debug)]
enum Ranges {
    /// All watch the key that is written.
    SameKey,
    /// Each watches a key of its own; one is written.
    KeyEach,
    /// Each watches a span of its own; a key of one of them is written.
    SpanEach,
    /// Each watches a span that holds half of all the others; a key that is in none is written.
    Nested,
}

struct Member {
    store: Store,
    watchable: WatchableStore,
    out: Vec<(StreamId, WatchResponse)>,
}

impl Member {
    /// A member with so many watchers, a hundred to a stream.
    fn with(watchers: u64, ranges: Ranges) -> Member {
        let store = Store::new(Defects::NONE);
        let watchable = WatchableStore::new(Defects::NONE, store.revision());
        let mut member = Member { store, watchable, out: Vec::new() };
        for number in 0..watchers {
            let stream = StreamId(number / 100);
            if number % 100 == 0 {
                member.watchable.open_stream(stream, 0, u64::MAX);
            }
            let (key, range_end) = match ranges {
                Ranges::SameKey => ("k".to_owned(), String::new()),
                Ranges::KeyEach => (format!("k{number:06}"), String::new()),
                Ranges::SpanEach => (format!("k{number:06}"), format!("k{number:06}~")),
                Ranges::Nested => (format!("l{number:06}"), format!("m{:06}", watchers - number)),
            };
            let (key, range_end) = (key.as_str().into(), range_end.as_str().into());
            let create =
                WatchCreateRequest { key, range_end, prev_kv: true, ..WatchCreateRequest::default() };
            member.watchable.handle(stream, &WatchRequest::Create(create), &member.store, &mut member.out);
        }
        member.out.clear();
        member
    }

    /// Writes a key and tells the watchers; returns how many were told.
    fn put(&mut self, key: &str) -> usize {
        let put = PutRequest { key: key.into(), value: "v".into(), ..PutRequest::default() };
        let applied = self.store.apply(&Request::Put(put));
        self.watchable.notify(&self.store, applied.revision, &applied.events, &mut self.out);
        let told = self.out.len();
        self.out.clear();
        told
    }
}

#[divan::bench(args = [100, 1_000, 10_000, 100_000])]
fn told_all(bencher: Bencher, watchers: u64) {
    let mut member = Member::with(watchers, Ranges::SameKey);
    assert_eq!(member.put("k"), watchers as usize);
    bencher.bench_local(|| member.put("k"));
}

#[divan::bench(args = [100, 1_000, 10_000, 100_000])]
fn told_one_of_many_keys(bencher: Bencher, watchers: u64) {
    let mut member = Member::with(watchers, Ranges::KeyEach);
    assert_eq!(member.put("k000007"), 1);
    bencher.bench_local(|| member.put("k000007"));
}

#[divan::bench(args = [100, 1_000, 10_000, 100_000])]
fn told_one_of_many_spans(bencher: Bencher, watchers: u64) {
    let mut member = Member::with(watchers, Ranges::SpanEach);
    assert_eq!(member.put("k000007-"), 1);
    bencher.bench_local(|| member.put("k000007-"));
}

#[divan::bench(args = [100, 1_000, 10_000, 100_000])]
fn told_none_of_nested_spans(bencher: Bencher, watchers: u64) {
    let mut member = Member::with(watchers, Ranges::Nested);
    assert_eq!(member.put("n"), 0);
    bencher.bench_local(|| member.put("n"));
}

/// Makes all watchers victims, because no client takes anything, and tells them later.
#[divan::bench(args = [100, 1_000, 10_000])]
fn stalled_and_flowing(bencher: Bencher, watchers: u64) {
    let mut member = Member::with(watchers, Ranges::SameKey);
    let streams = watchers.div_ceil(100);
    bencher.bench_local(|| {
        for stream in 0..streams {
            member.watchable.stall(StreamId(stream));
        }
        assert_eq!(member.put("k"), 0);
        for stream in 0..streams {
            member.watchable.flow(StreamId(stream), &member.store, &mut member.out);
        }
        for _ in 0..2 {
            member.watchable.pass(0, &member.store, &mut member.out);
        }
        let told = std::mem::take(&mut member.out).len();
        assert_eq!(told, watchers as usize);
    });
}
