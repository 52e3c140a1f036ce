//! Processes of a user's own: what ends with them, what stands still with them, and who reaches them.

use madsim::net::{TcpListener, TcpStream};
use revline_sim::fault::{CrashProcess, CutProcess, PauseProcess, ProcessTarget};
use revline_sim::process::{Process, ProgramError};
use revline_sim::{SimulationConfig, World, simulate};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

type Count = Arc<AtomicU64>;

fn read(count: &Count) -> u64 {
    count.load(Ordering::Relaxed)
}

/// Counts a tenth of a second after the other, in a task besides.
fn ticker(world: &World, name: &str) -> (Process, Count) {
    let count = Count::default();
    let own = count.clone();
    let process = world.process(name, move |_cx| {
        let count = own.clone();
        async move {
            let tick = madsim::task::spawn(async move {
                loop {
                    madsim::time::sleep(Duration::from_millis(100)).await;
                    count.fetch_add(1, Ordering::Relaxed);
                }
            });
            tick.await.expect("it goes on for ever");
        }
    });
    (process, count)
}

fn named(name: &str) -> ProcessTarget {
    ProcessTarget::Named(name.to_owned())
}

fn in_world<F: Future<Output = ()>>(seed: u64, program: impl FnOnce(World) -> F + Send) -> u64 {
    let config = SimulationConfig { seed, ..SimulationConfig::default() };
    simulate(&config, false, program).expect("nothing panics").trace.hash()
}

#[test]
fn a_crash_takes_every_task_and_a_heal_starts_the_program_anew() {
    let program = |world: World| async move {
        let (process, count) = ticker(&world, "a");
        world.sleep(Duration::from_millis(550)).await;
        assert_eq!((read(&count), process.starts()), (5, 1));
        let crash = world.fault(CrashProcess { target: named("a") }).await;
        world.sleep(Duration::from_secs(1)).await;
        assert_eq!((read(&count), process.is_running()), (5, false));
        world.heal_one(crash);
        world.sleep(Duration::from_millis(550)).await;
        assert_eq!((read(&count), process.starts()), (10, 2));
    };
    assert_eq!(in_world(3, program), in_world(3, program));
    assert_ne!(in_world(3, program), in_world(4, program));
}

#[test]
fn a_process_that_two_faults_crash_comes_back_with_the_last() {
    in_world(1, |world| async move {
        let (process, _) = ticker(&world, "a");
        let first = world.fault(CrashProcess { target: ProcessTarget::Process(0) }).await;
        let second = world.fault(CrashProcess { target: ProcessTarget::Process(7) }).await;
        world.heal_one(first);
        assert!(!process.is_running());
        world.heal_one(second);
        assert!(process.is_running());
    });
}

#[test]
fn one_that_stands_still_goes_on_where_it_was() {
    in_world(1, |world| async move {
        let (process, count) = ticker(&world, "a");
        world.sleep(Duration::from_millis(550)).await;
        let pause = world.fault(PauseProcess { target: named("a") }).await;
        world.sleep(Duration::from_secs(1)).await;
        assert_eq!((read(&count), process.is_running()), (5, true));
        world.heal_one(pause);
        world.sleep(Duration::from_millis(350)).await;
        assert_eq!((read(&count), process.starts()), (9, 1), "a sleep was over when it went on");
    });
}

#[test]
fn one_that_crashes_while_it_stands_still_stands_still_from_its_start() {
    in_world(1, |world| async move {
        let (process, count) = ticker(&world, "a");
        let pause = world.fault(PauseProcess { target: named("a") }).await;
        process.crash();
        process.restart();
        world.sleep(Duration::from_secs(1)).await;
        assert_eq!((read(&count), process.starts()), (0, 2));
        world.heal_one(pause);
        world.sleep(Duration::from_millis(550)).await;
        assert_eq!(read(&count), 5);
    });
}

#[test]
fn a_program_that_returns_says_how_and_may_be_started_again() {
    in_world(1, |world| async move {
        let process = world.process("a", |cx| async move {
            madsim::time::sleep(Duration::from_secs(1)).await;
            if cx.start() == 1 { Err("no more") } else { Ok(()) }
        });
        assert_eq!(process.returned().await, Err(ProgramError::Failed("no more".to_owned())));
        process.restart();
        assert_eq!(process.returned().await, Ok(()));
        assert_eq!((process.starts(), process.is_running()), (2, false));
        process.crash();
        assert_eq!(process.starts(), 2, "there was nothing to crash");
    });
}

/// A server that answers each connection with a byte, and a client that counts the answers.
fn echo(world: &World) -> Count {
    world.process("server", |_cx| async move {
        let listener = TcpListener::bind("0.0.0.0:700").await.expect("its port");
        loop {
            if let Ok((stream, _)) = listener.accept().await {
                madsim::task::spawn(async move {
                    madsim::time::sleep(Duration::from_millis(1)).await;
                    drop(stream);
                });
            }
        }
    });
    let answers = Count::default();
    let own = answers.clone();
    world.process("client", move |_cx| {
        let answers = own.clone();
        async move {
            loop {
                madsim::time::sleep(Duration::from_millis(100)).await;
                let connect = TcpStream::connect("server:700");
                if let Ok(Ok(_)) = madsim::time::timeout(Duration::from_millis(100), connect).await {
                    answers.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
    });
    answers
}

#[test]
fn processes_reach_one_another_by_name_unless_one_is_cut_off() {
    in_world(2, |world| async move {
        let answers = echo(&world);
        world.sleep(Duration::from_secs(1)).await;
        let before = read(&answers);
        assert!(before > 4, "{before}");
        let cut = world.fault(CutProcess { target: named("server") }).await;
        world.sleep(Duration::from_secs(1)).await;
        let cut_off = read(&answers);
        assert!(cut_off <= before + 1, "{cut_off} after {before}");
        world.heal_one(cut);
        world.sleep(Duration::from_secs(1)).await;
        assert!(read(&answers) > cut_off + 4, "{} after {cut_off}", read(&answers));
    });
}

#[test]
fn a_panic_in_a_process_ends_the_run() {
    let config = SimulationConfig::default();
    let run = simulate(&config, false, |world| async move {
        world.process("a", |_cx| async move {
            madsim::time::sleep(Duration::from_secs(1)).await;
            panic!("a bug of the service");
        });
        world.sleep(Duration::from_secs(2)).await;
    });
    assert_eq!(run.unwrap_err().message, "a bug of the service");
}

#[test]
#[should_panic(expected = "a client or another process has the name `a`")]
fn two_processes_have_two_names() {
    let run = simulate(&SimulationConfig::default(), false, |world| async move {
        ticker(&world, "a");
        ticker(&world, "a");
    });
    panic!("{}", run.unwrap_err().message);
}

#[test]
#[should_panic(expected = "needs a process of one's own")]
fn a_world_without_processes_has_none_to_crash() {
    let run = simulate(&SimulationConfig::default(), false, |world| async move {
        world.fault(CrashProcess { target: named("a") }).await;
    });
    panic!("{}", run.unwrap_err().message);
}

#[test]
fn what_a_process_holds_is_dropped_when_it_crashes_and_when_the_world_ends() {
    struct Held(Arc<Mutex<Vec<&'static str>>>, &'static str);
    impl Drop for Held {
        fn drop(&mut self) {
            self.0.lock().expect("one thread").push(self.1);
        }
    }
    let dropped = Arc::<Mutex<Vec<&str>>>::default();
    let own = dropped.clone();
    in_world(1, |world| async move {
        let (of_process, in_world) = (own.clone(), own.clone());
        let process = world.process("a", move |cx| {
            let held = Held(of_process.clone(), if cx.start() == 1 { "first" } else { "second" });
            async move {
                let _held = held;
                std::future::pending::<()>().await;
            }
        });
        world.sleep(Duration::from_millis(10)).await;
        process.crash();
        process.restart();
        world.sleep(Duration::from_millis(10)).await;
        assert_eq!(*in_world.lock().expect("one thread"), ["first"]);
    });
    assert_eq!(*dropped.lock().expect("one thread"), ["first", "second"]);
}
