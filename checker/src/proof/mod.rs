//! The streaming judge: it takes what was observed in the order in which it was over, and proves the history
//! sound as it goes.
//!
//! It holds the keys, the operations that are still open, and a window of the latest revisions; not the
//! history. It never rejects: at the first thing that it cannot prove it says [`Unproven`], and the long way
//! ([`crate::guarantee`]), which has the whole history before it, finds out what is the matter. So it can be
//! simple where the long way must be thorough: there is one state, no way back, and no evidence.
//!
//! | file | what |
//! | --- | --- |
//! | `told` | takes what comes, and makes one revision after the other |
//! | `feed` | a history in memory, in the order in which its parts were over |
//! | `store`, `answer` | the keys at the latest revisions, and what requests do and answer there |
//! | `unknown`, `gap` | operations of unknown outcome, and the revisions that they made |
//! | `waiting` | what was answered or seen of revisions that are not made yet |
//! | `watch`, `watches`, `scope` | what watches delivered |
//! | `clients`, `highest`, `compactions` | what real time says |
//! | `marks`, `tally`, `observed` | what was examined, and the verdicts |

mod answer;
#[cfg(test)]
mod by_hand;
mod clients;
mod compactions;
mod feed;
mod gap;
mod highest;
mod marks;
mod observed;
mod scope;
mod store;
mod tally;
mod told;
mod unknown;
mod waiting;
mod watch;
mod watches;

#[cfg(any(test, feature = "testing"))]
pub(crate) use feed::prove;
pub(crate) use feed::prove_within;
pub(crate) use told::Proof;

use std::fmt;

/// The reason that a history was not proven sound. It may be, all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unproven(&'static str);

impl fmt::Display for Unproven {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Unproven {}

/// Continues the proof where the condition holds; else ends it for the reason given.
fn require(holds: bool, otherwise: &'static str) -> Result<(), Unproven> {
    if holds { Ok(()) } else { Err(Unproven(otherwise)) }
}
