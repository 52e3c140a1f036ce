//! The bounds of scenarios and plans, with the reason for each.

use super::Bound;

/// The longest that anything in a run may take, in milliseconds: an hour.
const HOUR_MS: u64 = 3_600_000;

/// The time in which clients work.
pub const DURATION_MS: Bound = Bound::new(1, HOUR_MS, "a run is kept in memory until it is judged");
/// The time that recovery may take.
pub const RECOVERY_MS: Bound = Bound::new(1, HOUR_MS, "a run is kept in memory until it is judged");
/// Times and pauses in milliseconds.
pub const TIME_MS: Bound = Bound::new(0, HOUR_MS, "no run lasts longer than an hour");
/// Times and pauses in microseconds.
pub const TIME_US: Bound = Bound::new(0, HOUR_MS * 1_000, "no run lasts longer than an hour");
/// The times of an operator's steps: some come when the clients have ended.
pub const STEP_MS: Bound = Bound::new(0, 2 * HOUR_MS, "no run lasts longer than two hours, with its end");
/// The time that a call may take.
pub const DEADLINE_MS: Bound = Bound::new(1, HOUR_MS, "no run lasts longer than an hour");
/// The time that a frame may wait.
pub const STALL_MS: Bound = Bound::new(1, HOUR_MS, "no run lasts longer than an hour");
/// The stalls of holders that outlive their leases.
pub const STALLED_MS: Bound = Bound::new(0, 1_001_000_000, "a holder stalls for its TTL and some seconds");

/// Writers, readers of a member, clients that use leases, locks, elections and streams: of each sort.
pub const CLIENTS: Bound = Bound::new(0, 100, "each is a process in the world");
/// Watchers.
pub const WATCHERS: Bound = Bound::new(0, 1_000, "each is a process in the world");
/// Clients of a plan, of all sorts.
pub const PLANNED_CLIENTS: Bound = Bound::new(0, 20_000, "each is a process in the world");
/// Endpoints of a client; with which it begins is counted around.
pub const ENDPOINTS: Bound = Bound::new(0, 1_000, "there are no more members and proxies");
/// Operations of a txn, and writes of a holder.
pub const OPERATIONS: Bound = Bound::new(0, 1_000, "a txn has at most 128 operations");
/// The steps of a plan, all together: operations, watches, reconnections and faults.
pub const PLANNED: u64 = 2_000_000;
/// Weights of what is drawn.
pub const WEIGHT: Bound = Bound::new(0, 1_000_000, "weights are added up, and only compared with each other");
/// Keys that clients share.
pub const KEYS: Bound = Bound::new(1, 100_000, "every list reads all of them");
/// Names of locks and of elections.
pub const NAMES: Bound = Bound::new(1, 100, "there are at most so many lockers");
/// Users.
pub const USERS: Bound = Bound::new(0, 20, "each has a role, and clients take turns in them");
/// The time that a signed token is valid, in seconds.
pub const JWT_TTL_S: Bound = Bound::new(0, 1_000_000, "no run lasts that long");
/// Keys of a lease.
pub const LEASE_KEYS: Bound = Bound::new(0, 50, "each is put on its own");
/// TTLs asked for, in seconds.
pub const TTL_S: Bound = Bound::new(0, 1_000_000, "no run lasts that long");
/// Pauses and waits of clients that lock, campaign or change users, in milliseconds.
pub const PAUSE_MS: Bound = Bound::new(0, 1_000_000, "no run lasts much longer");
/// Watches on a stream.
pub const STREAM_WATCHES: Bound = Bound::new(0, 1_000, "each is caught up on its own");
/// Revisions that a watch may begin at.
pub const START_REVISION: Bound = Bound::new(0, 1_000_000, "no run makes so many revisions");
/// Revisions that a client looks back.
pub const BEHIND: Bound = Bound::new(0, 1_000_000, "no run makes so many revisions");
/// Ids that clients choose for watches, or what they are below 0.
pub const WATCH_ID: Bound = Bound::new(0, 1_000_000, "a stream has at most so many watches");
/// Ids that clients choose for leases.
pub const LEASE_ID: Bound = Bound::new(1, 1_000_000_000, "each user of leases has a million of its own");
/// Proxies in a layer.
pub const PROXIES: Bound = Bound::new(0, 50, "each is a process in the world");
/// Layers of proxies.
pub const LAYERS: Bound = Bound::new(1, 5, "each call passes all of them");
/// Namespaces.
pub const NAMESPACES: Bound = Bound::new(0, 50, "clients take turns in them");
/// Schedules of faults, and faults in one of them.
pub const SCHEDULES: Bound = Bound::new(0, 1_000, "each strikes at times of its own");
/// Tasks of an operator.
pub const TASKS: u64 = 80;

/// Times of a sync, in microseconds.
pub const SYNC_US: Bound = Bound::new(0, 60_000_000, "no disk takes longer than a minute");
/// The cost of a piece of work, in microseconds.
pub const WORK_US: Bound =
    Bound::new(0, 1_000_000, "a process that works for longer is one that stands still");
/// Responses that wait for a client. A progress request that comes with a creation is dropped where one fills the stream.
pub const QUEUE_RESPONSES: Bound =
    Bound::new(2, 1_000_000, "the answer to a creation must not fill a stream, and all are kept in memory");
/// Entries between two snapshots, and between two digests.
pub const ENTRIES: Bound = Bound::new(0, 1_000_000_000, "no run writes so many");
/// Revisions between two hashes.
pub const REVISIONS: Bound = Bound::new(0, 1_000_000_000, "no run makes so many");
/// Intervals of what members do by themselves, in milliseconds: a day.
pub const INTERVAL_MS: Bound = Bound::new(0, 24 * HOUR_MS, "no run lasts longer than an hour");
/// The size of a member's storage, in bytes: 1 TiB.
pub const QUOTA_BYTES: Bound = Bound::new(1, 1 << 40, "it is kept in memory");

/// The name of a scenario.
pub const SCENARIO_NAME_BYTES: Bound = Bound::new(1, 100, "it is part of the names of files");
/// Names of clients, users, roles, members, locks and elections.
pub const NAME_BYTES: Bound = Bound::new(0, 1_000, "it is a name");
/// The prefix of a namespace.
pub const PREFIX_BYTES: Bound = Bound::new(0, 1_000, "every key begins with it");
/// Keys and values.
pub const TEXT_BYTES: Bound = Bound::new(0, 2_000_000, "a request has at most 1.5 MiB");

/// The size of a scenario file.
pub const SCENARIO_FILE_BYTES: u64 = 1 << 20;
/// The size of a bundle, and of a regression: it holds a plan, and two bytes for each event of its run.
pub const BUNDLE_FILE_BYTES: u64 = 512 << 20;
