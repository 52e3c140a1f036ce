//! A member's process: a task of its own. Ending it loses everything but the disk.

use crate::machine_slot::Incoming;
use crate::process::{local_now, work};
use crate::state::{Shared, node_of};
use revline_checker::history::{MemberId as JudgedMember, Observation};
use revline_store::machine::{Input, MemberId};
use revline_store::member::{BootError, Member};
use std::future::poll_fn;
use std::task::Poll;

/// Runs a member until its process is ended.
pub(crate) async fn run_member(world: Shared, id: MemberId) {
    let (config, image) = world.lock().process_started(id);
    let mut outputs = Vec::new();
    let (node, cpu) = (node_of(id), world.lock().cpu);
    let now = local_now(&world, node);
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
            if world.lock().slot(id).inbox.take(&mut inbox, context.waker()) {
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
                    let message = !matches!(input, Input::DiskDone { .. });
                    member.step(local_now(&world, node), input, &mut outputs);
                    work(&world, node, cpu.member_step_ns(message, &outputs)).await;
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
