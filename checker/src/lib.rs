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
//!
//! # Judging a history
//!
//! A [`history::History`] holds the operations of clients, each from its invocation to its outcome. An operation of unknown
//! outcome may have taken effect or not. [`judge::Judge`] takes it whole and gives a verdict for each guarantee; a violation
//! names the operations that show it.
//!
//! ```
//! use revline_checker::history::{
//!     ClientId, Header, History, MemberId, Operation, Outcome, PutRequest, PutResponse, RangeRequest,
//!     RangeResponse, Request, Response,
//! };
//! use revline_checker::judge::Judge;
//! use revline_checker::verdict::Verdict;
//!
//! let operation = |client, member, (invoke_ns, return_ns), request, response| Operation {
//!     client: ClientId(client),
//!     member: Some(MemberId(member)),
//!     user: None,
//!     invoke_ns,
//!     return_ns: Some(return_ns),
//!     request,
//!     outcome: Outcome::Ok(response),
//! };
//! let header = |member, revision| Header { member: MemberId(member), revision, term: 2 };
//! let put = Request::Put(PutRequest { key: "a".into(), value: "1".into(), ..PutRequest::default() });
//! let read = Request::Range(RangeRequest { key: "a".into(), ..RangeRequest::default() });
//! let written = Response::Put(PutResponse { header: header(1, 2), prev_kv: None });
//! // Member 2 answers from a state before the put.
//! let nothing =
//!     Response::Range(RangeResponse { header: header(2, 1), kvs: Vec::new(), more: false, count: 0 });
//!
//! let mut history = History { is_of_new_store: true, ..History::default() };
//! history.operations.push(operation(0, 1, (10, 50), put, written));
//! history.operations.push(operation(1, 2, (30, 40), read.clone(), nothing.clone()));
//! let verdicts = Judge::new(&history).run();
//! assert!(verdicts.get("linearizable").is_some_and(Verdict::holds), "the read may come before the put");
//!
//! history.operations.push(operation(1, 2, (60, 70), read, nothing));
//! let verdicts = Judge::new(&history).run();
//! let evidence = verdicts.get("linearizable").and_then(Verdict::evidence).expect("a stale read");
//! assert_eq!(evidence.kind, "stale-read");
//! // Nothing watched: that guarantee did not pass, it was not exercised.
//! assert_eq!(verdicts.get("watch-ordered"), Some(&Verdict::Vacuous));
//! ```
//!
//! Records that come one by one go to an [`judge::OnlineJudge`], the histories of other tools through [`import`].

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
