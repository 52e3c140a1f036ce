//! Fault-injection tests as a user of etcd would write them.

use revline::prelude::*;

#[test]
fn a_deposed_leader_serves_no_stale_read() {
    revline::test("deposed-leader").members(3).seeds(0..32).run(|world| async move {
        let (a, b) = (world.client("a").await?, world.client("b").await?);
        a.put("k", "1").await?;
        let old = world.leader().await?;
        world.fault(Partition::isolate(old)).await;
        while b.put("k", "2").await.is_err() {}
        // Whoever answers a linearizable read from now on has seen the second write.
        for member in world.members() {
            let reader = world.client_at(vec![member], None);
            if let Ok(read) = reader.get("k").await {
                assert_eq!(read.value_str(), Some("2"), "member {member}");
            }
        }
        world.heal().await;
        Ok(())
    });
}

#[test]
fn what_was_acknowledged_survives_the_loss_of_power_everywhere() {
    let passed = revline::test("power-loss").members(3).seeds(0..24).run(|world| async move {
        let client = world.client("a").await?;
        world.leader().await?;
        for round in 0..3 {
            let mut acknowledged = None;
            for write in 0..20 {
                if client.put("k", format!("{round}-{write}")).await.is_ok() {
                    acknowledged = Some(format!("{round}-{write}"));
                }
            }
            let power = world.fault(Crash::everyone()).await;
            world.sleep(Duration::from_millis(50)).await;
            world.heal_one(power);
            let read = loop {
                if let Ok(read) = client.get("k").await {
                    break read;
                }
            };
            assert_eq!(read.value_str().map(str::to_owned), acknowledged);
        }
        Ok(())
    });
    assert!(passed.counters.crashes >= 24 * 9);
    assert!(passed.verdicts.get("durable").is_some_and(|verdict| verdict.holds()));
}

#[test]
fn a_watch_goes_on_without_gap_or_repeat_when_its_member_crashes() {
    let passed = revline::test("watch-crash").members(3).seeds(0..24).run(|world| async move {
        let (writer, reader) = (world.client("writer").await?, world.client("reader").await?);
        let first = writer.put("n", "0").await?.header.revision;
        let options = WatchOptions { start_revision: first, ..WatchOptions::default() };
        let mut watch = reader.watch("n", "", options).await;
        let mut revisions = Vec::new();
        for round in 0..30 {
            if round == 10 {
                let leader = world.leader().await?;
                world.fault(Crash::member(leader)).await;
            }
            if round == 20 {
                world.heal().await;
                reader.disconnect();
            }
            while writer.put("n", round.to_string()).await.is_err() {}
        }
        let last = writer.get("n").await?.first().map_or(0, |kv| kv.mod_revision);
        while revisions.last() != Some(&last) {
            if let Some(WatchItem::Events(events)) = watch.next().await {
                revisions.extend(events.iter().map(|event| event.kv.mod_revision));
            }
        }
        assert!(revisions.windows(2).all(|pair| pair[0] < pair[1]), "in order, once each: {revisions:?}");
        assert_eq!(revisions, (first..=last).collect::<Vec<_>>(), "nobody else writes: no gap");
        Ok(())
    });
    assert!(passed.counters.watches_resumed > 0, "some watch was interrupted");
}

/// Adds one to a counter by compare-and-swap; whether it did, if that is known.
async fn increment(client: &Client) -> Option<bool> {
    let read = client.get("counter").await.ok()?;
    let current = read.first().map_or(0, |kv| kv.mod_revision);
    let next = read.value_str().and_then(|value| value.parse::<u64>().ok()).unwrap_or(0) + 1;
    let txn = TxnRequest {
        compare: vec![Compare {
            key: "counter".into(),
            range_end: "".into(),
            result: CompareResult::Equal,
            target: CompareTarget::ModRevision(current),
        }],
        success: vec![RequestOp::Put(revline::store::api::PutRequest {
            key: "counter".into(),
            value: next.to_string().as_str().into(),
            ..Default::default()
        })],
        failure: vec![],
    };
    match client.txn(txn).await {
        Ok(response) => Some(response.succeeded),
        Err(CallError::Unknown(_)) => None,
        Err(CallError::Failed(_) | CallError::Refused) => Some(false),
    }
}

#[test]
fn a_counter_counts_every_increment_once_through_an_election() {
    revline::test("counter").members(5).seeds(0..16).run(|world| async move {
        world.leader().await?;
        let (mut succeeded, mut unknown) = (0, 0);
        let clients = [world.client("a").await?, world.client("b").await?];
        for round in 0..40 {
            if round == 10 {
                let leader = world.leader().await?;
                world.fault(Partition::isolate_with_clients(leader)).await;
            }
            match increment(&clients[round % 2]).await {
                Some(true) => succeeded += 1,
                Some(false) => {}
                None => unknown += 1,
            }
        }
        world.heal().await;
        let read = loop {
            if let Ok(read) = clients[0].get("counter").await {
                break read;
            }
        };
        let count: u64 = read.value_str().and_then(|value| value.parse().ok()).unwrap_or(0);
        assert!((succeeded..=succeeded + unknown).contains(&count), "{count}, {succeeded} + {unknown}?");
        Ok(())
    });
}

#[test]
fn a_member_that_was_away_too_long_catches_up_by_snapshot() {
    let passed = revline::test("catch-up")
        .members(3)
        .seeds(0..12)
        .configure(|world| {
            world.tuning.snapshot_every_entries = 40;
            world.tuning.snapshot_keep_entries = 5;
        })
        .run(|world| async move {
            let client = world.client("a").await?;
            let leader = world.leader().await?;
            let away = world.members().into_iter().find(|&member| member != leader).unwrap_or(leader);
            let crash = world.fault(Crash::member(away)).await;
            for write in 0..150 {
                let _ = client.put(format!("k{}", write % 7), write.to_string()).await;
            }
            let newest = client.get("k0").await?.header.revision;
            world.heal_one(crash);
            let reader = world.client_at(vec![away], None);
            let own_state = GetOptions { serializable: true, ..GetOptions::default() };
            let read = loop {
                if let Ok(read) = reader.get_with("k0", own_state).await {
                    break read;
                }
            };
            assert!(read.header.revision >= newest);
            Ok(())
        });
    assert!(passed.counters.snapshots_installed >= 12);
}

#[test]
fn a_minority_acknowledges_nothing_and_takes_nothing_back() {
    revline::test("minority").members(5).seeds(0..16).run(|world| async move {
        let leader = world.leader().await?;
        let other = world.members().into_iter().find(|&member| member != leader).unwrap_or(leader);
        let minority = world.client_at(vec![leader, other], None);
        minority.put("k", "before").await?;
        world.fault(Partition::split([leader, other])).await;
        // The leader does not know yet that it has lost its majority.
        for attempt in 0..5 {
            assert!(minority.put("k", format!("minority {attempt}")).await.is_err());
        }
        world.heal().await;
        let read = loop {
            if let Ok(read) = minority.get("k").await {
                break read;
            }
        };
        let value = read.value_str().unwrap_or("nothing");
        assert!(value == "before" || value.starts_with("minority"), "{value} is left");
        Ok(())
    });
}

#[test]
fn a_watch_that_wants_compacted_history_is_told_so() {
    revline::test("compacted").members(3).seeds(0..16).run(|world| async move {
        let client = world.client("a").await?;
        world.leader().await?;
        for write in 0..20 {
            client.put("k", write.to_string()).await?;
        }
        client.compact(15).await?;
        let options = WatchOptions { start_revision: 3, ..WatchOptions::default() };
        let mut watch = client.watch("k", "", options).await;
        assert_eq!(watch.next().await, Some(WatchItem::Compacted(15)));
        assert_eq!(watch.next().await, None);
        let past = GetOptions { revision: 14, ..GetOptions::default() };
        assert!(matches!(client.get_with("k", past).await, Err(CallError::Failed(_))));
        let oldest = GetOptions { revision: 15, ..GetOptions::default() };
        assert_eq!(client.get_with("k", oldest).await?.value_str(), Some("13"));
        Ok(())
    });
}

#[test]
fn clocks_that_run_wrong_cost_time_and_nothing_else() {
    revline::test("drift").members(3).seeds(0..16).run(|world| async move {
        let (a, b) = (world.client("a").await?, world.client("b").await?);
        let slow = world.leader().await?;
        world.fault(Clock::drift(slow, -400_000)).await;
        for member in world.members().into_iter().filter(|&member| member != slow) {
            world.fault(Clock::drift(member, 700_000)).await;
        }
        world.fault(Partition::mute(slow)).await;
        for round in 0..20 {
            let value = round.to_string();
            if a.put("k", value.as_str()).await.is_ok()
                && let Ok(read) = b.get("k").await
            {
                assert_eq!(read.value_str(), Some(value.as_str()));
            }
        }
        Ok(())
    });
}

#[test]
fn leadership_moves_under_load_without_a_lost_write() {
    let passed = revline::test("hand-over").members(3).seeds(0..16).run(|world| async move {
        let client = world.client("a").await?;
        world.leader().await?;
        let mut acknowledged = Vec::new();
        for write in 0..60u64 {
            if write % 15 == 5 {
                let target = world.members()[(write as usize / 15) % 3];
                world.fault(Leadership::transfer_to(target)).await;
            }
            let key = format!("k/{write:02}");
            if client.put(key.as_str(), "x").await.is_ok() {
                acknowledged.push(key);
            }
        }
        let all = GetOptions { prefix: true, ..GetOptions::default() };
        let found = client.get_with("k/", all).await?;
        for key in acknowledged {
            assert!(found.kvs.iter().any(|kv| &*kv.key == key.as_bytes()), "{key} is gone");
        }
        Ok(())
    });
    assert!(passed.counters.elections > 16, "leadership did move");
}

#[test]
fn a_broken_rule_is_found_and_the_failure_says_how_to_see_it_again() {
    let failure = revline::test("local-read")
        .members(3)
        .seeds(0..64)
        .defect(Defect::LocalReadByLeader)
        .try_run(|world| async move {
            let (a, b) = (world.client("a").await?, world.client("b").await?);
            a.put("k", "1").await?;
            let old = world.leader().await?;
            let stale = world.client_at(vec![old], None);
            stale.get("k").await?;
            // A slow clock: the old leader notices late that nobody answers it.
            world.fault(Clock::drift(old, -400_000)).await;
            world.fault(Partition::isolate(old)).await;
            while b.put("k", "2").await.is_err() {}
            let _ = stale.get("k").await;
            Ok(())
        })
        .expect_err("a stale read is not linearizable");
    let verdicts = failure.verdicts().expect("the program itself succeeded");
    assert!(verdicts.get("linearizable").is_some_and(|verdict| verdict.is_violated()));
    let message = failure.to_string();
    assert!(message.contains(&format!("REVLINE_SEED={} cargo test", failure.seed())), "{message}");
    assert!(message.contains("history.jsonl"), "{message}");
}

#[test]
fn a_program_that_is_not_a_function_of_its_seed_is_refused() {
    let calls = std::sync::atomic::AtomicU64::new(0);
    let failure = revline::test("not-deterministic")
        .seeds(0..1)
        .try_run(|world| {
            let call = calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            async move {
                world.client("a").await?.put("k", call.to_string()).await?;
                Ok(())
            }
        })
        .expect_err("two runs of one seed differ");
    assert!(failure.to_string().contains("not a function of its seed"), "{failure}");
}

#[test]
fn a_proxy_that_fails_in_every_way_is_invisible_to_who_watches_through_it() {
    let proxies = [ProxyPlace::new(vec![1, 2, 3]), ProxyPlace::new(vec![101])];
    let passed = revline::test("behind-proxies").proxies(proxies).seeds(0..16).run(|world| async move {
        let writer = world.client("writer").await?;
        let first = writer.put("n", "0").await?.header.revision;
        let reader = world.client_at(world.proxies(), None);
        let options = WatchOptions { start_revision: first, ..WatchOptions::default() };
        let mut watch = reader.watch("n", "", options).await;
        let faults = [
            Proxies::crash(0),
            Proxies::crash_all(),
            Proxies::pause(1),
            Proxies::cut_off_from_servers(0),
            Proxies::cut_off_from_clients(1),
        ];
        let mut last = first;
        for (round, fault) in faults.into_iter().enumerate() {
            let struck = world.fault(fault).await;
            last = writer.put("n", round.to_string()).await?.header.revision;
            world.sleep(Duration::from_millis(300)).await;
            world.heal_one(struck);
            world.sleep(Duration::from_millis(300)).await;
        }
        let mut seen = Vec::new();
        while seen.last() != Some(&last) {
            if let Some(WatchItem::Events(events)) = watch.next().await {
                seen.extend(events.iter().map(|event| event.kv.mod_revision));
            }
        }
        assert_eq!(seen, (first..=last).collect::<Vec<_>>());
        Ok(())
    });
    assert_eq!(passed.counters.proxy_crashes, 16 * 3);
}

#[test]
fn a_machine_that_panics_is_a_violation_and_what_was_seen_is_kept() {
    let panicking = |program_fails: bool| {
        revline::test("panicking")
            .seeds(0..1)
            .configure(|config| config.tuning.snapshot_every_entries = u64::MAX)
            .try_run(move |world| async move {
                let client = world.client("a").await?;
                client.put("k", "1").await?;
                // A snapshot is taken for the new member, and the next is due after the last number there is.
                let _ = client.member_add_as_learner(4, "m4").await;
                world.sleep(Duration::from_secs(2)).await;
                assert!(!program_fails, "the program had enough of it");
                Ok(())
            })
    };
    for program_fails in [false, true] {
        let failure = panicking(program_fails).expect_err("members panic");
        let verdicts = failure.verdicts().expect("what was seen is judged");
        let evidence = verdicts.get("boots").and_then(|verdict| verdict.evidence()).expect("it is violated");
        assert_eq!(evidence.kind, "panicked");
        let message = failure.to_string();
        assert!(message.contains("panicked: attempt to add with overflow, at store/src/"), "{message}");
        assert!(message.contains("history.jsonl"), "{message}");
        assert_eq!(message.contains("had enough"), program_fails, "{message}");
    }
}

#[test]
fn a_cluster_outlives_disks_that_fail_and_clocks_that_jump() {
    let passed = revline::test("failing-disks").members(3).seeds(0..12).run(|world| async move {
        let client = world.client("a").await?;
        for fault in
            [Disk::fail_sync(1), Disk::full(2), Disk::stall(3), Clock::jump(1, 3_600_000), Disk::rot(2)]
        {
            let fault = world.fault(fault).await;
            while client.put("k", "1").await.is_err() {}
            world.sleep(Duration::from_secs(1)).await;
            world.heal_one(fault);
        }
        while client.put("k", "2").await.is_err() {}
        Ok(())
    });
    assert!(passed.verdicts.get("boots").is_some_and(|verdict| verdict.holds()));
}
