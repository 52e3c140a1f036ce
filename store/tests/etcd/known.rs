//! Differences that are known: releases of etcd that answer otherwise, and those that the store keeps on purpose
//! (`docs/etcd-differences.md`).

use revline_store::api::{RangeRequest, Request, SortTarget};
use revline_store::frame::Call;
use serde_json::Value;

/// A difference.
pub struct Known {
    pub what: &'static str,
    /// The file of etcd, and the function.
    pub source: &'static str,
    /// The releases that differ; none for all.
    releases: &'static [&'static str],
    applies: fn(&Call, &Value, &Value) -> bool,
}

static KNOWN: [Known; 1] = [Known {
    what: "the order of keys that a sort finds equal",
    source: "server/etcdserver/apply.go, Range: Go's sort.Sort is not stable",
    releases: &[],
    applies: |call, ours, theirs| match call {
        Call::Kv(Request::Range(RangeRequest { sort_target, .. })) => {
            *sort_target != SortTarget::Key && ours["kvs"] != theirs["kvs"] && sorted(ours) == sorted(theirs)
        }
        _ => false,
    },
}];

fn sorted(answer: &Value) -> Vec<String> {
    let kvs = answer["kvs"].as_array().into_iter().flatten();
    let mut kvs: Vec<String> = kvs.map(Value::to_string).collect();
    kvs.sort();
    kvs
}

/// The difference that explains why two answers to a call differ.
pub fn explain(release: &str, call: &Call, ours: &Value, theirs: &Value) -> Option<&'static Known> {
    let of_release = |known: &&Known| known.releases.is_empty() || known.releases.contains(&release);
    KNOWN.iter().filter(of_release).find(|known| (known.applies)(call, ours, theirs))
}
