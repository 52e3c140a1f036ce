//! Random keys, ranges and requests.

use revline_store::api::{
    Compare, CompareResult, CompareTarget, DeleteRangeRequest, PermissionType, PutRequest, RangeRequest,
    Request, RequestOp, TxnRequest, WatchCreateRequest,
};
use revline_store::bytes::Bytes;

/// The lease that some keys are put with.
pub const LEASE: i64 = 7;

/// The bytes of keys.
pub const BYTES: [u8; 4] = [0, b'a', b'b', 0xff];

/// SplitMix64.
pub struct Draw(pub u64);

impl Draw {
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }

    pub fn one_in(&mut self, bound: u64) -> bool {
        self.below(bound) == 0
    }

    pub fn of<T: Copy>(&mut self, choice: &[T]) -> T {
        choice[self.below(choice.len() as u64) as usize]
    }

    pub fn key(&mut self) -> Bytes {
        let length = 1 + self.below(2);
        (0..length).map(|_| self.of(&BYTES)).collect::<Vec<u8>>().into()
    }

    /// No end, none above, or a bound, which may lie before the key.
    pub fn end(&mut self) -> Bytes {
        match self.below(4) {
            0 => Bytes::default(),
            1 => Bytes::from(b"\0"),
            _ => self.key(),
        }
    }

    pub fn permission_type(&mut self) -> PermissionType {
        self.of(&[PermissionType::Read, PermissionType::Write, PermissionType::ReadWrite])
    }

    pub fn request(&mut self) -> Request {
        match self.below(4) {
            0 => Request::Range(self.range()),
            1 => Request::Put(self.put()),
            2 => Request::DeleteRange(self.delete()),
            _ => Request::Txn(self.txn(1)),
        }
    }

    fn range(&mut self) -> RangeRequest {
        let serializable = self.one_in(2);
        RangeRequest { key: self.key(), range_end: self.end(), serializable, ..RangeRequest::default() }
    }

    fn put(&mut self) -> PutRequest {
        let lease = if self.one_in(4) { LEASE } else { 0 };
        PutRequest { key: self.key(), lease, prev_kv: self.one_in(3), ..PutRequest::default() }
    }

    fn delete(&mut self) -> DeleteRangeRequest {
        DeleteRangeRequest { key: self.key(), range_end: self.end(), prev_kv: self.one_in(3) }
    }

    /// At most one op in a branch, so that none is given a key twice.
    fn txn(&mut self, depth: u64) -> TxnRequest {
        let compare = (0..self.below(2)).map(|_| self.compare()).collect();
        TxnRequest { compare, success: self.branch(depth), failure: self.branch(depth) }
    }

    fn compare(&mut self) -> Compare {
        let (key, range_end) = (self.key(), self.end());
        Compare { key, range_end, result: CompareResult::Equal, target: CompareTarget::Version(0) }
    }

    fn branch(&mut self, depth: u64) -> Vec<RequestOp> {
        match self.below(5) {
            0 => vec![RequestOp::Range(self.range())],
            1 => vec![RequestOp::Put(self.put())],
            2 => vec![RequestOp::DeleteRange(self.delete())],
            3 if depth > 0 => vec![RequestOp::Txn(self.txn(depth - 1))],
            _ => Vec::new(),
        }
    }

    pub fn watch(&mut self) -> WatchCreateRequest {
        let key = if self.one_in(6) { Bytes::default() } else { self.key() };
        WatchCreateRequest { key, range_end: self.end(), ..WatchCreateRequest::default() }
    }
}
