//! Random requests over few keys, leases and names, so that they have to do with one another.

use revline_store::api::*;
use revline_store::bytes::Bytes;
use revline_store::frame::Call;

/// Lists of up to 12 keys are sorted stably by Go.
const KEYS: [&str; 6] = ["\0", "a", "ab", "b", "c", "d"];
const ENDS: [&str; 7] = ["", "", "\0", "ab", "b", "c", "e"];
const VALUES: [&str; 4] = ["", "1", "2", "3"];
const LEASES: [i64; 4] = [3, 11, -7, i64::MIN];
/// Leases that outlive every run.
const TTLS_S: [i64; 4] = [100_000, 2_000_000, 9_000_000_000, 9_000_000_001];
const LOCK: &str = "l";
const ELECTION: &str = "m";

/// A generator of numbers (SplitMix64).
pub struct Draw(u64);

/// The revisions of the store.
#[derive(Clone, Copy)]
pub struct Now {
    pub revision: i64,
    pub compacted: i64,
}

impl Draw {
    pub fn new(seed: u64) -> Draw {
        Draw(seed)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ mixed >> 31) % end
    }

    pub fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    fn of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize].clone()
    }

    pub fn key(&mut self) -> Bytes {
        if self.one_in(200) { Bytes::default() } else { self.of(&KEYS).into() }
    }

    pub fn end(&mut self) -> Bytes {
        self.of(&ENDS).into()
    }

    fn value(&mut self) -> Bytes {
        self.of(&VALUES).into()
    }

    /// Mostly none.
    fn attached(&mut self) -> i64 {
        match self.below(8) {
            0..=1 => self.of(&LEASES),
            2 if self.one_in(4) => 99,
            _ => 0,
        }
    }

    /// A revision about the present, the past or the compacted.
    pub fn revision(&mut self, now: Now) -> i64 {
        match self.below(12) {
            0 => -1,
            1 => 0,
            2 => now.compacted + self.below(3) as i64 - 1,
            3 => now.revision + 1,
            _ => (now.revision - self.below(30) as i64).max(1),
        }
    }

    pub fn call(&mut self, now: Now) -> Call {
        match self.below(1000) {
            0..=279 => Call::Kv(Request::Put(self.put())),
            280..=499 => Call::Kv(Request::Range(self.range(now))),
            500..=569 => Call::Kv(Request::DeleteRange(self.delete())),
            570..=829 => Call::Kv(Request::Txn(self.txn(now, 2))),
            830..=839 => Call::Maintenance(MaintenanceRequest::HashKv { revision: self.revision(now) }),
            840..=919 => Call::Lease(self.lease()),
            920..=959 => self.lock(),
            _ => self.election(now),
        }
    }

    fn put(&mut self) -> PutRequest {
        let (ignore_value, ignore_lease) = (self.one_in(10), self.one_in(10));
        PutRequest {
            key: self.key(),
            value: if ignore_value && !self.one_in(8) { Bytes::default() } else { self.value() },
            lease: if ignore_lease && !self.one_in(4) { 0 } else { self.attached() },
            prev_kv: self.one_in(3),
            ignore_value,
            ignore_lease,
        }
    }

    fn delete(&mut self) -> DeleteRangeRequest {
        DeleteRangeRequest { key: self.key(), range_end: self.end(), prev_kv: self.one_in(3) }
    }

    fn range(&mut self, now: Now) -> RangeRequest {
        let mut range = RangeRequest {
            key: self.key(),
            range_end: self.end(),
            serializable: self.one_in(3),
            keys_only: self.one_in(6),
            count_only: self.one_in(12),
            ..RangeRequest::default()
        };
        if self.one_in(3) {
            range.limit = self.below(5) as i64 - 1;
        }
        if self.one_in(3) {
            range.revision = self.revision(now);
        }
        if self.one_in(2) {
            range.sort_order = self.of(&[SortOrder::None, SortOrder::Ascend, SortOrder::Descend]);
            let targets = [
                SortTarget::Key,
                SortTarget::Version,
                SortTarget::Create,
                SortTarget::Mod,
                SortTarget::Value,
            ];
            range.sort_target = self.of(&targets);
        }
        if self.one_in(6) {
            let bound = self.revision(now);
            match self.below(4) {
                0 => range.min_mod_revision = bound,
                1 => range.max_mod_revision = bound,
                2 => range.min_create_revision = bound,
                _ => range.max_create_revision = bound,
            }
        }
        range
    }

    fn txn(&mut self, now: Now, nests: u64) -> TxnRequest {
        let compares = self.below(3);
        let mut ops = |most: u64| (0..self.below(most)).map(|_| self.op(now, nests)).collect();
        let (success, failure) = (ops(5), ops(4));
        TxnRequest { compare: (0..compares).map(|_| self.compare(now)).collect(), success, failure }
    }

    fn op(&mut self, now: Now, nests: u64) -> RequestOp {
        match self.below(12) {
            0..=4 => RequestOp::Put(self.put()),
            5..=7 => RequestOp::Range(self.range(now)),
            8..=9 => RequestOp::DeleteRange(self.delete()),
            10 if self.one_in(40) => RequestOp::Empty,
            _ if nests > 0 => RequestOp::Txn(self.txn(now, nests - 1)),
            _ => RequestOp::Range(self.range(now)),
        }
    }

    fn compare(&mut self, now: Now) -> Compare {
        let target = match self.below(5) {
            0 => CompareTarget::Version(self.below(4) as i64),
            1 => CompareTarget::CreateRevision(self.revision(now)),
            2 => CompareTarget::ModRevision(self.revision(now)),
            3 => CompareTarget::Value(self.value()),
            _ => CompareTarget::Lease(self.attached()),
        };
        let results =
            [CompareResult::Equal, CompareResult::Greater, CompareResult::Less, CompareResult::NotEqual];
        let range_end = if self.one_in(3) { self.end() } else { Bytes::default() };
        Compare { key: self.key(), range_end, result: self.of(&results), target }
    }

    fn lease(&mut self) -> LeaseRequest {
        let id = if self.one_in(10) { 99 } else { self.of(&LEASES) };
        match self.below(8) {
            0..=2 => {
                let ttl_s = if self.one_in(10) { TTLS_S[3] } else { self.of(&TTLS_S[..3]) };
                LeaseRequest::Grant(LeaseGrantRequest { id: if id == 99 { 3 } else { id }, ttl_s })
            }
            3..=4 => LeaseRequest::Revoke(LeaseRevokeRequest { id }),
            5 => LeaseRequest::KeepAlive(LeaseKeepAliveRequest { id }),
            6 => LeaseRequest::TimeToLive(LeaseTimeToLiveRequest { id, keys: self.one_in(2) }),
            _ => LeaseRequest::Leases(LeaseLeasesRequest {}),
        }
    }

    fn lock(&mut self) -> Call {
        let lease = if self.one_in(10) { 99 } else { self.of(&LEASES[..3]) };
        Call::Lock(match self.below(2) {
            0 => {
                let name = if self.one_in(3) { ELECTION } else { LOCK };
                LockRequest::Lock(AcquireRequest { name: name.into(), lease })
            }
            _ => LockRequest::Unlock(UnlockRequest { key: self.own_key() }),
        })
    }

    fn own_key(&mut self) -> Bytes {
        self.of(&["l/3", "l/b", "l/-7", "m/3", "m/b", "m/-7", ""]).into()
    }

    fn election(&mut self, now: Now) -> Call {
        let lease = if self.one_in(10) { 99 } else { self.of(&LEASES[..3]) };
        let name = Bytes::from(if self.one_in(6) { LOCK } else { ELECTION });
        let key = self.own_key();
        let leader = LeaderKey { name: name.clone(), key, rev: self.revision(now), lease };
        Call::Election(match self.below(8) {
            0..=3 => ElectionRequest::Campaign(CampaignRequest { name, lease, value: self.value() }),
            4 => ElectionRequest::Proclaim(ProclaimRequest { leader, value: self.value() }),
            5 => ElectionRequest::Resign(ResignRequest { leader }),
            _ => ElectionRequest::Leader(LeaderRequest { name }),
        })
    }

    /// A request for a watch with this id.
    pub fn watch(&mut self, now: Now, watch_id: i64) -> WatchCreateRequest {
        WatchCreateRequest {
            key: self.key(),
            range_end: self.end(),
            start_revision: if self.one_in(2) { 0 } else { self.revision(now) },
            filters: match self.below(8) {
                0 => vec![FilterType::NoPut],
                1 => vec![FilterType::NoDelete],
                _ => Vec::new(),
            },
            prev_kv: self.one_in(2),
            watch_id,
            ..WatchCreateRequest::default()
        }
    }
}
