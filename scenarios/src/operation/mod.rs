//! Operations of clients, one file for each kind.
//!
//! A kind is a struct with the fields that a plan holds of it. It implements [`OperationKind`]: it is checked, and done
//! through an [`Actor`]. A seed draws it as the rows of the mixes say.

mod actor;
pub(crate) mod api;
#[cfg(test)]
mod demonstration;
mod draw;
mod edge;
mod kind;
mod rows;
mod tenant;
mod tenure;
mod txn;

pub use tenure::Tenure;

pub(crate) use actor::Actor;
pub(crate) use draw::{Draw, Weighted};
pub(crate) use kind::OperationKind;
pub(crate) use tenant::Office;
use txn::{every_key, put};

rows::operations! {
    put::Put,
    delete::Delete,
    get::Get,
    list::List,
    put_several::PutSeveral,
    read_several::ReadSeveral,
    compare_and_swap::CompareAndSwap,
    create::Create,
    replace::Replace,
    look_back::LookBack,
    list_from::ListFrom = "get-from",
    delete_from::DeleteFrom,
    compare_from::CompareFrom,
    compact::Compact,
    any_range::AnyRange,
    any_put::AnyPut,
    any_delete::AnyDelete,
    any_txn::AnyTxn,
    any_lease::AnyLease,
    any_service::AnyService,
    any_compact::AnyCompact,
    any_call::AnyCall,
    status::Status,
    grant::Grant,
    attach::Attach,
    keep_alive::KeepAlive,
    revoke::Revoke,
    time_to_live::TimeToLive,
    lock::Lock,
    lead::Lead,
    [leases::Leases],
}

rows::mix! {
    /// The operations of writers, each with its weight.
    WriteMix {
        /// Write a key. Default 10.
        put: 10 = put::draw,
        /// Delete a key. Default 2.
        delete: 2 = delete::draw,
        /// Write several keys in one txn, and read them in it. Default 3.
        put_several: 3 = put_several::draw,
        /// Write a key if it is as this client last saw it, or else read it. Default 3.
        compare_and_swap: 3 = compare_and_swap::draw,
        /// Write a key if it is absent, or else read it. Default 1.
        create: 1 = create::draw,
        /// Delete one key and write another in one txn. Default 1.
        replace: 1 = replace::draw,
        /// Read a key, linearizably. Default 3.
        get: 3 = get::linearizable,
        /// Compact history, keeping the newest revisions. Default 0.
        compact: 0 = compact::older,
        /// Compact history up to the newest revision. Default 0.
        compact_newest: 0 = compact::newest,
        /// Compact history, and wait until the space is free. Default 0.
        compact_physical: 0 = compact::physical,
        /// Write a key and read it as it was before, in one txn: refused if that is compacted. Default 0.
        look_back: 0 = look_back::draw,
        /// Read everything there is from some key on, linearizably. Default 0.
        list_from: 0 = list_from::linearizable,
        /// The same from the state of the endpoint alone. Default 0.
        serializable_list_from: 0 = list_from::serializable,
        /// Delete everything there is from some key on. Default 0.
        delete_from: 0 = delete_from::draw,
        /// Compare everything there is from some key on, write, and read it in a txn within the txn. Default 0.
        compare_from: 0 = compare_from::draw,
        /// Write a key, with any field of a put. Default 0.
        any_put: 0 = any_put::draw,
        /// Write a key with a large value. Default 0.
        large_put: 0 = any_put::large,
        /// Delete a key or a range, with any field of a deletion. Default 0.
        any_delete: 0 = any_delete::draw,
        /// Any txn, and txns within it. Default 0.
        any_txn: 0 = any_txn::draw,
        /// Grant, keep, revoke or ask for a lease that clients share. Default 0.
        any_lease: 0 = any_lease::draw,
        /// Ask a lock or an election service about a key that may not be its own. Default 0.
        any_service: 0 = any_service::draw,
        /// Ask with a field at an edge: empty, 0, below 0, or a value that no member knows. Default 0.
        edge: 0 = edge::draw,
        /// Ask any other service: for locks and leaderships by any lease, for members, users and hashes, with names that
        /// may be empty. Default 0.
        any_call: 0 = any_call::draw,
    }
}

rows::mix! {
    /// The operations of readers, each with its weight.
    ReadMix {
        /// Read a key, linearizably. Default 4.
        get: 4 = get::linearizable,
        /// Read all keys, linearizably. Default 2.
        list: 2 = list::linearizable,
        /// Read a key from the member's own state. Default 2.
        serializable_get: 2 = get::serializable,
        /// Read all keys from the member's own state. Default 2.
        serializable_list: 2 = list::serializable,
        /// Read several keys in one txn, linearizably. Default 1.
        read_several: 1 = read_several::draw,
        /// Read all keys at an earlier revision. Default 1.
        historical_list: 1 = list::historical,
        /// Read everything there is from some key on, linearizably. Default 0.
        list_from: 0 = list_from::linearizable,
        /// The same from the member's own state. Default 0.
        serializable_list_from: 0 = list_from::serializable,
        /// Read with any field of a range. Default 0.
        any_range: 0 = any_range::draw,
        /// Ask a server for its state, and mostly to be refused if it knows no leader. Default 0.
        status: 0 = status::draw,
    }
}
