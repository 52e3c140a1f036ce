//! The service in the world: three members, three instances, faults on both, jobs, and compactions.
//!
//! Promised, and judged under every seed:
//!
//! - every job is done within a minute of the last fault;
//! - at least one run of it ended, and the one that is said to have done it is one of these;
//! - the fencing token of its runs never goes back: none begins or ends after one with a higher token began;
//! - none that had lost the lock marked it done: the run that is said to have done it is the last.
//!
//! A run may be given up where it stands, and another begins: a job runs at least once, not exactly once.
//!
//! With one of the mistakes switched on, the same test must fail, by the words that are told here.

mod faults;
mod figures;
mod outside;
mod world;

/// The words of the failure that the mistake is found by; none without one.
pub const FOUND_BY: Option<&str> = if cfg!(feature = "sleepy-keepalive") {
    Some("a job ran with a fencing token older than that of another run")
} else if cfg!(feature = "unfenced-lock") {
    Some("a job was marked done by a run that had lost the lock")
} else if cfg!(feature = "forgetful-cache") {
    Some("jobs are not done a minute after the last fault")
} else {
    None
};

#[test]
fn every_job_is_done_and_fencing_tokens_never_go_back() {
    match (FOUND_BY, world::test(0..64).try_run(world::program)) {
        (None, Ok(_)) => {}
        (None, Err(failure)) => panic!("{failure}"),
        (Some(words), Ok(passed)) => {
            panic!("{} seeds, and none found the mistake: {words}", passed.seeds);
        }
        (Some(words), Err(failure)) => {
            println!("{failure}");
            assert!(failure.to_string().contains(words), "it was to fail by: {words}");
        }
    }
}
