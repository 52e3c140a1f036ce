//! The keys under a name, and their order.

use super::last_created_before;
use crate::api::RangeRequest;
use crate::bytes::Bytes;
use crate::mvcc::Store;

/// The prefix of all keys of a name: the name and a slash.
pub fn prefix(name: &[u8]) -> Bytes {
    [name, b"/"].concat().into()
}

/// The first key after those of a name: a slash is followed by a zero digit.
pub fn prefix_end(name: &[u8]) -> Bytes {
    [name, b"0"].concat().into()
}

/// The key by which the holder of a lease stands for a name: the lease in hexadecimal digits.
pub fn ownership_key(name: &[u8], lease: i64) -> Bytes {
    // As Go writes a signed number.
    let sign = if lease < 0 { "-" } else { "" };
    let digits = format!("/{sign}{:x}", lease.unsigned_abs());
    [name, digits.as_bytes()].concat().into()
}

/// The rank of a key among those of its name, in the order in which they were created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rank {
    /// No key of the name was created before it.
    First,
    /// This key was created next before it.
    Behind(Bytes),
    /// It is gone; one that was created anew under the same key is another one.
    Gone,
}

/// The rank in `store` of the key that was created at `create_revision`. Whether it is there at all is looked at
/// only if `look_for_itself` says so.
pub fn rank(store: &Store, name: &[u8], key: &[u8], create_revision: i64, look_for_itself: bool) -> Rank {
    if look_for_itself && !store.holds_key_of(key, create_revision) {
        return Rank::Gone;
    }
    let before = store
        .range(&last_created_before(name, create_revision))
        .expect("the current revision is never compacted");
    match before.kvs.first() {
        Some(kv) => Rank::Behind(kv.key.clone()),
        None => Rank::First,
    }
}

/// True if the key that was created at `create_revision`, and is still there, was the first of its name at a revision.
/// Of one that was compacted that is not known: false.
pub(crate) fn was_first(store: &Store, name: &[u8], create_revision: i64, revision: i64) -> bool {
    let before = RangeRequest { revision, ..last_created_before(name, create_revision) };
    create_revision <= revision && store.range(&before).is_ok_and(|found| found.kvs.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{DeleteRangeRequest, PutRequest, Request};
    use crate::defect::Defects;

    fn put(store: &mut Store, key: &Bytes) -> i64 {
        store.apply(&Request::Put(PutRequest { key: key.clone(), ..PutRequest::default() })).revision
    }

    fn delete(store: &mut Store, key: &Bytes) {
        let delete = DeleteRangeRequest { key: key.clone(), ..DeleteRangeRequest::default() };
        store.apply(&Request::DeleteRange(delete));
    }

    #[test]
    fn keys_are_written_as_etcd_writes_them() {
        assert_eq!(ownership_key(b"n", 0x7f_00ab), Bytes::from("n/7f00ab"));
        assert_eq!(ownership_key(b"", -1), Bytes::from("/-1"));
        assert!(prefix(b"n") <= ownership_key(b"n", i64::MAX) && ownership_key(b"n", 1) < prefix_end(b"n"));
    }

    #[test]
    fn keys_stand_in_the_order_in_which_they_were_created() {
        let mut store = Store::new(Defects::NONE);
        let keys = [3, 1, 2].map(|lease| ownership_key(b"n", lease));
        let foreign = ownership_key(b"m", 9);
        put(&mut store, &foreign);
        let created = keys.clone().map(|key| put(&mut store, &key));
        // Written again, not created.
        put(&mut store, &keys[0]);
        let at = |store: &Store, n: usize| rank(store, b"n", &keys[n], created[n], true);
        assert_eq!(at(&store, 0), Rank::First);
        assert_eq!(at(&store, 1), Rank::Behind(keys[0].clone()));
        assert_eq!(at(&store, 2), Rank::Behind(keys[1].clone()), "the newest one before it");
        delete(&mut store, &keys[1]);
        assert_eq!(at(&store, 2), Rank::Behind(keys[0].clone()));
        assert_eq!(at(&store, 1), Rank::Gone);
        let anew = put(&mut store, &keys[1]);
        assert_eq!(at(&store, 1), Rank::Gone, "another one");
        assert_eq!(rank(&store, b"n", &keys[1], anew, true), Rank::Behind(keys[2].clone()));
        delete(&mut store, &keys[0]);
        assert_eq!(at(&store, 2), Rank::First);
        delete(&mut store, &keys[2]);
        assert_eq!(at(&store, 2), Rank::Gone);
        assert_eq!(rank(&store, b"n", &keys[2], created[2], false), Rank::First, "unseen");
    }
}
