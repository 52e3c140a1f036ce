//! A counter in etcd that several workers add to.

use etcd_client::{Client, Compare, CompareOp, Error, GetResponse, Txn, TxnOp};
use std::time::Duration;
use tokio::time::sleep;

/// The key of the counter.
pub const COUNTER: &str = "counter";

/// Counts jobs, one after the other.
pub async fn count_jobs(mut etcd: Client, jobs: &[String]) {
    for _job in jobs {
        // Not counted: etcd is busy with an election, or a member is down.
        while count(&mut etcd).await.is_err() {
            sleep(Duration::from_millis(100)).await;
        }
    }
}

/// Adds one to the counter, when no other worker does so meanwhile.
async fn count(etcd: &mut Client) -> Result<(), Error> {
    loop {
        let (count, revision) = counted(&etcd.get(COUNTER, None).await?);
        let unchanged = Compare::mod_revision(COUNTER, CompareOp::Equal, revision);
        let add = TxnOp::put(COUNTER, (count + 1).to_string(), None);
        let txn = Txn::new().when([unchanged]).and_then([add]);
        if etcd.txn(txn).await?.succeeded() {
            return Ok(());
        }
    }
}

/// The counter, and the revision at which it was written: 0, as etcd has it, where it is not there yet.
fn counted(response: &GetResponse) -> (u64, i64) {
    let counter = response.kvs().first();
    let count = counter.and_then(|counter| counter.value_str().ok()?.parse().ok());
    (
        count.unwrap_or(0),
        counter.map_or(0, |counter| counter.mod_revision()),
    )
}
