//! A cache of all keys that a watch keeps up to date.

use crate::error::Error;
use crate::keys::{ASSIGNED, DONE, INSTANCES, JOBS, ROOT};
use crate::patience::{before_retry, in_time};
use etcd_client::{Client, EventType, GetOptions, KeyValue, WatchOptions, WatchResponse};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::timeout;

/// The time after which a watch that tells nothing is asked for its progress.
const QUIET: Duration = Duration::from_secs(2);

/// The keys of the scheduler, as one instance sees them.
#[derive(Debug, Default)]
pub struct Cache(watch::Sender<Arc<View>>);

/// The keys at a revision.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// The revision up to which all changes are in; 0 if nothing was read yet.
    revision: i64,
    keys: BTreeMap<String, Entry>,
}

/// A key's value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The value.
    pub value: String,
    /// The revision of its last change.
    pub revision: i64,
}

impl Cache {
    /// A receiver of views: it skips those that are out of date.
    pub fn views(&self) -> watch::Receiver<Arc<View>> {
        self.0.subscribe()
    }

    /// Follows the keys, through broken streams and compactions.
    pub async fn follow(&self, client: &Client) -> Error {
        loop {
            let Err(error) = self.follow_once(client).await;
            if let Error::Compacted = error {
                // What changed in between is not told any more: everything is read anew.
                self.0.send_modify(|view| Arc::make_mut(view).revision = 0);
            }
            if let Err(error) = before_retry(error).await {
                return error;
            }
        }
    }

    async fn follow_once(&self, client: &Client) -> Result<Infallible, Error> {
        let known = self.0.borrow().revision;
        if known == 0 {
            self.read(client).await?;
        }
        let from = match cfg!(feature = "forgetful-cache") && known != 0 {
            // The mistake: a stream that broke is followed by one from now on, and what happened in between is missed.
            true => 0,
            false => self.0.borrow().revision + 1,
        };
        let options = WatchOptions::new().with_prefix().with_start_revision(from);
        let mut changes = in_time(client.watch_client().watch(ROOT, Some(options))).await?;
        let mut is_asked = false;
        loop {
            match timeout(QUIET, changes.message()).await {
                // A connection that is cut tells nothing, and does not end.
                Err(_) if is_asked => return Err(Error::Late),
                Err(_) => {
                    in_time(changes.request_progress()).await?;
                    is_asked = true;
                }
                Ok(told) => {
                    let told = told?.ok_or_else(|| Error::StreamEnded("watch".to_owned()))?;
                    self.apply(&told)?;
                    is_asked = false;
                }
            }
        }
    }

    async fn read(&self, client: &Client) -> Result<(), Error> {
        let all = GetOptions::new().with_prefix();
        let read = in_time(client.kv_client().get(ROOT, Some(all))).await?;
        let revision = read.header().ok_or(Error::Incomplete("header"))?.revision();
        let keys = read.kvs().iter().map(entry).collect();
        self.0.send_replace(Arc::new(View { revision, keys }));
        Ok(())
    }

    fn apply(&self, told: &WatchResponse) -> Result<(), Error> {
        if told.canceled() {
            let reason = told.cancel_reason().to_owned();
            return Err(if told.compact_revision() > 0 {
                Error::Compacted
            } else {
                Error::StreamEnded(reason)
            });
        }
        if told.events().is_empty() {
            return Ok(());
        }
        self.0.send_modify(|view| {
            let view = Arc::make_mut(view);
            for event in told.events() {
                let Some(kv) = event.kv() else { continue };
                view.revision = kv.mod_revision();
                let (key, entry) = entry(kv);
                match event.event_type() {
                    EventType::Put => view.keys.insert(key, entry),
                    EventType::Delete => view.keys.remove(&key),
                };
            }
        });
        Ok(())
    }
}

fn entry(kv: &KeyValue) -> (String, Entry) {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    (text(kv.key()), Entry { value: text(kv.value()), revision: kv.mod_revision() })
}

impl View {
    /// The keys below a prefix, without it.
    fn below<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a Entry)> {
        let from = self.keys.range(prefix.to_owned()..);
        from.map_while(move |(key, entry)| Some((key.strip_prefix(prefix)?, entry)))
    }

    /// The instances that live.
    pub fn instances(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.below(INSTANCES)
    }

    /// The jobs that are not done.
    pub fn open_jobs(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.below(JOBS).filter(|(id, _)| !self.keys.contains_key(&format!("{DONE}{id}")))
    }

    /// The assignment of a job.
    pub fn assignment(&self, id: &str) -> Option<&Entry> {
        self.keys.get(&format!("{ASSIGNED}{id}"))
    }
}
