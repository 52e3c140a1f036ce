//! Hand-made histories, for testing checkers and recorders.
//!
//! ```
//! use revline_checker::history::build::{Builder, get, kv, put, ranged, written};
//!
//! let mut history = Builder::default();
//! history.ok(0, put("a", "1"), written(2));
//! history.ok(1, get("a"), ranged(2, [kv("a", "1", 2, 2, 1)]));
//! let verdicts = revline_checker::judge::Judge::new(&history.build()).run();
//! assert!(!verdicts.any_violated());
//! ```

mod admin;
mod auth;
mod requests;
mod responses;

pub use admin::*;
pub use auth::*;
pub use requests::*;
pub use responses::*;

use super::*;

/// Collects a history, moving its clock on with every operation and frame. It is that of a new store.
#[derive(Clone, Debug)]
pub struct Builder {
    history: History,
    now_ns: u64,
}

impl Default for Builder {
    fn default() -> Self {
        Builder { history: History { is_of_new_store: true, ..History::default() }, now_ns: 0 }
    }
}

impl Builder {
    /// The same for a history that does not say that its store was new.
    pub fn in_the_middle() -> Self {
        Builder { history: History::default(), now_ns: 0 }
    }

    /// The next moment.
    pub fn tick(&mut self) -> u64 {
        self.now_ns += 10;
        self.now_ns
    }

    /// An operation that was answered before the next thing began. Returns its index.
    pub fn ok(&mut self, client: u32, request: Request, response: Response) -> usize {
        self.operation(client, request, Outcome::Ok(response))
    }

    /// An operation that was answered in a term.
    pub fn ok_in_term(&mut self, client: u32, request: Request, mut response: Response, term: u64) -> usize {
        response.header_mut().term = term;
        self.ok(client, request, response)
    }

    /// An operation that was refused.
    pub fn failed(&mut self, client: u32, request: Request, code: &str, message: &str) -> usize {
        let error = Error { code: code.to_owned(), message: message.to_owned() };
        self.operation(client, request, Outcome::Failed(error))
    }

    /// An operation whose client gave up on it.
    pub fn unknown(&mut self, client: u32, request: Request) -> usize {
        self.operation(client, request, Outcome::Unknown("timed out".to_owned()))
    }

    fn operation(&mut self, client: u32, request: Request, outcome: Outcome) -> usize {
        let invoke_ns = self.tick();
        let return_ns = Some(self.tick());
        self.history.operations.push(Operation {
            client: ClientId(client),
            member: None,
            user: None,
            invoke_ns,
            return_ns,
            request,
            outcome,
        });
        self.history.operations.len() - 1
    }

    /// Moves an operation to other times.
    pub fn during(&mut self, operation: usize, invoke_ns: u64, return_ns: u64) {
        self.history.operations[operation].invoke_ns = invoke_ns;
        self.history.operations[operation].return_ns = Some(return_ns);
    }

    /// Lets an operation begin then, and never end.
    #[cfg(test)]
    pub(crate) fn left_open(&mut self, operation: usize, invoke_ns: u64) {
        self.history.operations[operation].invoke_ns = invoke_ns;
        self.history.operations[operation].return_ns = None;
    }

    /// Names the member an operation was sent to.
    pub fn sent_to(&mut self, operation: usize, member: u64) {
        self.history.operations[operation].member = Some(MemberId(member));
    }

    /// A watch. Returns its index, which is its id as well.
    pub fn watch(&mut self, client: u32, request: WatchRequest) -> usize {
        let invoke_ns = self.tick();
        let index = self.history.watches.len();
        self.history.watches.push(Watch::new(index as u64, ClientId(client), request, invoke_ns));
        index
    }

    /// A watch that goes on where another was cut off.
    pub fn resume(&mut self, watch: usize, start_revision: Revision) -> usize {
        let at = self.tick();
        let earlier = &mut self.history.watches[watch];
        (earlier.end, earlier.end_ns) = (WatchEnd::Broken, Some(at));
        let (client, request) =
            (earlier.client.0, WatchRequest { start_revision, ..earlier.request.clone() });
        let index = self.watch(client, request);
        self.history.watches[index].resumes = Some(watch as u64);
        index
    }

    /// A frame of a watch, as it is.
    pub fn frame(&mut self, watch: usize, frame: WatchFrame) {
        let received_ns = self.tick();
        self.history.watches[watch].frames.push(WatchFrame { received_ns, ..frame });
    }

    /// The frame that says the watch was created.
    pub fn created(&mut self, watch: usize, revision: Revision) {
        self.frame(watch, WatchFrame { revision, created: true, ..WatchFrame::default() });
    }

    /// A frame with events, whose header is at the last of them.
    pub fn events(&mut self, watch: usize, events: impl IntoIterator<Item = Event>) {
        let events: Vec<_> = events.into_iter().collect();
        let revision = events.last().map_or(0, |event| event.kv.mod_revision);
        self.frame(watch, WatchFrame { revision, events, ..WatchFrame::default() });
    }

    /// A progress notification.
    pub fn progress(&mut self, watch: usize, revision: Revision) {
        self.frame(watch, WatchFrame { revision, ..WatchFrame::default() });
    }

    /// The frame that ends a watch because what it needs was compacted.
    pub fn compacted(&mut self, watch: usize, compact_revision: Revision) {
        let canceled = Some("etcdserver: mvcc: required revision has been compacted".to_owned());
        let frame = WatchFrame { canceled, compact_revision, ..WatchFrame::default() };
        self.frame(watch, frame);
        self.history.watches[watch].end = WatchEnd::Canceled;
    }

    /// Adds an observer of an election. Returns the index, which is its id as well.
    pub fn observe(&mut self, client: u32, name: &str) -> usize {
        let invoke_ns = self.tick();
        let index = self.history.observers.len();
        self.history.observers.push(Observer::new(index as u64, ClientId(client), name.into(), invoke_ns));
        index
    }

    /// A leader that was shown to an observer.
    pub fn observed(&mut self, observer: usize, revision: Revision, kv: KeyValue) {
        let received_ns = self.tick();
        self.history.observers[observer].frames.push(ObservedLeader { received_ns, revision, kv });
    }

    /// A client believes for some time that it holds a lock ([`lock_hold`]) or leads ([`leader_hold`]). Returns the
    /// index of the hold.
    ///
    /// ```
    /// use revline_checker::history::build::*;
    /// use revline_checker::judge::Judge;
    ///
    /// let mut history = Builder::default();
    /// // Lease 7 comes first, lease 8 second; both believe from 100 on that it is their turn.
    /// history.ok(0, put("e/7", "zero"), written(2));
    /// history.ok(1, put("e/8", "one"), written(3));
    /// for (name, hold) in [
    ///     ("lock-exclusive", lock_hold as fn(&str, &str, i64, i64) -> _),
    ///     ("election-one-leader", leader_hold),
    /// ] {
    ///     let mut history = history.clone();
    ///     history.hold(0, hold("e", "e/7", 7, 2), 100, None);
    ///     history.hold(1, hold("e", "e/8", 8, 3), 100, None);
    ///     let verdicts = Judge::new(&history.build()).run();
    ///     assert!(verdicts.get(name).is_some_and(|verdict| verdict.evidence().is_some()));
    /// }
    /// ```
    pub fn hold(&mut self, client: u32, hold: Hold, from_ns: u64, until_ns: Option<u64>) -> usize {
        self.history.holds.push(Hold { client: ClientId(client), from_ns, until_ns, ..hold });
        self.history.holds.len() - 1
    }

    /// A client sees the keys below a prefix only.
    pub fn namespace(&mut self, client: u32, prefix: &str) {
        self.history.namespaces.insert(ClientId(client), prefix.into());
    }

    /// Names the user whose token came with an operation.
    pub fn by_user(&mut self, operation: usize, user: &str) {
        self.history.operations[operation].user = Some(user.to_owned());
    }

    /// Names the user whose token came with a watch.
    pub fn watched_by(&mut self, watch: usize, user: &str) {
        self.history.watches[watch].user = Some(user.to_owned());
    }

    /// Names the endpoint of a watch.
    pub fn watches_at(&mut self, watch: usize, member: u64) {
        self.history.watches[watch].member = Some(MemberId(member));
    }

    /// Something the host saw.
    ///
    /// ```
    /// use revline_checker::history::build::{Builder, damaged, refused_to_start, started};
    /// use revline_checker::judge::Judge;
    ///
    /// // A member may refuse to start only from a disk that was damaged.
    /// for is_damaged in [true, false] {
    ///     let mut history = Builder::default();
    ///     history.observation(started(1));
    ///     if is_damaged {
    ///         history.observation(damaged(1));
    ///     }
    ///     history.observation(refused_to_start(1));
    ///     let verdicts = Judge::new(&history.build()).only(|name| name == "boots").run();
    ///     assert_eq!(verdicts.any_violated(), !is_damaged);
    /// }
    /// ```
    pub fn observation(&mut self, observation: Observation) {
        self.history.observations.push(observation);
    }

    /// The history.
    pub fn build(self) -> History {
        self.history
    }
}

fn header(revision: Revision) -> Header {
    Header { member: MemberId(0), revision, term: 0 }
}

impl Response {
    /// The header of the response, for a test to change.
    pub fn header_mut(&mut self) -> &mut Header {
        match self {
            Response::Range(response) => &mut response.header,
            Response::Put(response) => &mut response.header,
            Response::Delete(response) => &mut response.header,
            Response::Txn(response) => &mut response.header,
            Response::Compact(response) => &mut response.header,
            Response::Lease(
                LeaseResponse::Grant { header, .. }
                | LeaseResponse::Revoke { header }
                | LeaseResponse::KeepAlive { header, .. }
                | LeaseResponse::TimeToLive { header, .. }
                | LeaseResponse::Leases { header, .. },
            )
            | Response::Lock(LockResponse::Lock { header, .. } | LockResponse::Unlock { header })
            | Response::Election(
                ElectionResponse::Campaign { header, .. }
                | ElectionResponse::Proclaim { header }
                | ElectionResponse::Leader { header, .. }
                | ElectionResponse::Resign { header },
            ) => header,
            Response::Auth(response) => response.header_mut(),
        }
    }
}

/// A client holds a lock since it was answered at a revision; when is for [`Builder::hold`] to say.
pub fn lock_hold(name: &str, key: &str, lease: i64, acquired_revision: Revision) -> Hold {
    Hold {
        client: ClientId(0),
        kind: HoldKind::Lock,
        name: name.into(),
        key: key.into(),
        lease,
        create_revision: 0,
        acquired_revision,
        from_ns: 0,
        until_ns: None,
    }
}

/// The same, of the leadership of an election.
pub fn leader_hold(name: &str, key: &str, lease: i64, acquired_revision: Revision) -> Hold {
    Hold { kind: HoldKind::Leader, ..lock_hold(name, key, lease, acquired_revision) }
}

/// A member's process started.
pub fn started(member: u64) -> Observation {
    Observation::Started { at_ns: 0, member: MemberId(member) }
}

/// A member's process refused to start.
pub fn refused_to_start(member: u64) -> Observation {
    Observation::Refused { at_ns: 0, member: MemberId(member), why: "its log is corrupt".to_owned() }
}

/// A process of the cluster panicked.
pub fn panicked(member: u64) -> Observation {
    Observation::Panicked { at_ns: 0, member: MemberId(member), message: "index out of bounds".to_owned() }
}

/// Bytes that were durable on a member's disk were lost.
pub fn damaged(member: u64) -> Observation {
    Observation::Damaged { at_ns: 0, member: MemberId(member), what: "everything was lost".to_owned() }
}

/// An operation on a member's disk failed.
pub fn disk_failed(member: u64) -> Observation {
    let what = "sync of the log: input/output error".to_owned();
    Observation::DiskFailed { at_ns: 0, member: MemberId(member), what }
}

/// A member's process ended as its disk failed.
pub fn stopped(member: u64) -> Observation {
    Observation::Stopped { at_ns: 0, member: MemberId(member), why: "its disk failed".to_owned() }
}

/// A member applied its log up to an entry.
pub fn applied(member: u64, index: u64, term: u64, digest: u64) -> Observation {
    Observation::Applied { at_ns: 0, member: MemberId(member), index, term, digest }
}
