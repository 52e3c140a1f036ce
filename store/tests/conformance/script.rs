//! The commands of a script.
//!
//! Besides requests (`parse.rs`):
//! ```text
//! route REQUEST                 how a member would serve it
//! admit BYTES COMMITTED APPLIED may a member propose a request of that size in that state?
//! errors                        all errors
//! changes                       how many changes the store holds, and how far history was removed
//! compact-step BUDGET           go on removing compacted history
//! hash [REVISION]               hash_kv
//! leases                        all leases with their keys
//! restart                       write a snapshot, start from it; watch streams break
//! elsewhere REQUEST             a request that this member did not apply
//! install                       this member gets the snapshot of those that did
//! defect NAME                   start over with a defect
//! stream ID [INTERVAL_MS]       open a watch stream at the present time
//! watch STREAM KEY ...          create a watch
//! cancel STREAM WATCH | progress STREAM | close STREAM
//! stall STREAM | flow STREAM    the client takes no more; it takes something again
//! cluster ...                   from here on a whole cluster (`cluster_script.rs`)
//! pass [AFTER_MS]               let time pass, then make a catch-up and progress pass
//! ```

use std::time::Duration;

use revline_store::api::{self, Request, Response, WatchCancelRequest, WatchRequest, WatchResponse};
use revline_store::defect::Defects;
use revline_store::error::Error;
use revline_store::lease::{self, LeaseAction};
use revline_store::mvcc::Store;
use revline_store::watch::{StreamId, WatchableStore};

use crate::cluster_script::ClusterScript;
use crate::parse::{self, Result, Words};
use crate::proxy_script::ProxyScript;
use crate::show;

/// A store and its watches, as one member has them.
pub struct Script {
    defects: Defects,
    store: Store,
    watchable: WatchableStore,
    /// The store of members that are ahead.
    elsewhere: Option<Store>,
    now_ms: u64,
    /// The last lease id that was chosen here.
    drawn_id: i64,
    frames: Vec<(StreamId, WatchResponse)>,
    /// A whole cluster, to which commands go from its start on.
    cluster: Option<ClusterScript>,
    /// A member behind a proxy, to which commands go from its start on.
    proxy: Option<ProxyScript>,
}

impl Script {
    pub fn new() -> Self {
        Script::with(Defects::NONE)
    }

    fn with(defects: Defects) -> Self {
        let store = Store::new(defects);
        let watchable = WatchableStore::new(defects, store.revision());
        Script {
            defects,
            store,
            watchable,
            elsewhere: None,
            now_ms: 0,
            drawn_id: 1000,
            frames: Vec::new(),
            cluster: None,
            proxy: None,
        }
    }

    /// Runs a command and gives its answer. Of a repeated one only the last answer of its own counts.
    pub fn run(&mut self, command: &[&str]) -> Result<Vec<String>> {
        let mut answer = Vec::new();
        for line in parse::expand(command[0])? {
            let mut lines = vec![line.as_str()];
            lines.extend(&command[1..]);
            answer = self.run_one(&lines)?;
        }
        answer.extend(show::watch_responses(&std::mem::take(&mut self.frames)));
        Ok(show::without_repetition(answer))
    }

    fn run_one(&mut self, lines: &[&str]) -> Result<Vec<String>> {
        let line = lines[0];
        let words = Words::of(line);
        if words.place(0)? == "cluster" {
            self.cluster = Some(ClusterScript::start(words)?);
            return Ok(Vec::new());
        }
        if words.place(0)? == "proxy" {
            self.proxy = Some(ProxyScript::start(words)?);
            return Ok(Vec::new());
        }
        if let Some(proxy) = &mut self.proxy {
            return proxy.run(lines);
        }
        if let Some(cluster) = &mut self.cluster {
            return cluster.run(lines);
        }
        match words.place(0)? {
            "route" => Ok(vec![route(&parse::request(&without_first_word(lines))?).to_owned()]),
            "admit" => {
                words.end(4)?;
                let unsigned = |index| words.place(index).and_then(parse::number::<u64>);
                let admitted =
                    api::admit(unsigned(1)? as usize, unsigned(2)?, unsigned(3)?, api::MAX_APPLY_GAP);
                Ok(vec![admitted.map_or_else(|e| show::error(&e), |()| "admitted".to_owned())])
            }
            "errors" => Ok(Error::ALL.iter().map(show::error).collect()),
            "changes" => {
                let (changes, finished) = (self.store.change_count(), self.store.finished_compact_revision());
                Ok(vec![format!(
                    "{changes} changes, compacted {}, removed up to {finished}",
                    self.store.compact_revision()
                )])
            }
            "compact-step" => {
                let more = self.store.compact_step(parse::number(words.place(1)?)?);
                Ok(vec![if more { "more to do" } else { "done" }.to_owned()])
            }
            "hash" => {
                let revision = words.place(1).map_or(Ok(0), parse::number)?;
                Ok(vec![match self.store.hash_kv(revision) {
                    Ok(kv) => format!(
                        "hash {:08x}, revision {}, compacted {}",
                        kv.hash, kv.revision, kv.compact_revision
                    ),
                    Err(error) => show::error(&error),
                }])
            }
            "grant" | "revoke" | "checkpoint" => Ok(self.change_leases(&parse::lease_action(words)?)),
            "leases" => Ok(show::leases(self.store.leases())),
            "restart" => self.replace_store(&self.store.snapshot(), true),
            "install" => {
                let ahead = self.elsewhere.take().ok_or("nothing happened elsewhere")?;
                self.replace_store(&ahead.snapshot(), false)
            }
            "elsewhere" => {
                let request = parse::request(&without_first_word(lines))?;
                let store = self.elsewhere.get_or_insert_with(|| self.store.clone());
                Ok(show_result(store.apply(&request).result))
            }
            "defect" => {
                let defect: revline_store::defect::Defect =
                    words.place(1)?.parse().map_err(|e| format!("{e}"))?;
                *self = Script::with(defect.into());
                Ok(Vec::new())
            }
            "stream" | "watch" | "cancel" | "progress" | "close" | "stall" | "flow" => {
                self.run_watch_command(words).map(|()| Vec::new())
            }
            "pass" => {
                self.now_ms += words.place(1).map_or(Ok(0), parse::number::<u64>)?;
                self.watchable.pass(self.now_ms, &self.store, &mut self.frames);
                Ok(Vec::new())
            }
            _ => Ok(self.serve(&parse::request(lines)?)),
        }
    }

    /// As a member does: check, then read or apply, then tell the watches.
    fn serve(&mut self, request: &Request) -> Vec<String> {
        if let Err(error) = api::validate(request) {
            return vec![show::error(&error)];
        }
        match request {
            Request::Range(range) => return show_result(self.store.range(range).map(Response::Range)),
            Request::Txn(txn) if txn.is_read_only() => {
                return show_result(self.store.read_txn(txn).map(Response::Txn));
            }
            _ => {}
        }
        let applied = self.store.apply(request);
        assert_eq!(applied.revision, self.store.revision());
        self.watchable.notify(&self.store, applied.revision, &applied.events, &mut self.frames);
        show_result(applied.result)
    }

    /// As a member whose election timeout is 1 s does. Ids that it chooses are 1001, 1002 ...
    fn change_leases(&mut self, action: &LeaseAction) -> Vec<String> {
        let action = match action {
            LeaseAction::Grant(grant) => {
                self.drawn_id += 1;
                let min_ttl_s = lease::min_ttl_s(Duration::from_secs(1));
                LeaseAction::Grant(lease::settle(grant, min_ttl_s, self.drawn_id))
            }
            other => other.clone(),
        };
        let applied = self.store.apply_lease(&action);
        assert_eq!(applied.revision, self.store.revision());
        self.watchable.notify(&self.store, applied.revision, &applied.events, &mut self.frames);
        match applied.result {
            Ok(response) => response.iter().map(show::lease_response).collect(),
            Err(error) => vec![show::error(&error)],
        }
    }

    fn replace_store(&mut self, snapshot: &[u8], restart: bool) -> Result<Vec<String>> {
        self.store = Store::restore(snapshot, self.defects).map_err(|error| error.to_string())?;
        if self.defects.is_empty() {
            assert_eq!(self.store.snapshot(), snapshot, "a snapshot of the restored store is the same");
        }
        if restart {
            self.watchable = WatchableStore::new(self.defects, self.store.revision());
        } else {
            self.watchable.restored(&self.store);
        }
        Ok(vec![format!("revision {}, compacted {}", self.store.revision(), self.store.compact_revision())])
    }

    fn run_watch_command(&mut self, words: Words<'_>) -> Result<()> {
        let stream = StreamId(parse::number(words.place(1)?)?);
        let request = match words.place(0)? {
            "stream" => {
                let interval_ms = words.place(2).map_or(Ok(600_000), parse::number)?;
                self.watchable.open_stream(stream, self.now_ms, interval_ms);
                return Ok(());
            }
            "close" => {
                self.watchable.close_stream(stream);
                return Ok(());
            }
            "stall" => {
                self.watchable.stall(stream);
                return Ok(());
            }
            "flow" => {
                self.watchable.flow(stream, &self.store, &mut self.frames);
                return Ok(());
            }
            "cancel" => WatchRequest::Cancel(WatchCancelRequest { watch_id: words.number(2)? }),
            "progress" => WatchRequest::Progress,
            _ => WatchRequest::Create(parse::watch(words)?),
        };
        self.watchable.handle(stream, &request, &self.store, &mut self.frames);
        Ok(())
    }
}

fn route(request: &Request) -> &'static str {
    match (request.is_read_only(), request.is_serializable()) {
        (false, _) => "proposed",
        (true, false) => "read after the read index",
        (true, true) => "read at once",
    }
}

fn show_result(result: std::result::Result<Response, Error>) -> Vec<String> {
    result.map_or_else(|error| vec![show::error(&error)], |response| show::response(&response))
}

fn without_first_word<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    let mut lines = lines.to_vec();
    lines[0] = lines[0].split_once(' ').map_or("", |(_, rest)| rest);
    lines
}
