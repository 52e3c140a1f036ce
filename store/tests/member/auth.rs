//! Users and permissions while a cluster runs: through restarts, snapshots and members that lag behind.

use crate::harness::auth::{authenticate, grant_read, revoke_read, set_up};
use crate::harness::cluster::{Cluster, isolated};
use crate::harness::requests::{get, get_serializable, put, watch};
use revline_store::api::{AuthRequest, AuthResponse, UserAddRequest};
use revline_store::auth::TokenKind;
use revline_store::error::Error;
use revline_store::frame::{Call, Reply};
use revline_store::machine::MemberId;
use revline_store::member::{Input, MemberEvent};

fn cluster() -> Cluster {
    let mut cluster = Cluster::new(3, |config| {
        config.tuning.snapshot_every_entries = 20;
        config.tuning.snapshot_keep_entries = 2;
    });
    cluster.elect(1);
    cluster
}

fn restart(cluster: &mut Cluster, id: MemberId) {
    cluster.crash(id);
    cluster.start(id);
    cluster.ticks(3);
}

fn auth_state(cluster: &Cluster, id: MemberId) -> (bool, u64, u64) {
    let auth = cluster.member(id).auth();
    (auth.is_enabled(), auth.revision(), auth.hash())
}

#[test]
fn auth_is_turned_on_while_requests_are_under_way() {
    let mut cluster = cluster();
    set_up(&mut cluster);
    let before = cluster.start_call(2, put("k", "before"));
    let enable = cluster.start_call(1, Call::Auth(AuthRequest::Enable));
    cluster.run();
    cluster.ticks(1);
    assert!(matches!(cluster.reply(enable), Some(Ok(Reply::Auth(AuthResponse::Enable { .. })))));
    // Whichever came first in the log, it is the same for all.
    assert!(cluster.reply(before).is_some());
    assert!(cluster.agrees());
    assert_eq!(cluster.ask(3, put("k", "nobody")), Err(Error::UserEmpty));
    assert!((1..=3).all(|id| cluster.member(id).auth().is_enabled()));
}

#[test]
fn users_survive_restarts_with_and_without_a_snapshot_and_are_handed_to_who_fell_behind() {
    for writes in [0, 40] {
        let mut cluster = cluster();
        set_up(&mut cluster);
        cluster.ask(1, Call::Auth(AuthRequest::Enable)).unwrap();
        let root = authenticate(&mut cluster, 1, "root");
        cluster.loss = isolated(3);
        cluster.token = Some(root);
        for i in 0..writes {
            cluster.ask(1, put("k", &i.to_string())).unwrap();
        }
        grant_read(&mut cluster, "k");
        cluster.loss = None;
        cluster.ticks(10);
        let installed = |event: &MemberEvent| matches!(event, MemberEvent::SnapshotInstalled { .. });
        assert_eq!(cluster.nodes[&3].events.iter().any(installed), writes > 0);
        for id in 1..=3 {
            restart(&mut cluster, id);
            cluster.await_leader();
            assert!(cluster.agrees(), "after a restart of member {id}");
            assert_eq!(auth_state(&cluster, id), auth_state(&cluster, 1));
        }
        for id in 1..=3 {
            cluster.token = Some(authenticate(&mut cluster, id, "ann"));
            assert!(cluster.ask(id, get_serializable("k")).is_ok());
            assert_eq!(cluster.ask(id, get_serializable("l")), Err(Error::PermissionDenied));
        }
    }
}

#[test]
fn a_token_that_a_member_does_not_know_yet_is_waited_for() {
    let mut cluster = cluster();
    set_up(&mut cluster);
    cluster.ask(1, Call::Auth(AuthRequest::Enable)).unwrap();
    cluster.ticks(1);
    grant_read(&mut cluster, "k");
    // Member 3 has yet to hear of the token.
    cluster.loss = isolated(3);
    let token = authenticate(&mut cluster, 1, "root");
    cluster.token = Some(token);
    let read = cluster.call(3, get_serializable("k"));
    cluster.watch(3, 1, watch("k", "", 0));
    assert_eq!(cluster.reply(read), None);
    cluster.loss = None;
    cluster.ticks(3);
    assert!(matches!(cluster.reply(read), Some(Ok(_))));
    assert!(cluster.nodes[&3].watched.iter().any(|response| response.created && !response.canceled));
    // One that no entry makes is not waited for without end.
    let forged = revline_store::api::Token("forged.1000000".into());
    cluster.token = Some(forged);
    let refused = cluster.call(3, get("k"));
    assert_eq!(cluster.reply(refused), None);
    cluster.ticks(80);
    assert_eq!(cluster.reply(refused), Some(&Err(Error::InvalidAuthToken)));
}

#[test]
fn a_write_is_checked_when_it_is_applied_and_not_when_it_was_proposed() {
    let mut cluster = cluster();
    set_up(&mut cluster);
    cluster.ask(1, Call::Auth(AuthRequest::Enable)).unwrap();
    let (root, ann) = (authenticate(&mut cluster, 1, "root"), authenticate(&mut cluster, 2, "ann"));
    cluster.token = Some(root.clone());
    let add = UserAddRequest { name: "eve".into(), password: "pw".into(), no_password: false };
    let change = cluster.start_call(1, Call::Auth(AuthRequest::UserAdd(add)));
    cluster.token = Some(ann);
    let write = cluster.start_call(1, put("ann", "1"));
    cluster.run();
    assert!(matches!(cluster.reply(change), Some(Ok(_))));
    assert_eq!(cluster.reply(write), Some(&Err(Error::AuthOldRevision)));
    assert!(cluster.ask(1, put("ann", "2")).is_ok(), "the token itself is good for the revision of now");
}

#[test]
fn a_watch_shows_nothing_from_the_revision_on_at_which_its_user_may_not_read() {
    let mut cluster = cluster();
    set_up(&mut cluster);
    cluster.ask(1, Call::Auth(AuthRequest::Enable)).unwrap();
    let (root, ann) = (authenticate(&mut cluster, 1, "root"), authenticate(&mut cluster, 2, "ann"));
    grant_read(&mut cluster, "k");
    cluster.token = Some(ann);
    cluster.watch(2, 1, watch("k", "", 0));
    cluster.token = Some(root);
    cluster.ask(1, put("k", "shown")).unwrap();
    revoke_read(&mut cluster, "k");
    cluster.ask(1, put("k", "hidden")).unwrap();
    cluster.ticks(1);
    let watched = &cluster.nodes[&2].watched;
    let events: Vec<i64> = watched
        .iter()
        .flat_map(|response| response.events.iter())
        .map(|event| event.kv.mod_revision)
        .collect();
    assert_eq!(events, [2]);
    let last = watched.last().expect("it was told");
    assert!(last.canceled && last.watch_id == 0);
    assert_eq!(last.cancel_reason, Error::PermissionDenied.to_string());
}

#[test]
fn a_signed_token_ends_by_the_wall_clock_of_the_member_that_is_shown_it() {
    let jwt = TokenKind::Jwt { key: "secret".to_owned(), ttl_s: 60 };
    let mut cluster = Cluster::new(3, |config| config.auth.token = jwt.clone());
    cluster.elect(1);
    set_up(&mut cluster);
    assert!(cluster.ask(1, Call::Auth(AuthRequest::Enable)).is_ok());
    cluster.ticks(1);
    let token = authenticate(&mut cluster, 1, "root");
    cluster.token = Some(token);
    for (wall_ahead_ms, is_valid) in [(0, true), (50_000, true), (61_000, false), (-30_000, true)] {
        cluster.step(2, Input::ClockSet { wall_ahead_ms });
        assert_eq!(cluster.ask(2, get_serializable("k")).is_ok(), is_valid, "{wall_ahead_ms}");
    }
}
