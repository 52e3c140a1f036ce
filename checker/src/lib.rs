//! Histories in, verdicts out.
//!
//! The judge of revline: it compares a [`history`] of operations and watches with models of its own, and shares no
//! code with the store that it judges. [`judge::Judge`] is the one way in.
//!
//! | module | content |
//! | --- | --- |
//! | [`history`] | operations, watches and observations; their JSONL form |
//! | `import` | histories in other forms, with the feature of that name |
//! | [`judge`] | the front door |
//! | [`guarantee`] | the guarantees, one file each |
//! | `proof`, `replay`, [`search`] | the three engines |
//! | [`spec`] | sequential models |
//! | [`verdict`], [`evidence`] | the answer, and the reasons for it |

pub mod evidence;
#[cfg(feature = "import")]
mod explain;
#[cfg(any(test, feature = "testing"))]
pub mod generate;
pub mod guarantee;
pub mod history;
mod ids;
#[cfg(feature = "import")]
pub mod import;
pub mod judge;
mod lease_times;
mod proof;
mod replay;
pub mod search;
pub mod spec;
#[cfg(feature = "testing")]
pub mod testing;
pub mod verdict;

pub use revline_bytes as bytes;
