//! The watch service: several watches on one stream, filters, cancellation, progress, and streams that break.

use crate::stage::{Stage, in_each_trouble};
use etcd_client::{
    DeleteOptions, Error, Event, EventType, PutOptions, Txn, TxnOp, WatchFilterType, WatchOptions,
    WatchResponse, WatchStream,
};
use revline::TestError;
use revline::prelude::*;

/// The next message, which is there in calm water.
async fn message(stream: &mut WatchStream) -> Result<WatchResponse, Error> {
    stream.message().await?.ok_or_else(|| Error::WatchError("the stream ended".to_owned()))
}

/// Opens a stream with one watch, once that is created.
async fn created(stage: &Stage, key: &str, options: WatchOptions) -> Result<(WatchStream, i64), Error> {
    let open = stage.call(async |etcd| {
        let mut stream = etcd.watch(key, Some(options.clone())).await?;
        // A member that is cut off may answer when the cut is over.
        let first = stream.message().await?;
        Ok(first.map(|first| (stream, first)))
    });
    let (stream, first) = open.await?.into_inner().ok_or(Error::WatchError("it ended".to_owned()))?;
    assert!(first.created() && !first.canceled(), "{first:?}");
    Ok((stream, first.watch_id()))
}

fn shown(events: &[Event]) -> Vec<(EventType, &str, &str)> {
    events
        .iter()
        .map(|event| {
            let kv = event.kv().expect("an event has a key");
            let text = |bytes| std::str::from_utf8(bytes).expect("it is text");
            (event.event_type(), text(kv.key()), text(kv.value()))
        })
        .collect()
}

/// A watch of a prefix that goes on after its stream broke, from the revision after the last one that it showed.
pub struct Follower<'a> {
    stage: &'a Stage,
    options: WatchOptions,
    next_revision: i64,
    stream: Option<WatchStream>,
}

impl<'a> Follower<'a> {
    /// A watch of `k`, and what the options add, from this revision on.
    pub fn new(stage: &'a Stage, options: WatchOptions, next_revision: i64) -> Follower<'a> {
        Follower { stage, options, next_revision, stream: None }
    }

    /// The events of the next message that has any.
    pub async fn next(&mut self) -> Result<Vec<Event>, TestError> {
        loop {
            if self.stream.is_none() {
                let options = self.options.clone().with_start_revision(self.next_revision);
                let open = self.stage.call(async |etcd| etcd.watch("k", Some(options.clone())).await);
                self.stream = Some(open.await?.into_inner());
            }
            let message = match &mut self.stream {
                Some(stream) => message(stream).await,
                None => continue,
            };
            match message {
                Ok(message) if message.canceled() => panic!("{message:?}"),
                Ok(message) => {
                    let revisions = message.events().iter().filter_map(|event| event.kv());
                    if let Some(newest) = revisions.map(|kv| kv.mod_revision()).max() {
                        assert!(newest >= self.next_revision, "it was shown before");
                        self.next_revision = newest + 1;
                        return Ok(message.events().to_vec());
                    }
                }
                Err(error) if self.stage.is_calm() => return Err(error.into()),
                Err(_) => {
                    self.stream = None;
                    self.stage.world.sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }
}

#[test]
fn a_watch_shows_what_is_written_until_it_is_canceled() {
    in_each_trouble("watch", |stage| async move {
        // Opened, written to and canceled between two troubles: the stream of one attempt may break.
        stage.trouble().await?;
        stage
            .call(async |etcd| {
                let mut stream = etcd.watch("k", None).await?;
                let first = message(&mut stream).await?;
                assert!(first.created() && !first.canceled());
                let id = first.watch_id();
                let put = stage.call(async |etcd| etcd.put("k", "1", None).await).await?;
                let seen = message(&mut stream).await?;
                assert_eq!(seen.watch_id(), id);
                assert_eq!(shown(seen.events()), [(EventType::Put, "k", "1")]);
                let revision = seen.events()[0].kv().expect("it has one").mod_revision();
                assert!(!put.is_first || put.header().is_some_and(|header| header.revision() == revision));
                // More than one message may be on its way, of puts that were made again.
                stream.cancel(id).await?;
                loop {
                    let last = message(&mut stream).await?;
                    assert_eq!(last.watch_id(), id);
                    if last.canceled() {
                        return Ok(());
                    }
                }
            })
            .await?;
        Ok(())
    });
}

#[test]
fn one_stream_has_several_watches_with_filters_and_previous_values() {
    in_each_trouble("watches", |stage| async move {
        let own = WatchOptions::new().with_watch_id(1);
        let (mut stream, id) = created(&stage, "a", own).await?;
        assert_eq!(id, 1);
        let more = [
            ("a", WatchOptions::new().with_watch_id(2).with_prefix().with_prev_key()),
            ("a", WatchOptions::new().with_watch_id(3).with_filters([WatchFilterType::NoPut])),
            ("a", WatchOptions::new().with_watch_id(4).with_filters([WatchFilterType::NoDelete])),
            ("b", WatchOptions::new().with_watch_id(5).with_from_key()),
        ];
        for (key, options) in more {
            stream.watch(key, Some(options)).await?;
        }
        for id in 2..=5 {
            let answer = message(&mut stream).await?;
            assert_eq!((answer.created(), answer.watch_id()), (true, id));
        }
        // An id is taken once.
        stream.watch("a", Some(WatchOptions::new().with_watch_id(1))).await?;
        let taken = message(&mut stream).await?;
        assert!(taken.created() && taken.canceled(), "{taken:?}");
        stage.call(async |etcd| etcd.put("a", "1", None).await).await?;
        stage.call(async |etcd| etcd.put("a", "2", None).await).await?;
        stage.call(async |etcd| etcd.put("a9", "3", None).await).await?;
        stage.call(async |etcd| etcd.delete("a", None).await).await?;
        stage.call(async |etcd| etcd.put("c", "4", None).await).await?;
        stage.trouble().await?;
        let mut seen = vec![Vec::new(); 6];
        let mut previous = Vec::new();
        while seen[5].is_empty() {
            let answer = match message(&mut stream).await {
                Ok(answer) => answer,
                Err(error) if stage.is_calm() => return Err(error.into()),
                // It broke with the member.
                Err(_) => return Ok(()),
            };
            let id = answer.watch_id() as usize;
            for (kind, key, value) in shown(answer.events()) {
                seen[id].push((kind, key.to_owned(), value.to_owned()));
            }
            if id == 2 {
                let before =
                    answer.events().iter().map(|event| event.prev_kv().map(|kv| kv.value().to_vec()));
                previous.extend(before);
            }
        }
        let put = |key: &str, value: &str| (EventType::Put, key.to_owned(), value.to_owned());
        let delete = |key: &str| (EventType::Delete, key.to_owned(), String::new());
        assert_eq!(seen[1], [put("a", "1"), put("a", "2"), delete("a")]);
        assert_eq!(seen[2], [put("a", "1"), put("a", "2"), put("a9", "3"), delete("a")]);
        assert_eq!(previous, [None, Some(b"1".to_vec()), None, Some(b"2".to_vec())]);
        assert_eq!(seen[3], [delete("a")]);
        assert_eq!(seen[4], [put("a", "1"), put("a", "2")]);
        assert_eq!(seen[5], [put("c", "4")]);
        Ok(())
    });
}

#[test]
fn a_watch_that_is_opened_again_misses_nothing() {
    in_each_trouble("watch-resumed", |stage| async move {
        let first = stage.call(async |etcd| etcd.put("k0", "0", None).await).await?;
        let revision = first.header().expect("it has one").revision();
        let written = stage.process("writer", async |stage| {
            for at in 1..=60 {
                let key = format!("k{}", at % 3);
                stage.call(async |etcd| etcd.put(key.as_str(), at.to_string(), None).await).await?;
                stage.world.sleep(Duration::from_millis(50)).await;
            }
            Ok(())
        });
        stage.trouble().await?;
        let options = WatchOptions::new().with_prefix().with_fragment();
        let mut follower = Follower::new(&stage, options, revision);
        let mut values: Vec<u32> = Vec::new();
        while values.last() != Some(&60) {
            for event in follower.next().await? {
                values.push(event.kv().expect("it has one").value_str()?.parse()?);
            }
        }
        written.await?;
        if stage.is_calm() {
            assert_eq!(values, (0..=60).collect::<Vec<_>>());
        }
        // A put that was made again is there twice; one whose answer was lost may come late, but none is missing.
        values.sort();
        values.dedup();
        assert_eq!(values, (0..=60).collect::<Vec<_>>());
        Ok(())
    });
}

#[test]
fn a_watch_from_before_a_compaction_is_canceled() {
    in_each_trouble("watch-compacted", |stage| async move {
        let mut revision = 0;
        for at in 0..5 {
            let put = stage.call(async |etcd| etcd.put("k", at.to_string(), None).await).await?;
            revision = put.header().expect("it has one").revision();
        }
        stage.call(async |etcd| etcd.compact(revision, None).await).await?;
        stage.trouble().await?;
        let canceled = stage.call(async |etcd| {
            let options = WatchOptions::new().with_start_revision(revision - 2);
            let mut stream = etcd.watch("k", Some(options)).await?;
            loop {
                let answer = stream.message().await?;
                let Some(answer) = answer else { return Ok(None) };
                if answer.canceled() {
                    return Ok(Some(answer.compact_revision()));
                }
                assert!(answer.events().is_empty(), "{answer:?}");
            }
        });
        match canceled.await?.into_inner() {
            Some(compacted) => assert_eq!(compacted, revision),
            None => assert!(!stage.is_calm()),
        }
        Ok(())
    });
}

#[test]
fn progress_is_told_when_it_is_asked_for() {
    in_each_trouble("watch-progress", |stage| async move {
        let options = WatchOptions::new().with_progress_notify();
        let (mut stream, _) = created(&stage, "k", options).await?;
        let other = stage.call(async |etcd| etcd.put("other", "1", None).await).await?;
        let revision = other.header().expect("it has one").revision();
        stage.trouble().await?;
        loop {
            stream.request_progress().await?;
            let answer = match message(&mut stream).await {
                Ok(answer) => answer,
                Err(error) if stage.is_calm() => return Err(error.into()),
                Err(_) => return Ok(()),
            };
            assert!(answer.events().is_empty());
            // One member tells it, which may be late.
            if answer.header().expect("it has one").revision() >= revision {
                return Ok(());
            }
            stage.world.sleep(Duration::from_millis(50)).await;
        }
    });
}

#[test]
fn the_events_of_one_transaction_are_in_one_message() {
    in_each_trouble("watch-atomic", |stage| async move {
        let first = stage.call(async |etcd| etcd.put("k0", "0", None).await).await?;
        let next_revision = first.header().expect("it has one").revision() + 1;
        let options = WatchOptions::new().with_prefix().with_prev_key();
        let mut follower = Follower::new(&stage, options, next_revision);
        stage.trouble().await?;
        let txn = Txn::new().and_then([
            TxnOp::put("k1", "1", Some(PutOptions::new())),
            TxnOp::put("k2", "1", None),
            TxnOp::delete("k0", Some(DeleteOptions::new())),
        ]);
        stage.call(async |etcd| etcd.txn(txn.clone()).await).await?;
        let events = follower.next().await?;
        let mut at_first: Vec<_> = shown(&events);
        at_first.truncate(3);
        at_first.sort_by_key(|(_, key, _)| key.to_owned());
        assert_eq!(
            at_first,
            [(EventType::Delete, "k0", ""), (EventType::Put, "k1", "1"), (EventType::Put, "k2", "1")]
        );
        let before = events.iter().find(|event| event.event_type() == EventType::Delete);
        let before = before.and_then(|event| event.prev_kv()).expect("it was there");
        assert_eq!(before.value(), b"0");
        Ok(())
    });
}
