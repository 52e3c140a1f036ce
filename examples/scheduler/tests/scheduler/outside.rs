//! The world outside: it notes the fencing token of each run.

use scheduler::{Effects, Job};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The time that a job takes.
const JOB: Duration = Duration::from_secs(1);

/// The runs of all jobs. Clones are the same world.
#[derive(Clone, Default)]
pub struct Outside(Arc<Mutex<BTreeMap<String, Runs>>>);

/// The runs of a job.
#[derive(Default)]
struct Runs {
    /// The highest token.
    highest: i64,
    begun: usize,
    /// The tokens of those that ended.
    ended: BTreeSet<i64>,
}

impl Outside {
    /// The number of runs that began.
    pub fn runs(&self) -> usize {
        self.lock().values().map(|runs| runs.begun).sum()
    }

    /// True if a run of the job with this token ended.
    pub fn has_run(&self, job: &str, fence: i64) -> bool {
        self.lock().get(job).is_some_and(|runs| runs.ended.contains(&fence))
    }

    /// True if no run of the job began with a higher token.
    pub fn is_last(&self, job: &str, fence: i64) -> bool {
        self.lock().get(job).is_some_and(|runs| runs.highest <= fence)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Runs>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, job: &Job, note: impl FnOnce(&mut Runs)) {
        let mut jobs = self.lock();
        let runs = jobs.entry(job.id.clone()).or_default();
        assert!(job.fence >= runs.highest, "a job ran with a fencing token older than that of another run");
        runs.highest = job.fence;
        note(runs);
    }
}

impl Effects for Outside {
    async fn run(&self, job: &Job) {
        self.note(job, |runs| runs.begun += 1);
        tokio::time::sleep(JOB).await;
        self.note(job, |runs| {
            runs.ended.insert(job.fence);
        });
    }
}
