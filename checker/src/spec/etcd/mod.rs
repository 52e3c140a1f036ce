//! The KV API of etcd, whole: revisions, ranges of now and of before, puts, deletes, txns and compaction.
//!
//! Written from etcd v3.6 (`server/etcdserver/txn/`, `server/etcdserver/api/v3rpc/key.go`,
//! `server/storage/mvcc/kvstore_txn.go`, `kvstore.go`). Leases are recorded on keys and never run out here.
//! Of a response's header only the revision counts: which member answered, in which term, is no business of
//! a sequential specification.
//!
//! | file | what |
//! | --- | --- |
//! | `check` | what is refused without a look at the state |
//! | `run` | what requests do to the state |
//! | `compare` | the conditions of a txn |
//! | `range` | what a range shows of the keys |
//! | `agree` | when an answer is as good as the model's |
//! | `refusal` | the errors that are answers |
//! | `keys`, `past` | the state: persistent, so that a new one shares all but the change with the old |
//! | `answer` | what it answers |
//! | `calls`, `seen` | the calls of a recorded history, and what others saw of them |

mod agree;
mod answer;
mod calls;
mod check;
mod compare;
mod keys;
mod past;
mod range;
mod run;
mod seen;

pub use crate::history::Refusal;
pub use answer::Answer;
pub use calls::Calls;

use crate::history::{Request, Revision};
use keys::Keys;
use past::Past;
use stateright::semantics::SequentialSpec;
use std::hash::{Hash, Hasher};

/// A store of etcd. Cloning one is cheap, and so is comparing or hashing two that have most in common.
#[derive(Clone, Debug)]
pub struct Etcd {
    revision: Revision,
    /// The compacted revision; -1 before the first compaction.
    compacted: Revision,
    keys: Keys,
    /// The keys at every revision before this one.
    past: Past,
}

impl Default for Etcd {
    /// A new store: at revision 1, with nothing in it.
    fn default() -> Self {
        Etcd { revision: 1, compacted: -1, keys: Keys::default(), past: Past::default() }
    }
}

impl Etcd {
    /// The revision of the last change.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// About how much a store holds that the one before it does not: an entry of the past, and a path to a
    /// changed key.
    pub fn heap_bytes(&self) -> usize {
        1024
    }

    /// True if a request changes no store, if it was answered with `ret` (`None`: if that is not known).
    pub fn is_read(request: &Request, ret: Option<&Answer>) -> bool {
        match ret {
            Some(Answer::Refused(_)) => true,
            Some(Answer::Given(response)) => {
                !matches!(request, Request::Compact(_)) && !agree::writes(response)
            }
            Some(Answer::At(_)) => false,
            None => !request.may_write() && !matches!(request, Request::Compact(_)),
        }
    }
}

impl SequentialSpec for Etcd {
    type Op = Request;
    type Ret = Answer;

    fn invoke(&mut self, request: &Request) -> Answer {
        match self.run(request, true) {
            Ok(response) => Answer::Given(response),
            Err(refusal) => Answer::Refused(refusal.into()),
        }
    }

    fn is_valid_step(&mut self, request: &Request, ret: &Answer) -> bool {
        match ret {
            Answer::Given(response) => {
                let revision = self.revision + Revision::from(agree::writes(response));
                response.header().revision == revision
                    && self
                        .run(request, false)
                        .is_ok_and(|expected| agree::agrees(request, response, &expected))
            }
            Answer::Refused(error) => {
                let before = self.clone();
                let refused = self.run(request, false).err();
                if refused.is_none() {
                    *self = before;
                }
                refused.is_some() && refused == Refusal::of(error)
            }
            Answer::At(revision) => {
                *revision == self.revision + 1
                    && self.run(request, false).is_ok()
                    && *revision == self.revision
            }
        }
    }
}

impl PartialEq for Etcd {
    fn eq(&self, other: &Self) -> bool {
        self.revision == other.revision
            && self.compacted == other.compacted
            && self.keys == other.keys
            && self.past == other.past
    }
}

impl Eq for Etcd {}

impl Hash for Etcd {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        (self.revision, self.compacted, self.keys.digest(), self.past.digest()).hash(hasher);
    }
}
