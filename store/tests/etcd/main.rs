//! The store beside a running etcd: the same random requests to both, and the same answers from both.
//!
//! Runs where there is an `etcd` on the `PATH`, or where `REVLINE_ETCD` names one; elsewhere it says so and passes.
//! `REVLINE_ETCD_REQUESTS` says how many requests (2 000 if it says nothing), `REVLINE_ETCD_SEED` which ones:
//!
//! ```text
//! REVLINE_ETCD_REQUESTS=100000 cargo test -p revline-store --release --test etcd -- --nocapture
//! ```
//!
//! Both get ranges, puts, deletions, txns, compactions, hashes, leases, and locks and campaigns that need not wait, all
//! over a few keys; and watches, whose events are compared whenever all that was written was told.

#![allow(clippy::disallowed_methods, reason = "talks to a real process, by a real clock")]
#![allow(clippy::disallowed_macros, reason = "tells what it compared, and why it did not")]

mod base64;
mod draw;
#[path = "../harness/mod.rs"]
mod harness;
mod http;
mod known;
mod process;
mod watches;
mod websocket;
mod wire;

use draw::{Draw, Now};
use harness::cluster::Cluster;
use http::Http;
use process::{Process, program};
use revline_store::api::{
    CampaignRequest, CompactionRequest, ElectionRequest, LeaseRequest, LockRequest, MaintenanceRequest,
    PutRequest, RangeRequest, Request, RequestOp, TxnRequest,
};
use revline_store::concurrency::{first_created, ownership_key};
use revline_store::frame::Call;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use watches::{SENTINEL, Watches};

/// The number of requests between two comparisons of all watches.
const CALLS_PER_ROUND: u64 = 50;

struct Both {
    cluster: Cluster,
    http: Http,
    release: String,
    watches: Watches,
    /// By difference, how often it was met.
    known: BTreeMap<&'static str, (&'static str, u64)>,
    unknown: Vec<String>,
    /// Revisions at which a key was deleted and put at once: etcd loses it when it is compacted there.
    rewritten: BTreeSet<i64>,
    compared: u64,
}

impl Both {
    fn new(etcd: &Process) -> Both {
        let mut cluster = Cluster::new(1, |_| {});
        cluster.elect(1);
        let http = Http::connect(&etcd.host).expect("etcd takes connections");
        let watches = Watches::open(&etcd.host, &mut cluster);
        let release = etcd.release.clone();
        Both {
            cluster,
            http,
            release,
            watches,
            known: BTreeMap::new(),
            unknown: Vec::new(),
            rewritten: BTreeSet::new(),
            compared: 0,
        }
    }

    fn now(&self) -> Now {
        let store = self.cluster.member(1).store();
        Now { revision: store.revision(), compacted: store.compact_revision() }
    }

    /// Makes a call on both sides, and compares the answers. False if it was left out.
    fn call(&mut self, call: Call) -> bool {
        if !self.is_comparable(&call) {
            return false;
        }
        let (path, body) = wire::request(&call);
        let mut theirs = wire::plain(self.http.post(path, &body));
        let made = self.cluster.call(1, call.clone());
        for _ in 0..100 {
            if self.cluster.reply(made).is_some() {
                break;
            }
            self.cluster.ticks(1);
        }
        let result = self.cluster.reply(made).cloned();
        self.cluster.node(1).replies.clear();
        let Some(result) = result else { panic!("not answered: {call:?}, by etcd with {theirs}") };
        let mut ours = wire::answer(&call, &result);
        forget_time(&call, &mut ours);
        forget_time(&call, &mut theirs);
        if let Call::Kv(Request::Txn(txn)) = &call
            && nests_or_is_open_ended(txn)
        {
            self.rewritten.insert(self.now().revision);
        }
        self.compare(&format!("{path} {body}"), Some(&call), ours, theirs);
        true
    }

    fn compare(&mut self, what: &str, call: Option<&Call>, ours: Value, theirs: Value) {
        self.compared += 1;
        if ours == theirs {
            return;
        }
        match call.and_then(|call| known::explain(&self.release, call, &ours, &theirs)) {
            Some(known) => self.known.entry(known.what).or_insert((known.source, 0)).1 += 1,
            None => {
                let Now { revision, compacted } = self.now();
                self.unknown.push(format!(
                    "at revision {revision}, compacted {compacted}: {what}\n  ours:   {ours}\n  theirs: {theirs}"
                ));
            }
        }
    }

    /// True if both sides answer at once and for good, and etcd stays in one piece.
    fn is_comparable(&self, call: &Call) -> bool {
        match call {
            Call::Lock(LockRequest::Lock(lock)) => self.is_free(lock.name.as_slice(), lock.lease),
            Call::Election(ElectionRequest::Campaign(CampaignRequest { name, lease, .. })) => {
                self.is_free(name.as_slice(), *lease)
            }
            Call::Kv(Request::Compaction(compaction)) => !self.rewritten.contains(&compaction.revision),
            // etcd panics over a put that keeps the value or lease of a key that the same txn deleted.
            Call::Kv(Request::Txn(txn)) => !nests_or_is_open_ended(txn) || !keeps(txn),
            // Served to members alone.
            Call::Maintenance(MaintenanceRequest::HashKv { .. }) => self.release != "3.4",
            _ => true,
        }
    }

    /// True if no other lease's key stands first for the name.
    fn is_free(&self, name: &[u8], lease: i64) -> bool {
        let first = self.cluster.member(1).store().range(&first_created(name));
        let first = first.expect("the present is never compacted").kvs.into_iter().next();
        first.is_none_or(|first| first.key == ownership_key(name, lease))
    }

    /// Compares the events of all watches.
    fn settle(&mut self) {
        let put = PutRequest { key: SENTINEL.into(), ..PutRequest::default() };
        self.call(Call::Kv(Request::Put(put)));
        let revision = self.now().revision;
        let [mut ours, mut theirs] = self.watches.settle(&mut self.cluster, revision);
        let ids: BTreeSet<i64> = ours.keys().chain(theirs.keys()).copied().collect();
        for id in ids {
            let told = [&mut ours, &mut theirs].map(|told| told.remove(&id).unwrap_or(Value::Null));
            let [ours, theirs] = told;
            self.compare(&format!("watch {id}"), None, ours, theirs);
        }
    }

    fn watch(&mut self, draw: &mut Draw) {
        match draw.below(10) {
            0..=5 if self.watches.open.len() < 20 => {
                let id = self.watches.next_id(draw);
                let create = draw.watch(self.now(), id);
                self.watches.create(&mut self.cluster, create);
            }
            6..=8 if !self.watches.open.is_empty() => {
                self.settle();
                let open = &self.watches.open;
                let Some(id) = open.get(draw.below(open.len().max(1) as u64) as usize).copied() else {
                    return;
                };
                self.watches.cancel(&mut self.cluster, id);
            }
            // 3.4 answers at once, even if there are events left to tell.
            _ if self.release != "3.4" => {
                self.settle();
                let (ours, theirs) = self.watches.ask_progress(&mut self.cluster);
                self.compare("progress", None, json!(ours), json!(theirs));
            }
            _ => {}
        }
    }

    fn compact(&mut self, draw: &mut Draw) {
        // The past events of a watch depend on their being compacted or not when they are sent.
        self.settle();
        let Now { revision, compacted } = self.now();
        let revision = match draw.below(8) {
            0 => revision + 1,
            1 => compacted.max(1),
            2 => revision,
            _ => revision - draw.below(40) as i64,
        };
        let compaction = CompactionRequest { revision: revision.max(1), physical: true };
        self.call(Call::Kv(Request::Compaction(compaction)));
    }

    /// Everything that is there, for the case that an answer hid it.
    fn look_at_everything(&mut self) {
        let all = RangeRequest { key: "\0".into(), range_end: "\0".into(), ..RangeRequest::default() };
        self.call(Call::Kv(Request::Range(all)));
    }
}

/// True if a txn may change one key more than once.
fn nests_or_is_open_ended(txn: &TxnRequest) -> bool {
    txn.success.iter().chain(&txn.failure).any(|op| match op {
        RequestOp::DeleteRange(delete) => delete.range_end.as_slice() == [0],
        RequestOp::Txn(_) => true,
        _ => false,
    })
}

/// True if a put of a txn keeps a value or a lease.
fn keeps(txn: &TxnRequest) -> bool {
    txn.success.iter().chain(&txn.failure).any(|op| match op {
        RequestOp::Put(put) => put.ignore_value || put.ignore_lease,
        RequestOp::Txn(txn) => keeps(txn),
        _ => false,
    })
}

/// Takes out fields that depend on the time of the call, and orders lists that come in the order of time, or in none.
fn forget_time(call: &Call, answer: &mut Value) {
    let Call::Lease(request) = call else { return };
    match request {
        LeaseRequest::TimeToLive(_) => {
            if answer["TTL"] != "-1" {
                answer["TTL"] = Value::Null;
            }
            // etcd keeps the keys of a lease in a map, and lists them in any order.
            if let Some(keys) = answer.get_mut("keys").and_then(Value::as_array_mut) {
                keys.sort_by_key(Value::to_string);
            }
        }
        LeaseRequest::Leases(_) => {
            if let Some(leases) = answer.get_mut("leases").and_then(Value::as_array_mut) {
                leases.sort_by_key(Value::to_string);
            }
        }
        _ => {}
    }
}

fn number(variable: &str, otherwise: u64) -> u64 {
    let text = std::env::var(variable).ok();
    text.map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{variable} is no number: {text}")))
}

#[test]
fn a_running_etcd_answers_alike() {
    let Some(program) = program() else {
        println!("skipped: there is no etcd on the PATH, and REVLINE_ETCD names none");
        return;
    };
    let requests = number("REVLINE_ETCD_REQUESTS", 2_000);
    let mut draw = Draw::new(number("REVLINE_ETCD_SEED", 1));
    let etcd = Process::start(&program);
    let mut both = Both::new(&etcd);
    let mut made = 0;
    while made < requests && both.unknown.len() < 20 {
        match draw.below(1000) {
            0..=14 => both.watch(&mut draw),
            15..=19 => both.compact(&mut draw),
            _ => {
                let call = draw.call(both.now());
                if !both.call(call) {
                    continue;
                }
            }
        }
        made += 1;
        if made % CALLS_PER_ROUND == 0 {
            both.settle();
            both.look_at_everything();
        }
    }
    both.settle();
    println!("{made} requests to etcd {}, {} answers compared", both.release, both.compared);
    for (what, (source, times)) in &both.known {
        println!("{times} times {what} ({source})");
    }
    assert!(both.unknown.is_empty(), "{} differences:\n{}", both.unknown.len(), both.unknown.join("\n"));
}
