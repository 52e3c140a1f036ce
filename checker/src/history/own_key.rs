//! The keys of locks and elections (etcd: `client/v3/concurrency/{mutex,election}.go`, `fmt.Sprintf("%s%x", pfx,
//! lease)`).

use crate::bytes::Bytes;
use std::fmt;

/// A lease id as etcd writes it: Go's `%x` of a signed number, so that lease -10 is `-a`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LeaseId(pub i64);

impl fmt::Display for LeaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{:x}", self.0.unsigned_abs())
    }
}

/// The key with which a lease queues for a lock or an election: `name/` and the id of the lease.
pub fn own_key(name: &Bytes, lease: i64) -> Bytes {
    let id = LeaseId(lease).to_string();
    [name.as_slice(), b"/", id.as_bytes()].concat().into()
}

/// The lease that queues with a key; `None` for a key that no lease queues with.
pub fn lease_of(name: &Bytes, key: &Bytes) -> Option<i64> {
    let id = key.as_slice().strip_prefix(name.as_slice())?.strip_prefix(b"/")?;
    let lease = i64::from_str_radix(std::str::from_utf8(id).ok()?, 16).ok()?;
    // Neither `+7` nor `07` nor `A` is what etcd writes.
    (LeaseId(lease).to_string().as_bytes() == id).then_some(lease)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_written_as_go_writes_it() {
        for (lease, key) in [
            (7, "n/7"),
            (0x7f_00ab, "n/7f00ab"),
            (-7, "n/-7"),
            (-1, "n/-1"),
            (-0xbeef, "n/-beef"),
            (i64::MAX, "n/7fffffffffffffff"),
            (i64::MIN, "n/-8000000000000000"),
        ] {
            assert_eq!(own_key(&"n".into(), lease), Bytes::from(key));
            assert_eq!(lease_of(&"n".into(), &key.into()), Some(lease), "{key}");
        }
        assert_eq!(own_key(&Bytes::default(), -10), Bytes::from("/-a"));
        assert_eq!(lease_of(&Bytes::default(), &"/-a".into()), Some(-10));
    }

    #[test]
    fn another_key_is_of_no_lease() {
        for key in ["n", "n/", "n/-", "n/+7", "n/07", "n/A", "n/0x7", "n/--7", "n/fffffffffffffff9", "m/7"] {
            assert_eq!(lease_of(&"n".into(), &key.into()), None, "{key}");
        }
    }
}
