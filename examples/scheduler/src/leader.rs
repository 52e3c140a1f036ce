//! The leader: it assigns jobs to instances that live.

use crate::cache::{Cache, Entry, View};
use crate::error::Error;
use crate::keys::{ASSIGNED, INSTANCES, LEADER};
use crate::patience::{before_retry, in_time, in_time_of};
use crate::session::Session;
use etcd_client::{Client, Compare, CompareOp, LeaderKey, Txn, TxnOp};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::Duration;

/// The time after which a campaign is begun anew: its member may have been cut off.
const CAMPAIGN: Duration = Duration::from_secs(10);

/// Campaigns, and leads, and campaigns again.
pub async fn lead(client: &Client, session: &Session, cache: &Cache) -> Error {
    loop {
        let Err(error) = lead_once(client, session, cache).await;
        if let Err(error) = before_retry(error).await {
            return error;
        }
    }
}

async fn lead_once(client: &Client, session: &Session, cache: &Cache) -> Result<Infallible, Error> {
    let mut elections = client.election_client();
    let campaign = elections.campaign(LEADER, session.name.as_str(), session.lease);
    let elected = in_time_of(CAMPAIGN, campaign).await?;
    let leader = elected.leader().ok_or(Error::Incomplete("leader"))?;
    assign_all(client, leader, cache).await
}

async fn assign_all(client: &Client, leader: &LeaderKey, cache: &Cache) -> Result<Infallible, Error> {
    let mut views = cache.views();
    loop {
        let view = views.borrow_and_update().clone();
        for assignment in to_assign(&view) {
            assign(client, leader, &assignment).await?;
        }
        views.changed().await.map_err(|_| Error::StreamEnded("cache".to_owned()))?;
    }
}

/// An assignment to be made.
#[derive(Debug, PartialEq, Eq)]
struct Assignment<'a> {
    job: &'a str,
    /// The revision of the assignment before; 0 if there is none.
    before: i64,
    instance: &'a str,
    /// The revision at which the instance announced itself.
    announced: i64,
}

/// The value of an assignment to an instance that announced itself at a revision.
pub fn assigned_to(instance: &str, announced: i64) -> String {
    format!("{instance} {announced}")
}

/// The jobs without a live instance, each with the one that has the fewest.
fn to_assign(view: &View) -> Vec<Assignment<'_>> {
    let value = |(name, entry): (&str, &Entry)| assigned_to(name, entry.revision);
    let mut loads: BTreeMap<String, usize> = view.instances().map(|instance| (value(instance), 0)).collect();
    let mut without = Vec::new();
    for (job, _) in view.open_jobs() {
        let assignment = view.assignment(job);
        match assignment.and_then(|assignment| loads.get_mut(&assignment.value)) {
            Some(load) => *load += 1,
            None => without.push((job, assignment.map_or(0, |assignment| assignment.revision))),
        }
    }
    let mut assignments = Vec::new();
    for (job, before) in without {
        let load = |instance: &(&str, &Entry)| loads.get(&value(*instance)).copied();
        let Some((instance, entry)) = view.instances().min_by_key(load) else { break };
        *loads.entry(value((instance, entry))).or_default() += 1;
        assignments.push(Assignment { job, before, instance, announced: entry.revision });
    }
    assignments
}

/// Makes an assignment, if this instance leads still and nothing changed that it depends on.
async fn assign(client: &Client, leader: &LeaderKey, new: &Assignment<'_>) -> Result<(), Error> {
    let (assigned, instance) = (format!("{ASSIGNED}{}", new.job), format!("{INSTANCES}{}", new.instance));
    let txn = Txn::new()
        .when([
            Compare::create_revision(leader.key(), CompareOp::Equal, leader.rev()),
            Compare::mod_revision(assigned.as_str(), CompareOp::Equal, new.before),
            Compare::mod_revision(instance, CompareOp::Equal, new.announced),
        ])
        .and_then([TxnOp::put(assigned, assigned_to(new.instance, new.announced), None)]);
    if in_time(client.kv_client().txn(txn)).await?.succeeded() {
        return Ok(());
    }
    let own = in_time(client.kv_client().get(leader.key(), None)).await?;
    match own.kvs().first() {
        Some(key) if key.create_revision() == leader.rev() => Ok(()),
        _ => Err(Error::Deposed),
    }
}
