//! The lease of an instance: kept alive, and known to be lost in time.

use crate::error::Error;
use crate::keys::INSTANCES;
use crate::patience::{before_retry, in_time};
use etcd_client::{Client, PutOptions};
use std::convert::Infallible;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};

/// The time to live of a lease.
const TTL: Duration = Duration::from_secs(5);

/// The time by which a lease is given up before it can be over.
const MARGIN: Duration = Duration::from_millis(500);

/// The time after which an answer is slow.
const SLOW: Duration = Duration::from_millis(500);

/// An instance under a lease.
#[derive(Debug)]
pub struct Session {
    /// The name of the instance.
    pub name: String,
    /// The lease.
    pub lease: i64,
    /// The revision at which the instance announced itself: it tells it from earlier ones of its name.
    pub revision: i64,
    held_until: Mutex<Instant>,
}

impl Session {
    /// Grants a lease, and announces the instance under it.
    pub async fn open(client: &Client, name: &str) -> Result<Session, Error> {
        let sent = Instant::now();
        let granted = in_time(client.lease_client().grant(TTL.as_secs() as i64, None)).await?;
        let announce = PutOptions::new().with_lease(granted.id());
        let key = format!("{INSTANCES}{name}");
        let put = in_time(client.kv_client().put(key, name, Some(announce))).await?;
        let revision = put.header().ok_or(Error::Incomplete("header"))?.revision();
        let held_until = Mutex::new(sent + TTL - MARGIN);
        Ok(Session { name: name.to_owned(), lease: granted.id(), revision, held_until })
    }

    /// Waits until the lease may be over.
    pub async fn lost(&self) {
        loop {
            let until = *self.held_until.lock().unwrap_or_else(PoisonError::into_inner);
            if Instant::now() >= until {
                return;
            }
            sleep_until(until).await;
        }
    }

    /// Keeps the lease alive, over one stream after the other, until etcd says that it is lost.
    pub async fn keep_alive(&self, client: &Client) -> Error {
        loop {
            let Err(error) = self.keep_alive_by_stream(client).await;
            if matches!(error, Error::LeaseLost) {
                return error;
            }
            if let Err(error) = before_retry(error).await {
                return error;
            }
        }
    }

    async fn keep_alive_by_stream(&self, client: &Client) -> Result<Infallible, Error> {
        let mut sent = Instant::now();
        let (mut keeper, mut answers) = in_time(client.lease_client().keep_alive(self.lease)).await?;
        loop {
            sleep(self.renewed(sent)).await;
            sent = Instant::now();
            in_time(keeper.keep_alive()).await?;
            let answer = in_time(answers.message()).await?;
            let answer = answer.ok_or_else(|| Error::StreamEnded("keepalive".to_owned()))?;
            if answer.ttl() <= 0 {
                return Err(Error::LeaseLost);
            }
        }
    }

    /// Notes the answer to a keepalive that was sent then, and returns the pause before the next. The lease lives from when
    /// the server had the keepalive, which is not before it was sent.
    fn renewed(&self, sent: Instant) -> Duration {
        let (held_until, pause) = if cfg!(feature = "sleepy-keepalive") && sent.elapsed() > SLOW {
            // The mistake: a slow server is spared, for longer than the lease lives, and the lease is counted on meanwhile.
            (Instant::now() + 3 * TTL, 2 * TTL)
        } else {
            (sent + TTL - MARGIN, TTL / 3)
        };
        *self.held_until.lock().unwrap_or_else(PoisonError::into_inner) = held_until;
        pause
    }
}
