//! The shape of a generated history.

/// The shape of a generated history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// The number of operations.
    pub operations: usize,
    /// The number of clients, each with one operation at a time.
    pub clients: u32,
    /// The number of members that answer.
    pub members: u64,
    /// The number of keys.
    pub keys: u64,
    /// The number of values: where they are few, they do not identify their writer.
    pub values: u64,
    /// Of a hundred operations, how many have an unknown outcome.
    pub unknown_percent: u64,
    /// The number of watchers. The first watches every key from the beginning.
    pub watchers: u32,
    /// The mean number of responses of a watch before its stream breaks and it resumes.
    pub frames_per_watch: u64,
    /// Every how many operations, about, there is a compaction; 0 for never.
    pub compact_every: u64,
}

impl Default for Shape {
    fn default() -> Self {
        Shape {
            operations: 1000,
            clients: 5,
            members: 3,
            keys: 10,
            values: u64::MAX,
            unknown_percent: 5,
            watchers: 5,
            frames_per_watch: 50,
            compact_every: 100,
        }
    }
}
