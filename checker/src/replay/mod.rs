//! The fast path: where responses carry revisions, they fix the order of the writes, and judging is
//! sorting and replaying.
//!
//! [`Line`] holds that order. The answered writes stand at their revisions; unanswered ones are
//! filled with operations of unknown outcome, named by what watches and reads saw of it; then everything
//! is made again, in order, and compared with what clients were told.
//!
//! | file | what |
//! | --- | --- |
//! | `answered_writes`, `readers` | the writes that were answered, and the operations that must show a revision |
//! | `positions` | where answered operations stand, and what real time says of that |
//! | `sighting` | what reads, previous values and watches saw of each revision |
//! | `first_seen` | when each revision was first known to be there |
//! | `candidates` | the operations of unknown outcome that can have made a revision |
//! | `facts` | what answers alone say of each key |
//! | `ahead` | what was seen of each key later on, and where watches are silent |
//! | `says`, `ceilings` | what answers say of the keys under a name, and until which revision they can be given |
//! | `tenure` | what locks, campaigns and leases were answered, as bounds on what can have been done to keys |
//! | `owners` | what must hold of the keys under a name when such an answer was given |
//! | `deeds` | the steps of locks, elections and leases whose revision no answer tells |
//! | `maker` | who made a revision: an operation, a step of one, or a lease that ran out |
//! | `walk` | the walk along the line, with its ways back where a revision's maker is open |
//! | `line`, `flaw`, `difference` | what comes of it |
//! | `coverage`, `compaction` | which revisions watches answer for, what can have been compacted |
//! | `reach`, `odd` | how many revisions requests can have made, and answers that are beyond that |
//! | `acceptable`, `state`, `service`, `range`, `past_range`, `txn`, `claim`, `span` | what requests do and answer |
//!
//! The effects of requests are written here a second time, apart from [`crate::spec::etcd`]: here changes are
//! listed and undone in place, there states are shared and compared. So the search, which uses the other,
//! shares no mistake with this path, and tests hold the two against each other.

mod acceptable;
mod ahead;
mod answered_writes;
mod candidates;
mod ceilings;
mod claim;
mod compaction;
mod coverage;
mod deeds;
mod difference;
mod facts;
mod first_seen;
mod flaw;
mod line;
mod maker;
mod odd;
mod owners;
mod past_range;
mod positions;
mod range;
mod reach;
mod readers;
mod says;
mod service;
mod sighting;
mod span;
mod state;
mod tenure;
mod txn;
mod walk;

pub(crate) use acceptable::is_acceptable;
pub(crate) use ceilings::Ceilings;
pub(crate) use compaction::{Compactions, Known, asked, at_least};
pub(crate) use coverage::{Coverage, first_revision, wants};
pub(crate) use deeds::puts_with_lease;
pub(crate) use difference::{Difference, differences};
pub(crate) use first_seen::first_seen;
pub(crate) use flaw::Flaw;
pub(crate) use line::Line;
pub(crate) use odd::{Odd, odd_answers, without};
pub(crate) use past_range::{PastRange, newest_to_ask_for, past_ranges};
pub(crate) use positions::{Floor, Position, floors};
pub(crate) use range::{same as same_range, shows};
pub(crate) use reach::Reach;
pub(crate) use says::{Says, said};
pub(crate) use sighting::{Witness, seen_in};
pub(crate) use span::Span;
pub(crate) use state::Change;
pub(crate) use txn::passes;
