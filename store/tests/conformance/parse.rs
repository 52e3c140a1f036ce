//! Commands as text.
//!
//! ```text
//! put KEY VALUE [lease=N] [prev_kv] [ignore_value] [ignore_lease]
//! range KEY [END] [limit=N] [revision=N] [sort=ascend|descend|N] [by=key|version|create|mod|value|N]
//!       [serializable] [keys_only] [count_only] [min_mod=N] [max_mod=N] [min_create=N] [max_create=N]
//! delete KEY [END] [prev_kv]
//! compact REVISION [physical]
//! grant TTL [id=N] | revoke ID | checkpoint ID REMAINING_TTL
//! txn
//!   if version|create|mod|value|lease KEY [END] =|!=|>|< VALUE
//!   then COMMAND
//!   else COMMAND                (or `then empty`: an op that holds nothing; nested txns are indented)
//! ```
//! `""` is no bytes, `\0` and `\xff` are bytes, `x*9` is nine times x, and a line with `{1..9}` stands for
//! nine lines.

use revline_store::api::{
    CompactionRequest, Compare, CompareResult, CompareTarget, DeleteRangeRequest, FilterType,
    LeaseGrantRequest, LeaseRevokeRequest, PutRequest, RangeRequest, Request, RequestOp, SortOrder,
    SortTarget, TxnRequest, WatchCreateRequest,
};
use revline_store::bytes::Bytes;
use revline_store::lease::{LeaseAction, LeaseCheckpoint};

pub type Result<T> = std::result::Result<T, String>;

/// The words of a line, split into those that have a place and those that have a name.
pub struct Words<'a> {
    placed: Vec<&'a str>,
    named: Vec<(&'a str, &'a str)>,
}

impl<'a> Words<'a> {
    pub fn of(line: &'a str) -> Self {
        let mut words = Words { placed: Vec::new(), named: Vec::new() };
        for word in line.split_whitespace() {
            match word.split_once('=') {
                Some((name, value)) if !name.is_empty() && !value.is_empty() => {
                    words.named.push((name, value));
                }
                _ => words.placed.push(word),
            }
        }
        words
    }

    pub fn place(&self, index: usize) -> Result<&'a str> {
        self.placed.get(index).copied().ok_or_else(|| format!("word {} is missing", index + 1))
    }

    /// The placed words from there on.
    pub fn rest(&self, index: usize) -> Vec<&'a str> {
        self.placed.get(index..).unwrap_or_default().to_vec()
    }

    pub fn bytes(&self, index: usize) -> Result<Bytes> {
        bytes(self.place(index)?)
    }

    pub fn number(&self, index: usize) -> Result<i64> {
        number(self.place(index)?)
    }

    pub fn named(&mut self, name: &str) -> Option<&'a str> {
        let index = self.named.iter().position(|(n, _)| *n == name)?;
        Some(self.named.remove(index).1)
    }

    pub fn named_number(&mut self, name: &str) -> Result<i64> {
        self.named(name).map_or(Ok(0), number)
    }

    pub fn flag(&mut self, name: &str) -> bool {
        let index = self.placed.iter().position(|word| *word == name);
        index.map(|index| self.placed.remove(index)).is_some()
    }

    /// Nothing may be left that was not understood.
    pub fn end(&self, placed: usize) -> Result<()> {
        match (self.placed.get(placed), self.named.first()) {
            (Some(word), _) => Err(format!("`{word}` is not understood")),
            (None, Some((name, _))) => Err(format!("`{name}=` is not understood")),
            (None, None) => Ok(()),
        }
    }

    /// An optional range end, after which nothing may follow.
    pub fn range_end(&self, index: usize) -> Result<Bytes> {
        if self.placed.len() <= index {
            self.end(index)?;
            return Ok(Bytes::default());
        }
        self.end(index + 1)?;
        self.bytes(index)
    }
}

pub fn number<T: std::str::FromStr>(word: &str) -> Result<T> {
    word.parse().map_err(|_| format!("`{word}` is not a number"))
}

pub fn bytes(word: &str) -> Result<Bytes> {
    if word == "\"\"" {
        return Ok(Bytes::default());
    }
    if let Some((byte, count)) = word.split_once('*') {
        return Ok(byte.repeat(number(count)?).into());
    }
    let mut bytes = Vec::new();
    let mut rest = word;
    while let Some((plain, escape)) = rest.split_once('\\') {
        bytes.extend_from_slice(plain.as_bytes());
        if let Some(after) = escape.strip_prefix('0') {
            bytes.push(0);
            rest = after;
        } else {
            let hex = escape.strip_prefix('x').and_then(|hex| hex.split_at_checked(2));
            let (hex, after) = hex.ok_or_else(|| format!("bad escape in `{word}`"))?;
            bytes.push(u8::from_str_radix(hex, 16).map_err(|_| format!("bad escape in `{word}`"))?);
            rest = after;
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    Ok(bytes.into())
}

/// A line with `{1..3}` as three lines.
pub fn expand(line: &str) -> Result<Vec<String>> {
    let parts = line.split_once('{').and_then(|(before, rest)| {
        let (numbers, after) = rest.split_once('}')?;
        Some((before, numbers.split_once("..")?, after))
    });
    let Some((before, (first, last), after)) = parts else { return Ok(vec![line.to_owned()]) };
    let (first, last): (i64, i64) = (number(first)?, number(last)?);
    Ok((first..=last).map(|n| format!("{before}{n}{after}")).collect())
}

/// A request; a txn's lines follow its first one, indented.
pub fn request(lines: &[&str]) -> Result<Request> {
    let line = lines.first().ok_or("no command")?.trim();
    let mut words = Words::of(line);
    Ok(match words.place(0)? {
        "put" => Request::Put(put(words)?),
        "range" => Request::Range(range(words)?),
        "delete" => {
            let prev_kv = words.flag("prev_kv");
            let (key, range_end) = (words.bytes(1)?, words.range_end(2)?);
            Request::DeleteRange(DeleteRangeRequest { key, range_end, prev_kv })
        }
        "compact" => {
            let physical = words.flag("physical");
            words.end(2)?;
            Request::Compaction(CompactionRequest { revision: words.number(1)?, physical })
        }
        "txn" => {
            words.end(1)?;
            Request::Txn(txn(&lines[1..])?)
        }
        other => return Err(format!("unknown command `{other}`")),
    })
}

/// A change of leases as a client or the leader asks for it.
pub fn lease_action(mut words: Words<'_>) -> Result<LeaseAction> {
    Ok(match words.place(0)? {
        "grant" => {
            let id = words.named_number("id")?;
            words.end(2)?;
            LeaseAction::Grant(LeaseGrantRequest { ttl_s: words.number(1)?, id })
        }
        "revoke" => {
            words.end(2)?;
            LeaseAction::Revoke(LeaseRevokeRequest { id: words.number(1)? })
        }
        _ => {
            words.end(3)?;
            let (id, remaining_ttl_s) = (words.number(1)?, words.number(2)?);
            LeaseAction::Checkpoint(vec![LeaseCheckpoint { id, remaining_ttl_s }])
        }
    })
}

fn put(mut words: Words<'_>) -> Result<PutRequest> {
    let put = PutRequest {
        lease: words.named_number("lease")?,
        prev_kv: words.flag("prev_kv"),
        ignore_value: words.flag("ignore_value"),
        ignore_lease: words.flag("ignore_lease"),
        key: words.bytes(1)?,
        value: words.bytes(2)?,
    };
    words.end(3)?;
    Ok(put)
}

fn range(mut words: Words<'_>) -> Result<RangeRequest> {
    let sort_order = match words.named("sort") {
        None => SortOrder::None,
        Some("ascend") => SortOrder::Ascend,
        Some("descend") => SortOrder::Descend,
        Some(other) => SortOrder::Unrecognized(number(other)?),
    };
    let sort_target = match words.named("by") {
        None | Some("key") => SortTarget::Key,
        Some("version") => SortTarget::Version,
        Some("create") => SortTarget::Create,
        Some("mod") => SortTarget::Mod,
        Some("value") => SortTarget::Value,
        Some(other) => SortTarget::Unrecognized(number(other)?),
    };
    Ok(RangeRequest {
        limit: words.named_number("limit")?,
        revision: words.named_number("revision")?,
        sort_order,
        sort_target,
        serializable: words.flag("serializable"),
        keys_only: words.flag("keys_only"),
        count_only: words.flag("count_only"),
        min_mod_revision: words.named_number("min_mod")?,
        max_mod_revision: words.named_number("max_mod")?,
        min_create_revision: words.named_number("min_create")?,
        max_create_revision: words.named_number("max_create")?,
        key: words.bytes(1)?,
        range_end: words.range_end(2)?,
    })
}

fn txn(lines: &[&str]) -> Result<TxnRequest> {
    let mut txn = TxnRequest::default();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut rest = lines;
    while let Some((line, after)) = rest.split_first() {
        let nested = after.iter().take_while(|next| indent(next) > indent(line)).count();
        let (nested_lines, after) = after.split_at(nested);
        rest = after;
        for line in expand(line.trim())? {
            let (word, content) = line.split_once(' ').ok_or("if, then or else of what?")?;
            match word {
                "if" => txn.compare.push(compare(content)?),
                "then" => txn.success.push(op(content, nested_lines)?),
                "else" => txn.failure.push(op(content, nested_lines)?),
                other => return Err(format!("`{other}` in a txn")),
            }
        }
    }
    Ok(txn)
}

fn op(line: &str, nested: &[&str]) -> Result<RequestOp> {
    if line.trim() == "empty" {
        return Ok(RequestOp::Empty);
    }
    let mut lines = vec![line];
    lines.extend(nested);
    Ok(match request(&lines)? {
        Request::Range(range) => RequestOp::Range(range),
        Request::Put(put) => RequestOp::Put(put),
        Request::DeleteRange(delete) => RequestOp::DeleteRange(delete),
        Request::Txn(txn) => RequestOp::Txn(txn),
        Request::Compaction(_) => return Err("no compaction in a txn".to_owned()),
    })
}

fn compare(line: &str) -> Result<Compare> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let (field, key, range_end, result, value) = match words[..] {
        [field, key, result, value] => (field, key, "\"\"", result, value),
        [field, key, range_end, result, value] => (field, key, range_end, result, value),
        _ => return Err(format!("bad comparison `{line}`")),
    };
    let result = match result {
        "=" => CompareResult::Equal,
        "!=" => CompareResult::NotEqual,
        ">" => CompareResult::Greater,
        "<" => CompareResult::Less,
        other => return Err(format!("`{other}` does not compare")),
    };
    let target = match field {
        "version" => CompareTarget::Version(number(value)?),
        "create" => CompareTarget::CreateRevision(number(value)?),
        "mod" => CompareTarget::ModRevision(number(value)?),
        "value" => CompareTarget::Value(bytes(value)?),
        "lease" => CompareTarget::Lease(number(value)?),
        other => return Err(format!("`{other}` cannot be compared")),
    };
    Ok(Compare { key: bytes(key)?, range_end: bytes(range_end)?, result, target })
}

/// `watch STREAM KEY [END] [start=N] [id=N] [prev_kv] [progress_notify] [no_put] [no_delete] [fragment]
/// [require_leader]`
pub fn watch(mut words: Words<'_>) -> Result<WatchCreateRequest> {
    let mut filters = Vec::new();
    if words.flag("no_put") {
        filters.push(FilterType::NoPut);
    }
    if words.flag("no_delete") {
        filters.push(FilterType::NoDelete);
    }
    Ok(WatchCreateRequest {
        start_revision: words.named_number("start")?,
        watch_id: words.named_number("id")?,
        prev_kv: words.flag("prev_kv"),
        progress_notify: words.flag("progress_notify"),
        fragment: words.flag("fragment"),
        require_leader: words.flag("require_leader"),
        filters,
        key: words.bytes(2)?,
        range_end: words.range_end(3)?,
    })
}
