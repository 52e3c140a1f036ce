//! Probes: after the last fault is healed, every service of every server is asked until it answers.
//!
//! The evidence for "recovers" beyond reads and writes: a service that never answers again violates no other guarantee.

mod room;
mod turns;

use crate::client::{CallError, Client, RecipeError, Session, UnknownCause, WatchItem, WatchOptions};
use crate::world::World;
use madsim::time::Duration;
use revline_checker::history::{MemberId as JudgedMember, Observation};
use revline_store::api::AuthRequest;
use revline_store::error::Error;
use revline_store::machine::MemberId;
pub(crate) use room::make_room_if_little;

/// The time between two attempts.
const RETRY: Duration = Duration::from_millis(100);

/// The time that an attempt may take: longer than a request may wait for the cluster.
const ATTEMPT: Duration = Duration::from_secs(8);

/// The TTL of leases of probes, in seconds: no probe takes so long.
const TTL_S: i64 = 60;

/// The smallest key there can be.
pub(crate) const FIRST_KEY: &str = "\0";

/// An attempt that was not served.
enum Unserved {
    /// It was refused, or nothing came.
    Failed,
    /// The server does not take the client for the administrator any more, or not yet: auth was turned on since it asked,
    /// or its token ran out.
    Stranger,
    /// The members are full.
    Full,
    /// A learner does not serve it.
    ByLearner,
}

impl From<Error> for Unserved {
    fn from(error: Error) -> Unserved {
        match error {
            Error::NotSupportedForLearner => Unserved::ByLearner,
            Error::NoSpace => Unserved::Full,
            Error::UserEmpty | Error::InvalidAuthToken | Error::AuthOldRevision => Unserved::Stranger,
            _ => Unserved::Failed,
        }
    }
}

impl From<CallError> for Unserved {
    fn from(error: CallError) -> Unserved {
        match error {
            CallError::Failed(error) => error.into(),
            CallError::Unknown(UnknownCause::NoSpace) => Unserved::Full,
            CallError::Refused | CallError::Unknown(_) => Unserved::Failed,
        }
    }
}

impl From<RecipeError> for Unserved {
    fn from(error: RecipeError) -> Unserved {
        match error {
            RecipeError::Call(error) => error.into(),
            _ => Unserved::Failed,
        }
    }
}

/// A client of one server, which asks for one service after the other.
pub(crate) struct Probe<'a> {
    pub world: &'a World,
    pub server: MemberId,
    pub client: Client,
    /// The end of the time that recovery may take.
    pub until: Duration,
    /// The time for one service, however late it is asked for: a datagram that is lost costs as long as a member waits.
    pub bound: Duration,
}

/// Asks for each service until it is served, or the time is over.
macro_rules! ask_for {
    ($probe:ident: $($service:ident,)*) => {
        // One that is not served is evidence enough: those after it have what time is left.
        let mut bound = $probe.bound;
        $(
            let until = $probe.until.max($probe.world.elapsed() + bound);
            // One that is down for good is no longer asked: whether it may be is for other guarantees.
            while $probe.world.serves($probe.server) {
                let tried = $probe.world.timeout(ATTEMPT, $probe.$service()).await;
                match tried.unwrap_or(Err(Unserved::Failed)) {
                    Ok(()) => $probe.note(stringify!($service), true),
                    Err(Unserved::ByLearner) => {}
                    Err(why) if $probe.world.elapsed() < until => {
                        match why {
                            Unserved::Stranger => {
                                administer($probe.world, &$probe.client).await;
                            }
                            Unserved::Full => room::make_room($probe.world).await,
                            Unserved::Failed | Unserved::ByLearner => {}
                        }
                        $probe.world.sleep(RETRY).await;
                        continue;
                    }
                    Err(_) => {
                        bound = Duration::ZERO;
                        $probe.note(stringify!($service), false);
                    }
                }
                break;
            }
        )*
        let _ = bound;
    };
}

/// Makes a client the administrator's; false if it has to be tried again.
pub(crate) async fn administer(world: &World, client: &Client) -> bool {
    let administrator = world.shared.lock().administrator.clone();
    let Some((user, password)) = administrator else { return true };
    let answer = client.authenticate(&user, &password).await;
    matches!(answer, Ok(()) | Err(CallError::Failed(Error::AuthNotEnabled)))
}

impl Probe<'_> {
    /// Asks for every service that members and proxies have.
    pub async fn any_server(&self) {
        ask_for! { self: watch, progress, watch_cancel, lease, lock, election, observe, auth_status, }
    }

    /// Asks for every service that only members have.
    pub async fn member(&self) {
        ask_for! { self: cluster, alarms, status, hash_kv, defragment, snapshot, }
    }

    /// Asks for what clients do with one another.
    pub async fn turns(&self) {
        ask_for! { self: lock_turn, observe_turn, recipe_turn, }
    }

    /// Asks for a change of the members that changes nothing.
    pub async fn change(&self) {
        ask_for! { self: member_update, }
    }

    fn note(&self, service: &str, served: bool) {
        let mut state = self.world.shared.lock();
        let (at_ns, member) = (state.now_ns, JudgedMember(self.server));
        state.recorder.observe(Observation::Probed { at_ns, member, service: service.to_owned(), served });
    }

    /// A key for this attempt: an earlier one may have left a lock or a leadership to its lease.
    fn key(&self) -> String {
        format!("revline/probe/{}/{}", self.server, self.world.elapsed().as_nanos())
    }

    async fn watch(&self) -> Result<(), Unserved> {
        // From before the write on: a watch from now may begin after it.
        let key = self.key();
        let start_revision = self.client.put(key.as_str(), "to be watched").await?.header.revision;
        let options = WatchOptions { start_revision, ..WatchOptions::default() };
        let mut watcher = self.client.watch(key.as_str(), "", options).await;
        loop {
            match watcher.next().await {
                Some(WatchItem::Events(_)) => return Ok(()),
                Some(WatchItem::Refused(why)) => return Err(refused(&why)),
                Some(WatchItem::Progress(_) | WatchItem::Compacted(_)) => {}
                None => return Err(Unserved::Failed),
            }
        }
    }

    async fn progress(&self) -> Result<(), Unserved> {
        let mut watcher = self.client.watch(self.key(), "", WatchOptions::default()).await;
        watcher.request_progress();
        loop {
            match watcher.next().await {
                Some(WatchItem::Progress(_)) => return Ok(()),
                Some(WatchItem::Refused(why)) => return Err(refused(&why)),
                Some(_) => {}
                None => return Err(Unserved::Failed),
            }
        }
    }

    /// Ends one of two watches of a stream, and the other goes on.
    async fn watch_cancel(&self) -> Result<(), Unserved> {
        let mut stream = self.client.watch_stream_once();
        let [first, _] = [0, 1].map(|_| stream.watch(self.key(), "", WatchOptions::default()));
        stream.cancel(first);
        if !stream.canceled(first).await {
            return Err(Unserved::Failed);
        }
        stream.request_progress();
        loop {
            match stream.next().await {
                Some((_, WatchItem::Progress(_))) => return Ok(()),
                Some((_, WatchItem::Refused(why))) => return Err(refused(&why)),
                Some(_) => {}
                None => return Err(Unserved::Failed),
            }
        }
    }

    async fn lease(&self) -> Result<(), Unserved> {
        let lease = self.client.grant(TTL_S).await?.id;
        self.client.put_with_lease(self.key(), "leased", lease).await?;
        self.client.keep_alive_once(lease).await?;
        self.client.time_to_live(lease, true).await?;
        self.client.leases().await?;
        self.client.revoke(lease).await?;
        Ok(())
    }

    async fn session(&self) -> Result<Session, Unserved> {
        Ok(self.client.session(TTL_S).await?)
    }

    async fn lock(&self) -> Result<(), Unserved> {
        let session = self.session().await?;
        session.lock_by_service(self.key(), ATTEMPT).await?.give_up().await?;
        session.close().await?;
        Ok(())
    }

    async fn election(&self) -> Result<(), Unserved> {
        let (name, session) = (self.key(), self.session().await?);
        session.campaign_by_service(name.as_str(), "leads", ATTEMPT).await?;
        // Who leads and campaigns again, leads on with the other value.
        let mut held = session.campaign_by_service(name.as_str(), "leads again", ATTEMPT).await?;
        held.proclaim("leads on").await?;
        self.client.leader_by_service(name.as_str()).await?;
        held.give_up().await?;
        session.close().await?;
        Ok(())
    }

    async fn observe(&self) -> Result<(), Unserved> {
        let (name, session) = (self.key(), self.session().await?);
        let held = session.campaign_by_service(name.as_str(), "observed", ATTEMPT).await?;
        self.client.observe_by_service(name.as_str()).next().await?;
        held.give_up().await?;
        session.close().await?;
        Ok(())
    }

    async fn cluster(&self) -> Result<(), Unserved> {
        self.client.member_list(true).await?;
        Ok(())
    }

    /// Gives a member the name that it has.
    async fn member_update(&self) -> Result<(), Unserved> {
        let list = self.client.member_list(true).await?;
        let own = list.members.iter().find(|member| member.id == self.server).ok_or(Unserved::Failed)?;
        self.client.member_update(own.id, &own.name).await?;
        Ok(())
    }

    async fn alarms(&self) -> Result<(), Unserved> {
        self.client.alarms().await?;
        Ok(())
    }

    async fn status(&self) -> Result<(), Unserved> {
        self.client.status().await?;
        Ok(())
    }

    async fn hash_kv(&self) -> Result<(), Unserved> {
        self.client.hash_kv(0).await?;
        Ok(())
    }

    async fn defragment(&self) -> Result<(), Unserved> {
        self.client.defragment().await?;
        Ok(())
    }

    async fn snapshot(&self) -> Result<(), Unserved> {
        self.client.snapshot().await?;
        Ok(())
    }

    async fn auth_status(&self) -> Result<(), Unserved> {
        let header = *self.client.auth(AuthRequest::Status).await?.header_mut();
        // The store begins at revision 1.
        if header.member_id != 0 && header.revision > 0 { Ok(()) } else { Err(Unserved::Failed) }
    }
}

fn refused(why: &str) -> Unserved {
    why.parse().map_or(Unserved::Failed, |error: Error| error.into())
}
