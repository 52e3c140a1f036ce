//! The faults of a seed: on processes and on members, one after the other or at once.

use revline::prelude::*;
use revline::sim::JoinHandle;
use revline::sim::entropy::Generator;
use revline::sim::fault::{
    BreakStreams, Crash, CrashProcess, CutProcess, Isolate, PauseProcess, ProcessTarget,
};

/// The number of faults.
const FAULTS: usize = 10;

/// The time from one fault to the next, in milliseconds.
const BETWEEN_MS: std::ops::Range<u64> = 500..5_000;

/// The time that a fault lasts, in milliseconds: some outlive a lease.
const FOR_MS: std::ops::Range<u64> = 200..12_000;

/// Begins; the handle ends with the last fault.
pub fn begin(world: &World) -> JoinHandle<()> {
    let (own, mut generator) = (world.clone(), world.generator("faults"));
    world.spawn(async move {
        let mut at = own.elapsed();
        let mut last = at;
        for n in 0..FAULTS {
            at += Duration::from_millis(generator.gen_range(BETWEEN_MS));
            let (fault, lasts) = (draw(&mut generator), Duration::from_millis(generator.gen_range(FOR_MS)));
            // A failure names the few of these that it needs.
            if own.keeps(&format!("fault {n}: {fault} at {at:?} for {lasts:?}")) {
                own.sleep_until(at).await;
                let (healer, struck) = (own.clone(), own.fault(fault).await);
                own.spawn(async move {
                    healer.sleep(lasts).await;
                    healer.heal_one(struck);
                });
                last = last.max(at + lasts);
            }
        }
        own.sleep_until(last).await;
    })
}

fn draw(generator: &mut Generator) -> Fault {
    let process = ProcessTarget::Process(generator.gen_range(0..3));
    let member = Target::Follower(generator.gen_range(0..2));
    match generator.gen_range(0..8) {
        0 => CrashProcess { target: process }.into(),
        1 => PauseProcess { target: process }.into(),
        2 => CutProcess { target: process }.into(),
        3 => Crash { target: Target::Leader }.into(),
        4 => Crash { target: member }.into(),
        5 => Isolate { target: Target::Leader, clients: generator.gen_bool(0.5) }.into(),
        6 => Isolate { target: member, clients: generator.gen_bool(0.5) }.into(),
        _ => BreakStreams { target: member }.into(),
    }
}
