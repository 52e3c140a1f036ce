//! The worker: it runs the jobs that are assigned to its instance.

use crate::cache::{Cache, View};
use crate::effects::{Effects, Job};
use crate::error::Error;
use crate::keys::{ASSIGNED, DONE, LOCKS};
use crate::leader::assigned_to;
use crate::patience::{before_retry, in_time};
use crate::session::Session;
use etcd_client::{Client, Compare, CompareOp, PutOptions, Txn, TxnOp, TxnOpResponse};
use std::collections::BTreeSet;

/// A job that is assigned to this instance.
#[derive(Clone, Debug)]
struct Task {
    id: String,
    payload: String,
    /// The revision of the assignment.
    assigned: i64,
}

/// Runs the jobs that are assigned to a session, one after the other.
pub async fn work(client: &Client, session: &Session, cache: &Cache, effects: &impl Effects) -> Error {
    let mut seen_to = BTreeSet::new();
    let mut views = cache.views();
    loop {
        let task = next_task(&views.borrow_and_update(), session, &seen_to);
        let outcome = match &task {
            Some(task) => perform(client, session, effects, task).await,
            None => views.changed().await.map_err(|_| Error::StreamEnded("cache".to_owned())),
        };
        match outcome {
            Ok(()) => seen_to.extend(task.map(|task| task.assigned)),
            Err(error) => {
                if let Err(error) = before_retry(error).await {
                    return error;
                }
            }
        }
    }
}

fn next_task(view: &View, session: &Session, seen_to: &BTreeSet<i64>) -> Option<Task> {
    let own = assigned_to(&session.name, session.revision);
    view.open_jobs().find_map(|(id, job)| {
        let assignment = view.assignment(id)?;
        let is_open = assignment.value == own && !seen_to.contains(&assignment.revision);
        is_open.then(|| Task { id: id.to_owned(), payload: job.value.clone(), assigned: assignment.revision })
    })
}

async fn perform(
    client: &Client,
    session: &Session,
    effects: &impl Effects,
    task: &Task,
) -> Result<(), Error> {
    let Some(fence) = lock(client, session, task).await? else { return Ok(()) };
    effects.run(&Job { id: task.id.clone(), payload: task.payload.clone(), fence }).await;
    // The next job need not wait for the answer. If the lease is lost meanwhile, the guard decides.
    tokio::spawn(mark_done(client.clone(), session.name.clone(), task.id.clone(), fence));
    Ok(())
}

/// Locks a job and returns the fencing token; `None` if there is nothing to do any more.
async fn lock(client: &Client, session: &Session, task: &Task) -> Result<Option<i64>, Error> {
    let (lock, done) = (format!("{LOCKS}{}", task.id), format!("{DONE}{}", task.id));
    let under_lease = PutOptions::new().with_lease(session.lease);
    let txn = Txn::new()
        .when([
            Compare::create_revision(lock.as_str(), CompareOp::Equal, 0),
            Compare::create_revision(done, CompareOp::Equal, 0),
            Compare::mod_revision(format!("{ASSIGNED}{}", task.id), CompareOp::Equal, task.assigned),
        ])
        .and_then([TxnOp::put(lock.as_str(), session.name.as_str(), Some(under_lease))])
        .or_else([TxnOp::get(lock, None)]);
    let answer = in_time(client.kv_client().txn(txn)).await?;
    if answer.succeeded() {
        return Ok(Some(answer.header().ok_or(Error::Incomplete("header"))?.revision()));
    }
    let responses = answer.op_responses();
    let Some(TxnOpResponse::Get(held)) = responses.first() else {
        return Err(Error::Incomplete("response"));
    };
    match held.kvs().first() {
        // An earlier try, whose answer was lost.
        Some(held) if held.lease() == session.lease => Ok(Some(held.create_revision())),
        Some(_) => Err(Error::Locked),
        None => Ok(None),
    }
}

/// Marks a job done and unlocks it, if the run with this fencing token holds the lock still.
async fn mark_done(client: Client, instance: String, job: String, fence: i64) -> Result<(), Error> {
    let lock = format!("{LOCKS}{job}");
    let guard = match cfg!(feature = "unfenced-lock") {
        // The mistake: who holds the lock by now is not asked.
        true => Vec::new(),
        false => vec![Compare::create_revision(lock.as_str(), CompareOp::Equal, fence)],
    };
    let done = format!("{instance} {fence}");
    let txn = Txn::new()
        .when(guard)
        .and_then([TxnOp::put(format!("{DONE}{job}"), done, None), TxnOp::delete(lock, None)]);
    loop {
        // Whether an earlier try took effect may be unknown: the guard lets one do so.
        match in_time(client.kv_client().txn(txn.clone())).await {
            Ok(_) => return Ok(()),
            Err(error) => before_retry(error).await?,
        }
    }
}
