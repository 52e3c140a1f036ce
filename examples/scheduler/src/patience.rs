//! The time that things may take, and retries.

use crate::error::Error;
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// The time that an answer may take.
const ANSWER: Duration = Duration::from_secs(2);

/// The pause before a retry.
const RETRY: Duration = Duration::from_millis(300);

/// Waits for an answer, but not for ever: a connection that is cut says nothing.
pub async fn in_time<T>(call: impl Future<Output = Result<T, etcd_client::Error>>) -> Result<T, Error> {
    in_time_of(ANSWER, call).await
}

/// As [`in_time`], for a call that may take so long.
pub async fn in_time_of<T>(
    limit: Duration,
    call: impl Future<Output = Result<T, etcd_client::Error>>,
) -> Result<T, Error> {
    Ok(timeout(limit, call).await.map_err(|_| Error::Late)??)
}

/// Waits before a retry; returns the error instead if no retry mends it.
pub async fn before_retry(error: Error) -> Result<(), Error> {
    if error.is_final() {
        return Err(error);
    }
    sleep(RETRY).await;
    Ok(())
}
