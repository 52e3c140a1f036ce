//! The keys of the scheduler.

/// The beginning of all.
pub const ROOT: &str = "scheduler/";

/// Jobs: the user puts them.
pub const JOBS: &str = "scheduler/jobs/";

/// Instances that live: each under its lease.
pub const INSTANCES: &str = "scheduler/instances/";

/// Assignments: the leader puts them.
pub const ASSIGNED: &str = "scheduler/assigned/";

/// Locks of jobs that run: each under the lease of its instance.
pub const LOCKS: &str = "scheduler/locks/";

/// Jobs that are done, with the fencing token of the run.
pub const DONE: &str = "scheduler/done/";

/// The election of the leader.
pub const LEADER: &str = "scheduler/leader";
