//! A member's process: a task on a node of its own. Killing the node loses everything but the disk.

use crate::machine_slot::Incoming;
use crate::state::Shared;
use revline_checker::history::{MemberId as JudgedMember, Observation};
use revline_store::machine::{Input, MemberId, Time};
use revline_store::member::{BootError, Member};
use std::future::poll_fn;
use std::task::Poll;

/// Runs a member until its node is killed.
pub(crate) async fn run_member(world: Shared, id: MemberId) {
    let (config, image) = world.lock().process_started(id);
    let mut outputs = Vec::new();
    let now = local_now(&world, id);
    let mut member = match Member::boot(config, &image, now, &mut outputs) {
        Ok(member) => member,
        Err(BootError::Wiped { .. }) => return world.lock().process_refused(id),
        Err(error) => panic!("member {id} refuses to start: {error}"),
    };
    {
        let mut state = world.lock();
        state.carry_out(id, &mut outputs);
        if state.slot(id).leaves {
            return state.process_left(id);
        }
        state.schedule_tick(id);
    }
    let mut inbox = Vec::new();
    loop {
        poll_fn(|context| {
            if world.lock().slot(id).take_inbox(&mut inbox, context.waker()) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
        for incoming in inbox.drain(..) {
            match incoming {
                Incoming::Step(input) => {
                    let tick = matches!(input, Input::Tick);
                    member.step(local_now(&world, id), input, &mut outputs);
                    let mut state = world.lock();
                    state.carry_out(id, &mut outputs);
                    if state.slot(id).leaves {
                        return state.process_left(id);
                    }
                    if tick {
                        state.schedule_tick(id);
                    }
                }
                Incoming::Inspect => inspect(&world, id, &member),
            }
        }
    }
}

fn local_now(world: &Shared, id: MemberId) -> Time {
    let mut state = world.lock();
    let now_ns = state.now_ns;
    Time(state.slot(id).clock.local_ns(now_ns))
}

fn inspect(world: &Shared, id: MemberId, member: &Member) {
    let (hash, status) = (member.hash(), member.status());
    let auth = (member.auth().revision(), member.auth().hash());
    let mut state = world.lock();
    state.observe_hash(id, hash.revision, hash.compact_revision, hash.hash);
    let at_ns = state.now_ns;
    state.settled.push(Observation::Settled {
        at_ns,
        member: JudgedMember(id),
        revision: status.revision,
        leader: (status.leader != 0).then_some(JudgedMember(status.leader)),
        auth_revision: Some(auth.0),
        auth_hash: Some(auth.1),
    });
}
