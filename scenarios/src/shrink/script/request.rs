//! Requests in the words of a test.

use revline_checker::bytes::Bytes;
use revline_checker::history::{
    CompactRequest, Compare, CompareTarget, DeleteRequest, LeaseRequest, PutRequest, RangeRequest, Request,
    TxnRequest,
};

/// The call of a client that makes this request, if there is one.
pub(super) fn call(request: &Request) -> Option<String> {
    Some(match request {
        Request::Put(put) => self::put(put)?,
        Request::Range(range) => self::range(range)?,
        Request::Delete(delete) => self::delete(delete)?,
        Request::Txn(txn) => format!("txn({})", self::txn(txn)?),
        Request::Compact(CompactRequest { revision, physical: _ }) => format!("compact({revision})"),
        Request::Lease(lease) => match lease {
            LeaseRequest::Grant { id, ttl_s } => format!("grant_with_id({id}, {ttl_s})"),
            LeaseRequest::Revoke { id } => format!("revoke({id})"),
            LeaseRequest::KeepAlive { id } => format!("keep_alive_once({id})"),
            LeaseRequest::TimeToLive { id, keys } => format!("time_to_live({id}, {keys})"),
            LeaseRequest::Leases => "leases()".to_owned(),
        },
        Request::Lock(_) | Request::Election(_) | Request::Auth(_) => return None,
    })
}

/// The options of a watch beside the keys and the first revision.
#[derive(Default)]
pub(super) struct WatchExtras {
    pub prev_kv: bool,
    pub no_put: bool,
    pub no_delete: bool,
    pub fragment: bool,
    pub watch_id: i64,
}

/// The call that begins a watch.
pub(super) fn watch(key: &str, range_end: &str, start_revision: i64, extras: WatchExtras) -> String {
    let yes = |is: bool| is.then(|| "true".to_owned());
    let options = options(
        "WatchOptions",
        &[
            ("start_revision", (start_revision != 0).then(|| start_revision.to_string())),
            ("prev_kv", yes(extras.prev_kv)),
            ("no_put", yes(extras.no_put)),
            ("no_delete", yes(extras.no_delete)),
            ("fragment", yes(extras.fragment)),
            ("watch_id", (extras.watch_id != 0).then(|| extras.watch_id.to_string())),
        ],
    );
    format!("watch({key:?}, {range_end:?}, {options})")
}

fn put(put: &PutRequest) -> Option<String> {
    let plain = PutRequest {
        key: put.key.clone(),
        value: put.value.clone(),
        lease: put.lease,
        ..PutRequest::default()
    };
    let (key, value) = (text(&put.key)?, text(&put.value)?);
    (plain == *put).then(|| match put.lease {
        0 => format!("put({key}, {value})"),
        lease => format!("put_with_lease({key}, {value}, {lease})"),
    })
}

fn range(range: &RangeRequest) -> Option<String> {
    let RangeRequest { key, range_end, limit, revision, serializable, .. } = range;
    let plain = RangeRequest {
        key: key.clone(),
        range_end: range_end.clone(),
        limit: *limit,
        revision: *revision,
        serializable: *serializable,
        ..RangeRequest::default()
    };
    let extent = Extent::of(key, range_end).filter(|_| plain == *range)?;
    let number = |number: i64| (number != 0).then(|| number.to_string());
    let mut fields = extent.fields();
    fields.extend([
        ("serializable", serializable.then(|| "true".to_owned())),
        ("revision", number(*revision)),
        ("limit", number(*limit)),
    ]);
    let key = text(key)?;
    Some(if fields.iter().all(|(_, value)| value.is_none()) {
        format!("get({key})")
    } else {
        format!("get_with({key}, {})", options("GetOptions", &fields))
    })
}

fn delete(delete: &DeleteRequest) -> Option<String> {
    let extent = Extent::of(&delete.key, &delete.range_end).filter(|_| !delete.prev_kv)?;
    Some(format!("delete({}, {})", text(&delete.key)?, options("DeleteOptions", &extent.fields())))
}

/// The keys that a request is about.
enum Extent {
    One,
    Prefix,
    FromKey,
}

impl Extent {
    fn of(key: &Bytes, range_end: &Bytes) -> Option<Extent> {
        let mut end = key.as_slice().to_vec();
        if let Some(last) = end.last_mut() {
            *last = last.checked_add(1)?;
        }
        match range_end.as_slice() {
            [] => Some(Extent::One),
            [0] => Some(Extent::FromKey),
            other if other == end => Some(Extent::Prefix),
            _ => None,
        }
    }

    fn fields(&self) -> Vec<(&'static str, Option<String>)> {
        let yes = |is: bool| is.then(|| "true".to_owned());
        vec![
            ("prefix", yes(matches!(self, Extent::Prefix))),
            ("from_key", yes(matches!(self, Extent::FromKey))),
        ]
    }
}

fn txn(txn: &TxnRequest) -> Option<String> {
    let list = |field: &'static str, items: Option<Vec<String>>| {
        let items = items?;
        Some((field, (!items.is_empty()).then(|| format!("vec![{}]", items.join(", ")))))
    };
    Some(options(
        "TxnRequest",
        &[
            list("compare", txn.compare.iter().map(compare).collect())?,
            list("success", txn.success.iter().map(operation).collect())?,
            list("failure", txn.failure.iter().map(operation).collect())?,
        ],
    ))
}

fn compare(compare: &Compare) -> Option<String> {
    let Compare { key, range_end, result, target } = compare;
    let target = match target {
        CompareTarget::Value(value) => format!("Value({}.into())", text(value)?),
        other => format!("{other:?}"),
    };
    Some(format!(
        "Compare {{ key: {}.into(), range_end: {}.into(), result: CompareResult::{result:?}, target: CompareTarget::{target} }}",
        text(key)?,
        text(range_end)?
    ))
}

/// An operation within a txn.
fn operation(request: &Request) -> Option<String> {
    let into =
        |bytes: &Bytes| Some((!bytes.as_slice().is_empty()).then_some(format!("{}.into()", text(bytes)?)));
    let (kind, fields) = match request {
        Request::Put(put) if self::put(put).is_some() && put.lease == 0 => {
            ("Put(PutRequest", vec![("key", into(&put.key)?), ("value", into(&put.value)?)])
        }
        Request::Range(range) if self::range(range).is_some() && range.limit == 0 && range.revision == 0 => {
            ("Range(RangeRequest", vec![("key", into(&range.key)?), ("range_end", into(&range.range_end)?)])
        }
        Request::Delete(delete) if !delete.prev_kv => (
            "DeleteRange(DeleteRangeRequest",
            vec![("key", into(&delete.key)?), ("range_end", into(&delete.range_end)?)],
        ),
        _ => return None,
    };
    let (variant, name) = kind.split_once('(')?;
    Some(format!("RequestOp::{variant}({})", options(name, &fields)))
}

/// A struct with these fields, where they are not as by default.
fn options(name: &str, fields: &[(&str, Option<String>)]) -> String {
    let set: Vec<String> =
        fields.iter().filter_map(|(field, value)| Some(format!("{field}: {}", value.as_ref()?))).collect();
    match set.is_empty() {
        true => format!("{name}::default()"),
        false => format!("{name} {{ {}, ..{name}::default() }}", set.join(", ")),
    }
}

/// Bytes that are text, quoted.
fn text(bytes: &Bytes) -> Option<String> {
    Some(format!("{:?}", bytes.as_str()?))
}
