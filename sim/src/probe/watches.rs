//! A probe of many watches: of ranges inside one another, on one stream, of which some are canceled.

use super::{Unserved, refused};
use crate::client::{Client, WatchItem, WatchOptions, WatchStream};
use revline_store::api::{PutRequest, RequestOp, TxnRequest};
use std::collections::{BTreeMap, BTreeSet};

/// The number of keys, and of watches: each begins at a key of its own.
const KEYS: usize = 14;

/// The id of the first watch, which is none that the server would choose first: it has to leave it out.
const OWN_ID: i64 = 2;

/// Creates watches, cancels some, and writes before and after it: true events for each that is left.
pub(super) async fn many_watches(client: &Client, prefix: &str) -> Result<(), Unserved> {
    let start_revision = 1 + client.put(prefix, "to be watched").await?.header.revision;
    let mut stream = client.watch_stream();
    let mut wanted = BTreeMap::new();
    for first in 0..KEYS {
        let end = first + 1 + (5 * first) % (KEYS - first);
        let watch_id = if first == 0 { OWN_ID } else { 0 };
        let options = WatchOptions { start_revision, watch_id, ..WatchOptions::default() };
        let number = stream.watch(key(prefix, first), key(prefix, end), options);
        wanted.insert(number, (first..end).map(|of| key(prefix, of).into_bytes()).collect());
    }
    write_all(client, prefix).await?;
    see(&mut stream, wanted.clone()).await?;
    let canceled: Vec<u32> = wanted.keys().copied().filter(|number| number % 3 == 1).collect();
    for number in canceled {
        stream.cancel(number);
        wanted.remove(&number);
    }
    write_all(client, prefix).await?;
    see(&mut stream, wanted).await
}

fn key(prefix: &str, of: usize) -> String {
    format!("{prefix}/{of:02}")
}

/// Writes every key, in one revision.
async fn write_all(client: &Client, prefix: &str) -> Result<(), Unserved> {
    let put = |of| RequestOp::Put(PutRequest { key: key(prefix, of).into(), ..PutRequest::default() });
    let success = (0..KEYS).map(put).collect();
    client.txn(TxnRequest { success, ..TxnRequest::default() }).await?;
    Ok(())
}

/// Waits until each watch has shown an event of each of its keys.
async fn see(stream: &mut WatchStream, mut wanted: BTreeMap<u32, BTreeSet<Vec<u8>>>) -> Result<(), Unserved> {
    while !wanted.is_empty() {
        match stream.next().await {
            Some((Some(number), WatchItem::Events(events))) => {
                let Some(keys) = wanted.get_mut(&number) else { continue };
                events.iter().for_each(|event| _ = keys.remove(event.kv.key.as_slice()));
                if keys.is_empty() {
                    wanted.remove(&number);
                }
            }
            Some((_, WatchItem::Refused(why))) => return Err(refused(&why)),
            Some((_, WatchItem::Events(_) | WatchItem::Progress(_) | WatchItem::Compacted(_))) => {}
            None => return Err(Unserved::Failed),
        }
    }
    Ok(())
}
