//! A run: an administrator changes users and roles, and users ask for things.

use crate::draw::{Draw, LEASE};
use crate::harness::auth::authenticate;
use crate::harness::cluster::Cluster;
use crate::reference::Reference;
use revline_store::api::{
    AuthRequest, LeaseGrantRequest, LeaseRequest, Permission, PermissionType, Token, UserAddRequest,
    WatchCreateRequest, WatchRequest,
};
use revline_store::bytes::Bytes;
use revline_store::defect::Defects;
use revline_store::error::Error;
use revline_store::frame::{Call, ClientFrame, Reply};
use revline_store::member::Input;
use std::collections::{BTreeMap, BTreeSet};

const USERS: [&str; 3] = ["ann", "bob", "eve"];
const ROLES: [&str; 4] = ["a", "b", "c", "d"];
/// So many watches are open at most.
const WATCHES_MAX: usize = 20;
const SESSION: u64 = crate::harness::cluster::SESSION;

pub struct Fuzz {
    draw: Draw,
    cluster: Cluster,
    reference: Reference,
    tokens: BTreeMap<&'static str, Token>,
    /// Open watches by id, on the one stream.
    watches: BTreeMap<i64, (&'static str, Bytes, Bytes)>,
    stream: u64,
    pub requests: u64,
    pub allowed: u64,
    pub watches_cancelled: u64,
}

impl Fuzz {
    pub fn new(seed: u64, defects: Defects) -> Fuzz {
        let mut cluster = Cluster::new(1, |config| {
            config.defects = defects;
            config.tuning.snapshot_every_entries = 500;
        });
        cluster.elect(1);
        let mut fuzz = Fuzz {
            draw: Draw(seed),
            cluster,
            reference: Reference::default(),
            tokens: BTreeMap::new(),
            watches: BTreeMap::new(),
            stream: 1,
            requests: 0,
            allowed: 0,
            watches_cancelled: 0,
        };
        fuzz.change(add("root")).unwrap();
        let role = AuthRequest::UserGrantRole { user: "root".to_owned(), role: "root".to_owned() };
        fuzz.change(role).unwrap();
        fuzz.change(AuthRequest::Enable).unwrap();
        let root = authenticate(&mut fuzz.cluster, 1, "root");
        fuzz.tokens.insert("root", root);
        for user in USERS {
            fuzz.add_user(user);
        }
        fuzz
    }

    /// Makes so many requests; says which one was answered wrongly.
    pub fn run(&mut self, requests: u64) -> Result<(), String> {
        while self.requests < requests {
            if self.draw.one_in(4) {
                self.change_something()?;
            } else if self.draw.one_in(6) {
                self.open_watch()?;
            } else {
                self.ask()?;
            }
        }
        Ok(())
    }

    fn change(&mut self, request: AuthRequest) -> Result<Reply, Error> {
        self.cluster.token = self.tokens.get("root").cloned();
        self.cluster.ask(1, Call::Auth(request))
    }

    fn add_user(&mut self, user: &'static str) {
        self.change(add(user)).unwrap();
        let token = authenticate(&mut self.cluster, 1, user);
        self.tokens.insert(user, token);
        self.reference.users.insert(user, BTreeSet::new());
    }

    /// One change, made to both, which must find the same wrong with it.
    fn change_something(&mut self) -> Result<(), String> {
        let (user, role) = (self.draw.of(&USERS), self.draw.of(&ROLES));
        let (name, reference) = (role.to_owned(), &mut self.reference);
        let (request, right) = match self.draw.below(16) {
            0..=1 => {
                let new = !reference.roles.contains_key(role);
                reference.roles.entry(role).or_default();
                (AuthRequest::RoleAdd { name }, new)
            }
            2 if self.draw.one_in(4) => {
                let was = reference.roles.remove(role).is_some();
                for roles in reference.users.values_mut() {
                    roles.remove(role);
                }
                (AuthRequest::RoleDelete { role: name }, was)
            }
            3..=4 => {
                let right = reference.roles.contains_key(role);
                if right {
                    reference.users.get_mut(user).unwrap().insert(role);
                }
                (AuthRequest::UserGrantRole { user: user.to_owned(), role: name }, right)
            }
            5 => {
                let right = reference.users.get_mut(user).unwrap().remove(role);
                (AuthRequest::UserRevokeRole { name: user.to_owned(), role: name }, right)
            }
            6 if self.draw.one_in(4) => {
                let request = AuthRequest::UserDelete { name: user.to_owned() };
                reference.users.insert(user, BTreeSet::new());
                (request, true)
            }
            7..=10 => {
                let granted = reference.roles.get(role).into_iter().flat_map(|granted| &granted.0);
                let mut granted: Vec<_> = granted.map(|(range, _)| range.clone()).collect();
                granted.push((self.draw.key(), self.draw.end()));
                let (key, range_end) = granted[self.draw.below(granted.len() as u64) as usize].clone();
                let granted = reference.roles.get_mut(role);
                let right = granted.is_some_and(|granted| granted.revoke(&(key.clone(), range_end.clone())));
                (AuthRequest::RoleRevokePermission { role: name, key, range_end }, right)
            }
            _ => {
                let (key, range_end) = (self.draw.key(), self.draw.end());
                let perm_type = self.draw.permission_type();
                let ordered = range_end.is_empty() || range_end.as_slice() == [0] || key < range_end;
                let granted = reference.roles.get_mut(role).filter(|_| ordered);
                let right = granted.map(|granted| granted.grant((key.clone(), range_end.clone()), perm_type));
                let perm = Permission { perm_type, key, range_end };
                (AuthRequest::RoleGrantPermission { name, perm }, right.is_some())
            }
        };
        let answer = self.change(request.clone());
        if answer.is_ok() != right {
            return Err(format!("{request:?} was answered with {answer:?}"));
        }
        self.look_at_watches(&format!("{request:?}"))?;
        if matches!(request, AuthRequest::UserDelete { .. }) {
            self.add_user(user);
        }
        Ok(())
    }

    fn ask(&mut self) -> Result<(), String> {
        let (user, request) = (self.draw.of(&USERS), self.draw.request());
        let store = self.cluster.member(1).store();
        let leased = store.leases().get(LEASE).map(|lease| lease.keys.clone());
        if leased.is_none() {
            self.cluster.token = self.tokens.get("root").cloned();
            let grant = LeaseRequest::Grant(LeaseGrantRequest { id: LEASE, ttl_s: 1_000_000 });
            self.cluster.ask(1, Call::Lease(grant)).unwrap();
        }
        let right = self.reference.allows_request(user, &request, &leased.unwrap_or_default());
        self.cluster.token = self.tokens.get(user).cloned();
        let answer = self.cluster.ask(1, Call::Kv(request.clone()));
        self.judge(right, answer.is_ok(), answer.err(), || format!("{user} asked {request:?}"))
    }

    fn judge(
        &mut self,
        right: bool,
        allowed: bool,
        error: Option<Error>,
        what: impl Fn() -> String,
    ) -> Result<(), String> {
        self.requests += 1;
        self.allowed += u64::from(allowed);
        let expected = if right { None } else { Some(Error::PermissionDenied) };
        if allowed == right && error == expected {
            return Ok(());
        }
        Err(format!("{}: {}, and got {error:?}", what(), if right { "may" } else { "may not" }))
    }

    fn open_watch(&mut self) -> Result<(), String> {
        if self.watches.len() == WATCHES_MAX {
            let frame = ClientFrame::CloseStream { stream: self.stream };
            self.cluster.step(1, Input::Client { session: SESSION, frame });
            self.watches.clear();
            self.stream += 1;
        }
        let (user, create) = (self.draw.of(&USERS), self.draw.watch());
        let WatchCreateRequest { key, range_end, .. } = create.clone();
        let first = if key.is_empty() { Bytes::from(b"\0") } else { key };
        let bound = range_end.as_slice();
        let is_empty = !bound.is_empty() && bound != [0] && bound <= first.as_slice();
        let right = self.reference.allows(user, PermissionType::Read, &first, &range_end);
        if is_empty && right {
            // That is refused for another reason.
            return Ok(());
        }
        self.cluster.token = self.tokens.get(user).cloned();
        self.cluster.node(1).watched.clear();
        self.cluster.watch(1, self.stream, WatchRequest::Create(create));
        self.cluster.run();
        let answer = self.cluster.node(1).watched.pop().ok_or("a watch is not answered")?;
        let allowed = answer.created && !answer.canceled;
        let denied = answer.cancel_reason == Error::PermissionDenied.to_string();
        if allowed {
            self.watches.insert(answer.watch_id, (user, first.clone(), range_end.clone()));
        }
        let error = denied.then_some(Error::PermissionDenied);
        self.judge(right, allowed, error, || format!("{user} watches {first:?} {range_end:?}"))
    }

    /// After a change: the watches that were cancelled are those that may not go on.
    fn look_at_watches(&mut self, change: &str) -> Result<(), String> {
        self.cluster.run();
        let told = std::mem::take(&mut self.cluster.node(1).watched);
        let cancelled: BTreeSet<i64> =
            told.iter().filter(|response| response.canceled).map(|response| response.watch_id).collect();
        let refused = |(user, key, end): &(&str, Bytes, Bytes)| {
            !self.reference.allows(user, PermissionType::Read, key, end)
        };
        let expected: BTreeSet<i64> =
            self.watches.iter().filter(|(_, watch)| refused(watch)).map(|(&id, _)| id).collect();
        if cancelled != expected {
            return Err(format!(
                "after {change} watches {expected:?} may not go on; cancelled {cancelled:?}"
            ));
        }
        self.watches.retain(|id, _| !cancelled.contains(id));
        self.watches_cancelled += cancelled.len() as u64;
        Ok(())
    }
}

fn add(name: &str) -> AuthRequest {
    let password = crate::harness::auth::PASSWORD.to_owned();
    AuthRequest::UserAdd(UserAddRequest { name: name.to_owned(), password, no_password: false })
}
