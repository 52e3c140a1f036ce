//! A scheduler of jobs on etcd: instances of one service share the jobs that users put.
//!
//! A user puts `scheduler/jobs/<id>`. Each instance announces itself under a lease ([`session`]), follows all keys
//! ([`cache`]) and campaigns. The leader assigns jobs to live instances ([`leader`]). An instance locks a job that is
//! assigned to it, runs it, and marks it done ([`worker`]). Where the lease is lost, all that was begun under it is dropped,
//! and the instance begins anew.
//!
//! A job runs at least once. The create revision of its lock is the fencing token of a run: it begins and ends only while the
//! lease is known to live, so tokens never go back, and only a run that holds the lock still writes `scheduler/done/<id>`.

mod cache;
mod effects;
mod error;
pub mod keys;
mod leader;
mod patience;
mod session;
mod worker;

pub use effects::{Effects, Job};
pub use error::Error;

use cache::Cache;
use etcd_client::Client;
use session::Session;
use std::convert::Infallible;

/// Runs an instance of the scheduler, which no other instance that runs has the name of.
///
/// The client should need a leader (`ConnectOptions::with_require_leader`): a watch at a member that is cut off would tell
/// nothing, and not end. Returns with an error that no retry mends.
pub async fn run(client: Client, name: &str, effects: impl Effects) -> Result<(), Error> {
    let cache = Cache::default();
    tokio::select! {
        biased;
        error = cache.follow(&client) => Err(error),
        error = live(&client, name, &cache, &effects) => Err(error),
    }
}

/// Serves under one lease after the other.
async fn live(client: &Client, name: &str, cache: &Cache, effects: &impl Effects) -> Error {
    loop {
        let Err(error) = serve(client, name, cache, effects).await;
        if let Err(error) = patience::before_retry(error).await {
            return error;
        }
    }
}

/// Serves under one lease until that is lost.
async fn serve(
    client: &Client,
    name: &str,
    cache: &Cache,
    effects: &impl Effects,
) -> Result<Infallible, Error> {
    let session = Session::open(client, name).await?;
    tokio::select! {
        // The lease first: nothing goes on that began under one that may be over, also after the process stood still.
        biased;
        () = session.lost() => Err(Error::LeaseLost),
        error = session.keep_alive(client) => Err(error),
        error = leader::lead(client, &session, cache) => Err(error),
        error = worker::work(client, &session, cache, effects) => Err(error),
    }
}
