//! Random calls of every service.

use revline_sim::entropy::{Generator, Rng};
use revline_store::api::{
    AcquireRequest, AlarmAction, AlarmKind, AlarmRequest, AuthRequest, AuthenticateRequest, CampaignRequest,
    CompactionRequest, Compare, CompareResult, CompareTarget, DeleteRangeRequest, ElectionRequest,
    ElectionResponse, LeaderKey, LeaderRequest, LeaseGrantRequest, LeaseKeepAliveRequest, LeaseLeasesRequest,
    LeaseRequest, LeaseRevokeRequest, LeaseTimeToLiveRequest, LockRequest, LockResponse, MaintenanceRequest,
    Permission, PermissionType, ProclaimRequest, PutRequest, RangeRequest, Request, RequestOp, ResignRequest,
    SortOrder, SortTarget, TxnRequest, UnlockRequest, UserAddRequest,
};
use revline_store::bytes::Bytes;
use revline_store::frame::{Call, Reply};
use std::collections::VecDeque;

/// Passwords of those that log in.
const LOGINS: [(&str, &str); 2] = [("root", "rootpwd"), ("u", "pwd")];

/// The calls of one run. What was answered is in those to come.
pub struct Script {
    generator: Generator,
    /// To be made before any other.
    next: VecDeque<Call>,
    /// The newest revision that was heard of.
    revision: i64,
    login: usize,
    /// The names of locks and elections so far: each is new, so that none waits.
    names: u32,
    lock: Bytes,
    leader: LeaderKey,
}

impl Script {
    /// A script that begins with the users that log in.
    pub fn new(generator: Generator) -> Script {
        let mut next = VecDeque::new();
        for (name, password) in LOGINS {
            let (name, password) = (name.to_owned(), password.to_owned());
            next.push_back(AuthRequest::UserAdd(UserAddRequest { name, password, no_password: false }));
        }
        for name in ["root", "own"] {
            next.push_back(AuthRequest::RoleAdd { name: name.to_owned() });
        }
        for (user, role) in [("root", "root"), ("u", "own")] {
            next.push_back(AuthRequest::UserGrantRole { user: user.to_owned(), role: role.to_owned() });
        }
        let perm =
            Permission { perm_type: PermissionType::ReadWrite, key: "a".into(), range_end: "c".into() };
        next.push_back(AuthRequest::RoleGrantPermission { name: "own".to_owned(), perm });
        Script {
            generator,
            next: next.into_iter().map(Call::Auth).collect(),
            revision: 1,
            login: 0,
            names: 0,
            lock: Bytes::default(),
            leader: LeaderKey::default(),
        }
    }

    /// Takes over what an answer tells.
    pub fn learn(&mut self, call: &Call, reply: Option<&Reply>) {
        match reply {
            Some(Reply::Kv(response)) => self.revision = self.revision.max(response.header().revision),
            Some(Reply::Lock(LockResponse::Lock(lock))) => self.lock = lock.key.clone(),
            Some(Reply::Election(ElectionResponse::Campaign(won))) => self.leader = won.leader.clone(),
            _ => {}
        }
        // Tokens are stale after a change of users.
        if matches!(call, Call::Auth(request) if !matches!(request, AuthRequest::Authenticate(_))) {
            self.next.push_back(self.log_in());
        }
    }

    /// Draws the next call.
    pub fn draw(&mut self) -> Call {
        if let Some(call) = self.next.pop_front() {
            return call;
        }
        match self.generator.gen_range(0..100) {
            0..25 => Call::Kv(Request::Range(self.range())),
            25..45 => Call::Kv(Request::Put(self.put())),
            45..50 => Call::Kv(Request::DeleteRange(self.delete())),
            50..65 => Call::Kv(Request::Txn(self.txn(2))),
            65..66 => Call::Kv(Request::Compaction(self.compaction())),
            66..78 => Call::Lease(self.lease_request()),
            78..82 => Call::Lock(self.lock_request()),
            82..88 => Call::Election(self.election()),
            88..92 => self.maintenance(),
            _ => self.auth(),
        }
    }

    fn percent(&mut self, percent: u32) -> bool {
        self.generator.gen_range(0..100) < percent
    }

    fn one_of<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.generator.gen_range(0..of.len())].clone()
    }

    fn key(&mut self) -> Bytes {
        match self.percent(3) {
            true => Bytes::default(),
            false => self.one_of(&["a", "a1", "a2", "b", "b1", "c", "c\u{0}", "\u{7f}"]).into(),
        }
    }

    fn end(&mut self) -> Bytes {
        match self.percent(60) {
            true => Bytes::default(),
            false => self.one_of(&["\u{0}", "a", "a2", "b", "c", "d"]).into(),
        }
    }

    fn value(&mut self) -> Bytes {
        let length = self.one_of(&[0, 1, 2, 40, 400]);
        let first: u8 = self.generator.gen_range(0..=255);
        Bytes::from(vec![first; length])
    }

    fn lease(&mut self) -> i64 {
        if self.percent(50) { 0 } else { self.one_of(&[1, 2, 3, 4, 5, 6, 404, -7]) }
    }

    /// A revision: the present one, one of those before, or none that there can be.
    fn at(&mut self) -> i64 {
        match self.generator.gen_range(0..10) {
            0..6 => 0,
            6..9 => self.generator.gen_range(0..=self.revision),
            _ => self.one_of(&[-1, 1, i64::MAX, self.revision + 1]),
        }
    }

    /// A bound of revisions, which most reads are without.
    fn bound(&mut self) -> i64 {
        if self.percent(85) { 0 } else { self.at() }
    }

    fn sort_order(&mut self) -> SortOrder {
        match self.percent(2) {
            true => SortOrder::Unrecognized(9),
            false => self.one_of(&[SortOrder::None, SortOrder::Ascend, SortOrder::Descend]),
        }
    }

    fn sort_target(&mut self) -> SortTarget {
        use SortTarget as Target;
        match self.percent(2) {
            true => Target::Unrecognized(7),
            false => self.one_of(&[Target::Key, Target::Version, Target::Create, Target::Mod, Target::Value]),
        }
    }

    fn range(&mut self) -> RangeRequest {
        RangeRequest {
            key: self.key(),
            range_end: self.end(),
            limit: self.one_of(&[0, 0, 0, 1, 2, -1]),
            revision: self.at(),
            sort_order: self.sort_order(),
            sort_target: self.sort_target(),
            serializable: self.percent(30),
            keys_only: self.percent(15),
            count_only: self.percent(15),
            min_mod_revision: self.bound(),
            max_mod_revision: self.bound(),
            min_create_revision: self.bound(),
            max_create_revision: self.bound(),
        }
    }

    fn put(&mut self) -> PutRequest {
        PutRequest {
            key: self.key(),
            value: self.value(),
            lease: self.lease(),
            prev_kv: self.percent(30),
            ignore_value: self.percent(4),
            ignore_lease: self.percent(6),
        }
    }

    fn delete(&mut self) -> DeleteRangeRequest {
        DeleteRangeRequest { key: self.key(), range_end: self.end(), prev_kv: self.percent(50) }
    }

    fn compare(&mut self) -> Compare {
        use {CompareResult as Is, CompareTarget as Target};
        let number = self.at();
        let target = match self.generator.gen_range(0..5) {
            0 => Target::Version(self.one_of(&[0, 1, 2, 3])),
            1 => Target::CreateRevision(number),
            2 => Target::ModRevision(number),
            3 => Target::Value(self.value()),
            _ => Target::Lease(self.lease()),
        };
        let result = self.one_of(&[Is::Equal, Is::Greater, Is::Less, Is::NotEqual]);
        Compare { key: self.key(), range_end: self.end(), result, target }
    }

    fn operation(&mut self, depth: u32) -> RequestOp {
        match self.generator.gen_range(0..20) {
            0..8 => RequestOp::Range(self.range()),
            8..15 => RequestOp::Put(self.put()),
            15..17 => RequestOp::DeleteRange(self.delete()),
            17..19 if depth > 0 => RequestOp::Txn(self.txn(depth - 1)),
            17..19 => RequestOp::Put(self.put()),
            _ => RequestOp::Empty,
        }
    }

    fn txn(&mut self, depth: u32) -> TxnRequest {
        let [compares, successes, failures] = [(); 3].map(|()| self.generator.gen_range(0..3));
        TxnRequest {
            compare: (0..compares).map(|_| self.compare()).collect(),
            success: (0..successes).map(|_| self.operation(depth)).collect(),
            failure: (0..failures).map(|_| self.operation(depth)).collect(),
        }
    }

    fn compaction(&mut self) -> CompactionRequest {
        let revision = self.generator.gen_range(-1..=self.revision + 1);
        CompactionRequest { revision, physical: self.percent(50) }
    }

    fn lease_request(&mut self) -> LeaseRequest {
        let id = self.lease();
        match self.generator.gen_range(0..12) {
            0..5 => {
                let ttl_s = self.one_of(&[600, 600, 3, 1, 0, -1, i64::MAX]);
                LeaseRequest::Grant(LeaseGrantRequest { ttl_s, id })
            }
            5..6 => LeaseRequest::Revoke(LeaseRevokeRequest { id }),
            6..9 => LeaseRequest::KeepAlive(LeaseKeepAliveRequest { id }),
            9..11 => LeaseRequest::TimeToLive(LeaseTimeToLiveRequest { id, keys: self.percent(50) }),
            _ => LeaseRequest::Leases(LeaseLeasesRequest {}),
        }
    }

    fn new_name(&mut self) -> Bytes {
        self.names += 1;
        Bytes::from(format!("a{}", self.names).into_bytes())
    }

    fn lock_request(&mut self) -> LockRequest {
        if self.percent(60) {
            let (name, lease) = (self.new_name(), self.lease());
            return LockRequest::Lock(AcquireRequest { name, lease });
        }
        let key = if self.percent(80) { self.lock.clone() } else { self.key() };
        LockRequest::Unlock(UnlockRequest { key })
    }

    fn election(&mut self) -> ElectionRequest {
        let mut leader = self.leader.clone();
        if self.percent(10) {
            leader.rev += 1;
        }
        match self.generator.gen_range(0..6) {
            0..2 => {
                let (name, lease, value) = (self.new_name(), self.lease(), self.value());
                ElectionRequest::Campaign(CampaignRequest { name, lease, value })
            }
            2..4 => ElectionRequest::Proclaim(ProclaimRequest { leader, value: self.value() }),
            4 => ElectionRequest::Leader(LeaderRequest { name: leader.name }),
            _ => ElectionRequest::Resign(ResignRequest { leader }),
        }
    }

    fn maintenance(&mut self) -> Call {
        let request = match self.generator.gen_range(0..6) {
            0 => return Call::Status,
            1 => MaintenanceRequest::Hash,
            2..4 => MaintenanceRequest::HashKv { revision: self.at() },
            4 => MaintenanceRequest::Defragment,
            _ => {
                let action = self.one_of(&[AlarmAction::Get, AlarmAction::Deactivate]);
                let alarm = self.one_of(&[AlarmKind::None, AlarmKind::NoSpace]);
                MaintenanceRequest::Alarm(AlarmRequest { action, member: 0, alarm })
            }
        };
        Call::Maintenance(request)
    }

    fn log_in(&self) -> Call {
        let (name, password) = LOGINS[self.login];
        let (name, password) = (name.to_owned(), password.to_owned());
        Call::Auth(AuthRequest::Authenticate(AuthenticateRequest { name, password }))
    }

    /// Names of users and roles: of none that logs in.
    fn name(&mut self) -> String {
        self.one_of(&["v", "v", "w", "w", "w", ""]).to_owned()
    }

    fn auth(&mut self) -> Call {
        let (name, role) = (self.name(), self.name());
        let password = self.one_of(&["pwd", "other", ""]).to_owned();
        let (key, range_end) = (self.key(), self.end());
        Call::Auth(match self.generator.gen_range(0..24) {
            0 | 1 => AuthRequest::Enable,
            2 => AuthRequest::Disable,
            3 => AuthRequest::Status,
            4..8 => {
                self.login = self.generator.gen_range(0..LOGINS.len());
                return self.log_in();
            }
            8 => AuthRequest::Authenticate(AuthenticateRequest { name, password: "wrong".to_owned() }),
            9..11 => {
                let no_password = self.percent(20);
                AuthRequest::UserAdd(UserAddRequest { name, password, no_password })
            }
            11 => AuthRequest::UserGet { name },
            12 => AuthRequest::UserList,
            13 => AuthRequest::UserDelete { name },
            14 => AuthRequest::UserChangePassword { name, password },
            15 => AuthRequest::UserGrantRole { user: name, role },
            16 => AuthRequest::UserRevokeRole { name, role },
            17 => AuthRequest::RoleAdd { name: role },
            18 => AuthRequest::RoleGet { role },
            19 => AuthRequest::RoleList,
            20 => AuthRequest::RoleDelete { role },
            21..23 => {
                use PermissionType as Type;
                let perm_type = self.one_of(&[Type::Read, Type::Write, Type::ReadWrite]);
                let perm = Permission { perm_type, key, range_end };
                AuthRequest::RoleGrantPermission { name: role, perm }
            }
            _ => AuthRequest::RoleRevokePermission { role, key, range_end },
        })
    }
}
