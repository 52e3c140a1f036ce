//! Is there one order of these calls that respects real time and that the model would answer so?
//!
//! The search is Wing and Gong's ("Testing and Verifying Concurrent Objects", JPDC 1993, section 4) with
//! Lowe's memoization ("Testing for Linearizability", CPE 2017, section 4.1) and the partitions of Horn
//! and Kroening ("Faster Linearizability Checking via P-Compositionality", FORTE 2015); porcupine is the
//! tool that made the combination known. What is added here:
//!
//! - a call of unknown outcome is *optional*: it is placed only where nothing else helps, and a
//!   configuration is abandoned when one that used fewer optional calls failed from the same place;
//! - a call that can change no state is placed as soon as it fits, without alternatives;
//! - of calls that cannot be told apart, only the most urgent one is tried;
//! - a model may say that no calls that can still come before the most urgent read lead from a state to
//!   its answer ([`Search::outlook`]): then that state is given up at once, not when the read is due;
//! - the memo holds what failed, and nothing while nothing fails, so a history whose responses fix the
//!   order costs time and memory in proportion to its length.
//!
//! Parts of a history that have nothing to do with each other take turns, so that one that is quickly refuted
//! does not wait for one that explodes; on several threads if [`Search::threads`] says so, with the same outcome.
//!
//! The memo compares states and sets exactly, and a legal verdict carries an order that was replayed: both
//! verdicts are proofs. With [`Search::compact`] the memo holds hashes instead; then an illegal verdict is
//! reached a second time, exactly, before it is given.

mod asked;
mod attempts;
mod bits;
mod budget;
mod call;
mod candidates;
mod decision;
mod explain;
mod fingerprint;
mod level;
mod member;
mod memo;
mod outlook;
mod partition;
mod progress;
mod rounds;
mod setup;
mod timeline;
mod walk;
mod witness;
mod words;

pub use budget::{Budget, Stop};
pub use call::Call;
pub use candidates::Candidate;
pub use decision::{Decision, Illegal, Why};
pub use explain::Explanation;
pub use outlook::MayLead;
pub use progress::{OpenPart, Progress};
pub use setup::Search;
pub use witness::{Flaw, replay};
