//! A proxy's process: a task of its own. Ending it loses everything.

use crate::caught;
use crate::process::{local_now, work};
use crate::state::Shared;
use crate::trace::{Kind, NodeName};
use revline_store::machine::Machine;
use revline_store::proxy::{Proxy, ProxyInput};
use std::future::poll_fn;
use std::task::Poll;

/// Runs a proxy until its process is ended.
pub(crate) async fn run_proxy(world: Shared, node: NodeName) {
    let (config, cpu) = {
        let mut state = world.lock();
        let config = state.proxy_started(node);
        state.record(Kind::Start, node, [0; 3]);
        state.schedule_tick_of(node, config.tick_ms);
        (config, state.cpu)
    };
    let tick_ms = config.tick_ms;
    let mut proxy = match caught::step(|| Proxy::new(config)) {
        Ok(proxy) => proxy,
        Err(panic) => return world.lock().process_panicked(node, &panic),
    };
    let (mut inbox, mut outputs) = (Vec::new(), Vec::new());
    loop {
        poll_fn(|context| {
            if world.lock().proxy(node).inbox.take(&mut inbox, context.waker()) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
        for input in inbox.drain(..) {
            let tick = matches!(input, ProxyInput::Tick);
            let now = local_now(&world, node);
            if let Err(panic) = caught::step(|| proxy.step(now, input, &mut outputs)) {
                return world.lock().process_panicked(node, &panic);
            }
            work(&world, node, cpu.proxy_step_ns(&outputs)).await;
            let mut state = world.lock();
            state.carry_out_for_proxy(node, &mut outputs);
            if tick {
                state.schedule_tick_of(node, tick_ms);
            }
        }
    }
}
