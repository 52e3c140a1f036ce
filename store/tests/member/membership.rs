//! Members that come and go.

use crate::harness::cluster::{Cluster, every, isolated};
use crate::harness::requests::{
    add_learner, add_voter, get, members, promote, put, remove, rename, value_of, voters_and_learners,
};
use revline_store::disk::DiskImage;
use revline_store::error::Error;
use revline_store::frame::Reply;
use revline_store::machine::{ClusterId, MemberId, Time};
use revline_store::member::{BootError, Config, Member, MemberEvent, Start};

fn led_by_1(size: u64) -> Cluster {
    let mut cluster = Cluster::new(size, |_| {});
    cluster.elect(1);
    cluster.ask(1, put("k", "1")).unwrap();
    cluster.ticks(1);
    cluster
}

fn knows_that_it_is_removed(cluster: &Cluster, id: MemberId) -> bool {
    cluster.nodes[&id].events.contains(&MemberEvent::Removed)
}

#[test]
fn everybody_lists_the_members_and_updates_them() {
    let mut cluster = led_by_1(3);
    for id in 1..=3 {
        assert_eq!(voters_and_learners(&cluster.ask(id, members(false))), (vec![1, 2, 3], vec![]));
    }
    let renamed = cluster.call(2, rename(3, "third"));
    cluster.ticks(1);
    assert!(cluster.reply(renamed).unwrap().is_ok());
    let Ok(Reply::Cluster(list)) = cluster.ask(1, members(true)) else { panic!("no list") };
    let names: Vec<&str> = list.members.iter().map(|member| member.name.as_str()).collect();
    assert_eq!((names, list.header.revision), (vec!["m1", "m2", "third"], 0));
    assert_eq!((list.header.member_id, list.header.cluster_id), (1, ClusterId(1)));
    assert_eq!(cluster.ask(1, rename(9, "nobody")), Err(Error::MemberNotFound));
}

#[test]
fn a_linearizable_list_is_confirmed_by_the_others() {
    let mut cluster = led_by_1(3);
    cluster.loss = isolated(1);
    let made = cluster.call(1, members(true));
    assert!(cluster.reply(made).is_none());
    assert!(cluster.ask(1, members(false)).is_ok());
}

#[test]
fn a_removed_follower_stops_and_its_id_is_never_used_again() {
    let mut cluster = led_by_1(3);
    let removed = cluster.ask(1, remove(3));
    assert_eq!(voters_and_learners(&removed), (vec![1, 2], vec![]));
    cluster.ticks(2);
    assert!(knows_that_it_is_removed(&cluster, 3));
    assert_eq!(cluster.ask(3, get("k")), Err(Error::Stopped));
    assert_eq!(cluster.ask(1, remove(3)), Err(Error::MemberNotFound));
    assert_eq!(cluster.ask(1, add_learner(3)), Err(Error::MemberNotFound));
    assert_eq!(cluster.ask(1, add_voter(2)), Err(Error::MemberExist));
    cluster.crash(3);
    cluster.node(3).events.clear();
    cluster.start(3);
    assert!(knows_that_it_is_removed(&cluster, 3), "its disk says so");
    assert!(cluster.ask(1, put("k", "2")).is_ok());
    assert!(cluster.agree(&[1, 2]));
}

#[test]
fn a_removed_leader_hands_over_and_stops() {
    let mut cluster = led_by_1(3);
    let removed = cluster.ask(1, remove(1));
    assert_eq!(voters_and_learners(&removed), (vec![2, 3], vec![]));
    assert!(knows_that_it_is_removed(&cluster, 1));
    let leader = [2, 3].into_iter().find(|&id| cluster.member(id).is_leader());
    let leader = leader.expect("somebody leads before any time passed");
    assert!(cluster.ask(leader, put("k", "2")).is_ok());
    cluster.ticks(1);
    assert!(cluster.agree(&[2, 3]));
}

#[test]
fn those_who_wait_for_a_removed_member_are_told() {
    let mut cluster = led_by_1(3);
    cluster.loss = every("MsgReadIndex");
    let read = cluster.call(3, get("k"));
    cluster.ask(1, remove(3)).unwrap();
    cluster.ticks(1);
    assert_eq!(cluster.reply(read), Some(&Err(Error::Stopped)));
}

#[test]
fn a_removed_member_that_was_not_told_does_not_disturb_the_rest() {
    let mut cluster = led_by_1(3);
    cluster.loss = isolated(3);
    cluster.ticks(11);
    cluster.ask(1, remove(3)).unwrap();
    let term = cluster.member(1).status().term;
    cluster.crash(3);
    cluster.start(3);
    cluster.ticks_of(&[3], 50);
    cluster.loss = None;
    cluster.ticks(100);
    assert!(cluster.member(1).is_leader() && cluster.member(1).status().term == term);
    let read = cluster.call(3, get("k"));
    cluster.ticks(100);
    assert!(cluster.reply(read).unwrap().is_err());
}

#[test]
fn the_last_voter_stays() {
    let mut cluster = led_by_1(1);
    assert_eq!(cluster.ask(1, remove(1)), Err(Error::MemberNotEnoughStarted));
    cluster.ask(1, add_learner(2)).unwrap();
    assert_eq!(cluster.ask(1, remove(1)), Err(Error::MemberNotEnoughStarted));
    assert_eq!(voters_and_learners(&cluster.ask(1, remove(2))), (vec![1], vec![]));
    assert!(cluster.ask(1, put("k", "2")).is_ok());
}

#[test]
fn no_change_may_cost_the_quorum() {
    let mut cluster = led_by_1(3);
    cluster.crash(3);
    cluster.ticks(11);
    assert_eq!(cluster.ask(1, add_voter(4)), Err(Error::Unhealthy));
    assert_eq!(cluster.ask(1, add_learner(4)), Err(Error::Unhealthy));
    assert_eq!(cluster.ask(1, remove(2)), Err(Error::Unhealthy));
    assert_eq!(voters_and_learners(&cluster.ask(1, remove(3))), (vec![1, 2], vec![]));
}

#[test]
fn a_member_is_replaced() {
    let mut cluster = led_by_1(3);
    cluster.crash(3);
    cluster.ticks(11);
    cluster.ask(1, remove(3)).unwrap();
    cluster.nodes.remove(&3);
    cluster.ask(1, add_learner(4)).unwrap();
    cluster.join(4, |_| {});
    cluster.ticks(3);
    assert_eq!(voters_and_learners(&cluster.ask(1, promote(4))), (vec![1, 2, 4], vec![]));
    cluster.crash(2);
    assert!(cluster.ask(1, put("k", "2")).is_ok(), "two of three are there");
    cluster.start(2);
    cluster.ticks(3);
    assert!(cluster.agrees());
}

#[test]
fn a_voter_is_added_in_a_joint_configuration_that_is_left() {
    let mut cluster = led_by_1(1);
    // The new one is not there: it has a vote already, so that nothing is committed without it.
    let added = cluster.call(1, add_voter(2));
    assert!(cluster.reply(added).is_none());
    cluster.join(2, |_| {});
    cluster.ticks(3);
    assert_eq!(voters_and_learners(cluster.reply(added).unwrap()), (vec![1, 2], vec![]));
    assert!(cluster.ask(1, put("k", "2")).is_ok());
    cluster.ticks(1);
    assert!(cluster.agrees());
}

#[test]
fn changes_are_made_one_after_the_other() {
    let mut cluster = led_by_1(3);
    let calls = [remove(3), rename(2, "second"), add_voter(3), rename(1, "first")];
    let made = calls.map(|call| cluster.start_call(1, call));
    cluster.run();
    let errors = made.map(|made| cluster.reply(made).expect("an answer").clone().err());
    assert_eq!(errors, [None, None, Some(Error::MemberNotFound), None]);
}

#[test]
fn a_crash_in_the_middle_of_a_change_leaves_the_old_members_or_the_new_ones() {
    for steps in 0..40 {
        for target in [1, 3] {
            let mut cluster = led_by_1(3);
            let made = cluster.start_call(1, remove(target));
            for _ in 0..steps {
                cluster.advance();
            }
            let acknowledged = cluster.reply(made).is_some_and(Result::is_ok);
            for id in 1..=3 {
                cluster.crash(id);
            }
            cluster.network.clear();
            for id in 1..=3 {
                cluster.start(id);
            }
            cluster.run();
            cluster.ticks(60);
            let left: Vec<MemberId> = (1..=3).filter(|&id| id != target).collect();
            let leader = left.iter().copied().find(|&id| cluster.member(id).is_leader());
            let leader = leader.or_else(|| cluster.member(target).is_leader().then_some(target));
            let leader = leader.expect("somebody leads");
            let listed = voters_and_learners(&cluster.ask(leader, members(false))).0;
            assert!(listed == left || listed == [1, 2, 3], "{steps} steps: {listed:?}");
            assert!(!acknowledged || listed == left, "{steps} steps: {listed:?}");
            assert_eq!(value_of(&cluster.ask(leader, get("k"))), Some("1".to_owned()));
            assert!(cluster.agree(&left), "{steps} steps");
        }
    }
}

#[test]
fn a_member_that_lost_its_disk_refuses_to_start() {
    let config = Config { start: Start::Restart, ..Config::new(1, vec![1, 2, 3]) };
    let booted = Member::boot(config, &DiskImage::default(), Time::default(), &mut Vec::new());
    let Err(error) = booted else { panic!("it started") };
    assert!(matches!(error, BootError::Wiped { member: 1 }), "{error}");
    assert!(error.to_string().contains("under a new id"));
}

#[test]
fn the_last_voter_leads_once_all_that_it_has_is_durable() {
    for (before, between) in (0..24).flat_map(|before| (0..16).map(move |between| (before, between))) {
        let mut cluster = led_by_1(2);
        cluster.start_call(1, remove(1));
        (0..before).for_each(|_| _ = cluster.advance());
        (1..=2).for_each(|at| _ = cluster.start_call(at, put("k", "2")));
        (0..between).for_each(|_| _ = cluster.advance());
        // What comes from now on stays in memory: the removal may be in force by then, and the write behind it not be
        // durable. Who leads leaves, and tells the other to campaign.
        cluster.stall(2, true);
        cluster.run();
        cluster.ticks_of(&[2], 30);
        cluster.stall(2, false);
        cluster.ticks(5);
        cluster.elect(2);
        cluster.ask(2, put("k", "3")).unwrap();
        assert!(knows_that_it_is_removed(&cluster, 1), "after {before} and {between} steps");
    }
}
