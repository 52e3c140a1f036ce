//! A member's process: a task of its own. Ending it loses everything but the disk.

use crate::caught::{self, MachinePanic};
use crate::machine_slot::Incoming;
use crate::process::{local_now, work};
use crate::state::{Shared, node_of};
use revline_checker::history::{MemberId as JudgedMember, Observation};
use revline_store::machine::{Input, Machine, MemberId};
use revline_store::member::Member;
use std::future::poll_fn;
use std::task::Poll;

/// Runs a member until its process is ended.
pub(crate) async fn run_member(world: Shared, id: MemberId) {
    let (config, image) = world.lock().process_started(id);
    let mut outputs = Vec::new();
    let (node, cpu) = (node_of(id), world.lock().cpu);
    let now = local_now(&world, node);
    let mut member = match caught::step(|| Member::boot(config, &image, now, &mut outputs)) {
        Ok(Ok(member)) => member,
        Ok(Err(error)) => return world.lock().process_refused(id, error.to_string()),
        Err(panic) => return world.lock().process_panicked(node, &panic),
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
                    let now = local_now(&world, node);
                    if let Err(panic) = caught::step(|| member.step(now, input, &mut outputs)) {
                        return world.lock().process_panicked(node, &panic);
                    }
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
                Incoming::Inspect => {
                    if let Err(panic) = inspect(&world, id, &member) {
                        return world.lock().process_panicked(node, &panic);
                    }
                }
            }
        }
    }
}

fn inspect(world: &Shared, id: MemberId, member: &Member) -> Result<(), MachinePanic> {
    let look = || (member.hash(), member.status(), (member.auth().revision(), member.auth().hash()));
    let (hash, status, auth) = caught::step(look)?;
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
    Ok(())
}
