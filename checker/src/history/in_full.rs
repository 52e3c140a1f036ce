//! Puts the prefixes of namespaces back, so that all clients speak of the one key space.
//!
//! Namespaces are those of etcd's `client/v3/namespace`.

use super::*;
use std::borrow::Cow;

impl History {
    /// The history with every key, range end and name in full, at the same indexes. One without namespaces is what
    /// it is, at no cost.
    pub fn in_full(&self) -> Cow<'_, History> {
        if self.namespaces.is_empty() {
            return Cow::Borrowed(self);
        }
        let mut full = self.clone();
        let of = |client: ClientId| self.namespaces.get(&client).map(Prefix);
        for operation in &mut full.operations {
            let Some(prefix) = of(operation.client) else { continue };
            prefix.request(&mut operation.request);
            if let Outcome::Ok(response) = &mut operation.outcome {
                prefix.response(response);
            }
        }
        for watch in &mut full.watches {
            if let Some(prefix) = of(watch.client) {
                prefix.watch(watch);
            }
        }
        for hold in &mut full.holds {
            if let Some(prefix) = of(hold.client) {
                prefix.name(&mut hold.name);
                prefix.name(&mut hold.key);
            }
        }
        for observer in &mut full.observers {
            let Some(prefix) = of(observer.client) else { continue };
            prefix.name(&mut observer.name);
            observer.frames.iter_mut().for_each(|frame| prefix.name(&mut frame.kv.key));
        }
        Cow::Owned(full)
    }
}

/// The prefix of the keys of a namespace.
struct Prefix<'h>(&'h Bytes);

impl Prefix<'_> {
    /// Any key or name that there is.
    fn name(&self, name: &mut Bytes) {
        *name = Bytes::from([self.0.as_slice(), name.as_slice()].concat());
    }

    /// A key that is asked for. An empty one is none, in a namespace as without.
    fn key(&self, key: &mut Bytes) {
        if !key.is_empty() {
            self.name(key);
        }
    }

    /// `"\0"` is the end of the namespace: the first key behind all that begin with the prefix.
    fn range(&self, key: &mut Bytes, range_end: &mut Bytes) {
        self.key(key);
        if range_end.as_slice() == b"\0" {
            *range_end = behind(self.0);
        } else if !range_end.is_empty() {
            self.name(range_end);
        }
    }

    fn request(&self, request: &mut Request) {
        match request {
            Request::Range(range) => self.range(&mut range.key, &mut range.range_end),
            Request::Put(put) => self.key(&mut put.key),
            Request::Delete(delete) => self.range(&mut delete.key, &mut delete.range_end),
            Request::Txn(txn) => {
                let compares = txn.compare.iter_mut();
                compares.for_each(|compare| self.range(&mut compare.key, &mut compare.range_end));
                txn.success.iter_mut().chain(&mut txn.failure).for_each(|request| self.request(request));
            }
            Request::Lock(LockRequest::Lock { name, .. })
            | Request::Election(ElectionRequest::Campaign { name, .. } | ElectionRequest::Leader { name }) => {
                self.name(name)
            }
            Request::Lock(LockRequest::Unlock { key }) => self.key(key),
            Request::Election(
                ElectionRequest::Proclaim { leader, .. } | ElectionRequest::Resign { leader },
            ) => self.leader(leader),
            // Revisions, leases and users are everybody's.
            Request::Compact(_) | Request::Lease(_) | Request::Auth(_) => {}
        }
    }

    fn response(&self, response: &mut Response) {
        match response {
            Response::Range(range) => self.keys(&mut range.kvs),
            Response::Put(put) => self.keys(&mut put.prev_kv),
            Response::Delete(delete) => self.keys(&mut delete.prev_kvs),
            Response::Txn(txn) => txn.responses.iter_mut().for_each(|response| self.response(response)),
            Response::Lease(LeaseResponse::TimeToLive { keys, .. }) => {
                keys.iter_mut().for_each(|key| self.name(key));
            }
            Response::Lock(LockResponse::Lock { key, .. }) => self.name(key),
            Response::Election(ElectionResponse::Campaign { leader, .. }) => self.leader(leader),
            Response::Election(ElectionResponse::Leader { kv, .. }) => self.keys(kv),
            Response::Compact(_)
            | Response::Lease(_)
            | Response::Lock(_)
            | Response::Election(_)
            | Response::Auth(_) => {}
        }
    }

    fn keys<'k>(&self, kvs: impl IntoIterator<Item = &'k mut KeyValue>) {
        kvs.into_iter().for_each(|kv| self.name(&mut kv.key));
    }

    fn leader(&self, leader: &mut LeaderKey) {
        self.name(&mut leader.name);
        self.key(&mut leader.key);
    }

    fn watch(&self, watch: &mut Watch) {
        let request = &mut watch.request;
        if request.key.is_empty() {
            request.key = "\0".into();
        }
        self.range(&mut request.key, &mut request.range_end);
        for event in watch.frames.iter_mut().flat_map(|frame| &mut frame.events) {
            self.name(&mut event.kv.key);
            self.keys(&mut event.prev_kv);
        }
    }
}

/// The first key behind all that begin with a prefix: the last byte that can be is one higher, and nothing follows it.
/// `"\0"`, no end at all, where there is no such byte.
fn behind(prefix: &Bytes) -> Bytes {
    let prefix = prefix.as_slice();
    match prefix.iter().rposition(|byte| *byte != u8::MAX) {
        Some(at) => {
            let mut end = prefix[..=at].to_vec();
            end[at] += 1;
            Bytes::from(end)
        }
        None => "\0".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::build::*;

    #[test]
    fn the_end_of_a_namespace_carries() {
        for (prefix, end) in
            [(&b"a/"[..], &b"a0"[..]), (b"a\xff\xff", b"b"), (b"\xff\xff", b"\0"), (b"\0", b"\x01")]
        {
            assert_eq!(behind(&prefix.into()).as_slice(), end);
        }
    }

    #[test]
    fn a_history_without_namespaces_is_what_it_is() {
        let mut h = Builder::default();
        h.ok(0, put("a", "1"), written(2));
        assert!(matches!(h.build().in_full(), Cow::Borrowed(_)));
    }

    /// The same history twice: client 1 below `n/`, and client 0 without a namespace.
    fn both(tell: impl Fn(&mut Builder, u32, &str, &str)) -> (History, History) {
        let mut inside = Builder::default();
        inside.namespace(1, "n/");
        tell(&mut inside, 1, "", "\0");
        tell(&mut inside, 0, "n/", "n0");
        let mut outside = Builder::default();
        outside.namespace(1, "n/");
        tell(&mut outside, 1, "n/", "n0");
        tell(&mut outside, 0, "n/", "n0");
        (inside.build(), outside.build())
    }

    #[test]
    fn every_key_end_and_name_gets_the_prefix() {
        let (inside, outside) = both(|h, client, n, end| {
            let key = |key: &str| format!("{n}{key}");
            let shown = || kv(&key("a"), "1", 2, 2, 1);
            h.ok(client, put(&key("a"), "1"), written(2));
            h.ok(client, range(&key("a"), &key("b")), ranged(2, [shown()]));
            h.ok(client, range(&key("a"), end), ranged(2, [shown()]));
            h.ok(client, delete_range(&key("c"), end), deleted(2, 0));
            let nested = txn([unmodified_since(&key("a"), 2)], [get(&key("a"))], [delete(&key("b"))]);
            let inner = decided(0, true, [ranged(2, [shown()])]);
            let request = txn([unmodified_since(&key("b"), 0)], [nested], [put(&key("a"), "2")]);
            h.ok(client, request, decided(2, true, [inner]));
            h.ok(client, lock(&key("l"), 7), locked(3, &key("l/7")));
            h.ok(client, unlock(&key("l/7")), unlocked(4));
            let leads = || leader_key(&key("e"), 7, 5);
            h.ok(client, campaign(&key("e"), 7, "me"), elected(5, leads()));
            h.ok(client, proclaim(leads(), "you"), proclaimed(6));
            h.ok(client, leader(&key("e")), led(6, kv(&key("e/7"), "you", 5, 6, 2)));
            h.ok(client, time_to_live(7), lives(6, 7, 9, 10, &[&key("e/7")]));
            h.ok(client, resign(leads()), resigned(7));
            h.unknown(client, delete(&key("a")));
            let watch = h.watch(client, watching(&key("\0"), end, 2));
            h.created(watch, 1);
            let event = Event { prev_kv: Some(shown()), ..delete_event(&key("a"), 8) };
            h.events(watch, [put_event(shown()), event]);
            h.hold(client, lock_hold(&key("l"), &key("l/7"), 7, 3), 10, None);
            let observer = h.observe(client, &key("e"));
            h.observed(observer, 5, kv(&key("e/7"), "me", 5, 5, 1));
        });
        let full = inside.in_full();
        assert_eq!(full.operations, outside.operations);
        assert_eq!(full.watches, outside.watches);
        assert_eq!((&full.holds, &full.observers), (&outside.holds, &outside.observers));
    }

    #[test]
    fn no_key_stays_none_but_a_watch_begins_with_the_first() {
        let mut h = Builder::default();
        h.namespace(0, "n/");
        h.failed(0, put("", "1"), "InvalidArgument", "etcdserver: key is not provided");
        h.failed(0, resign(LeaderKey::default()), "InvalidArgument", "etcdserver: key is not provided");
        h.watch(0, watching("", "\0", 0));
        let history = h.build();
        let full = history.in_full();
        assert_eq!(full.operations[0].request, put("", "1"));
        let nobody = LeaderKey { name: "n/".into(), ..LeaderKey::default() };
        assert_eq!(full.operations[1].request, resign(nobody));
        assert_eq!(full.watches[0].request, watching("n/\0", "n0", 0));
    }
}
