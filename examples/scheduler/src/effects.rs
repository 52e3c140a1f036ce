//! The work of jobs, as far as etcd does not see it.

/// A job that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its name below [`crate::keys::JOBS`].
    pub id: String,
    /// The value that the user put.
    pub payload: String,
    /// The fencing token: the create revision of the job's lock. Later holders have higher ones, so an effect that checks it
    /// is safe from a run that is late.
    pub fence: i64,
}

/// The effect of a job on the world outside.
pub trait Effects: Send + Sync {
    /// Runs a job. It is dropped where it stands if the lease is lost meanwhile, and another instance runs the job again.
    fn run(&self, job: &Job) -> impl Future<Output = ()> + Send;
}
