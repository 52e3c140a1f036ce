//! Asking every service after a world has settled: watches, leases, locks and elections, with a client that waits for another.
//!
//! The evidence for the guarantee "services-recover".

use crate::client::{Client, ClientPlace, WatchItem, WatchOptions};
use crate::trace::node_of;
use crate::world::World;
use madsim::time::Duration;
use revline_store::machine::MemberId;

/// The time between two attempts, and that for which a lock is held while another client waits for it.
const PAUSE: Duration = Duration::from_millis(100);

/// The time that a client waits for a lock.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// The time to live of the leases.
const TTL_S: i64 = 30;

impl World {
    /// Asks every service through every member and every proxy, until each has done its work or the time has come.
    pub async fn ask_services(&self, until: Duration) {
        for endpoint in self.members().into_iter().chain(self.proxies()) {
            let asking = [1, 2].map(|number| self.asking(endpoint, number));
            let name = format!("revline/probe/{}", node_of(endpoint));
            while self.elapsed() < until && ask(self, &name, &asking).await.is_none() {
                self.sleep(PAUSE).await;
            }
        }
    }

    fn asking(&self, endpoint: MemberId, number: u64) -> Client {
        let name = format!("service probe {number} at {}", node_of(endpoint));
        self.client_in_place(ClientPlace {
            name,
            endpoints: vec![endpoint],
            first: Some(0),
            ..ClientPlace::default()
        })
    }
}

/// Asks once. Between attempts leases may be left over: they run out.
async fn ask(world: &World, name: &str, [one, two]: &[Client; 2]) -> Option<()> {
    for client in [one, two] {
        client.put(name, "asks").await.ok()?;
    }
    watch(world, name, one).await?;
    let (first, second) = (one.session(TTL_S).await.ok()?, two.session(TTL_S).await.ok()?);
    let lock = first.lock_by_service(name, PATIENCE).await.ok()?;
    let (waiting, wanted) = (second.clone(), name.to_owned());
    let waiter = world.spawn(async move { waiting.lock_by_service(wanted, PATIENCE).await });
    world.sleep(PAUSE).await;
    lock.give_up().await.ok()?;
    waiter.await.ok()?.ok()?.give_up().await.ok()?;
    let mut leader = first.campaign_by_service(name, "first", PATIENCE).await.ok()?;
    let (mut by_service, mut by_client) = (two.observe_by_service(name), one.observe(name));
    world.timeout(PATIENCE, by_service.next()).await.ok()?.ok()?;
    world.timeout(PATIENCE, by_client.next()).await.ok()??;
    let (waiting, wanted) = (second.clone(), name.to_owned());
    let candidate = world.spawn(async move { waiting.campaign_by_service(wanted, "second", PATIENCE).await });
    leader.proclaim("still the first").await.ok()?;
    two.leader(name).await.ok()?;
    world.sleep(PAUSE).await;
    leader.give_up().await.ok()?;
    candidate.await.ok()?.ok()?.give_up().await.ok()?;
    for (client, session) in [(one, first), (two, second)] {
        client.keep_alive_once(session.lease()).await.ok()?;
        client.time_to_live(session.lease(), true).await.ok()?;
        client.leases().await.ok()?;
        session.close().await.ok()?;
    }
    Some(())
}

/// Watches a key until it is told of a change, and then how far it has come.
async fn watch(world: &World, name: &str, client: &Client) -> Option<()> {
    let mut watcher = client.watch(name, "", WatchOptions::default()).await;
    let mut wanted = 0;
    while wanted < 2 {
        if wanted == 0 {
            client.put(name, "watched").await.ok()?;
        } else {
            watcher.request_progress();
        }
        match (wanted, world.timeout(PATIENCE, watcher.next()).await.ok()??) {
            (0, WatchItem::Events(_)) | (1, WatchItem::Progress(_)) => wanted += 1,
            (_, WatchItem::Events(_) | WatchItem::Progress(_)) => {}
            (_, WatchItem::Compacted(_) | WatchItem::Refused(_)) => return None,
        }
    }
    Some(())
}
