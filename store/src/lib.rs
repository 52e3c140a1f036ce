//! The system under test: an etcd-style store replicated by Raft, as machines without I/O.
//!
//! Nothing here reads a clock, draws a random number, spawns a task or touches a file. A [`member`](member::Member), a
//! [watch proxy](proxy::Proxy) and a [client session](client::ClientSession) are each a [`machine::Machine`]: an input and the time
//! in, outputs appended.
//!
//! # Hosting a member
//!
//! A host boots a member from what its disk holds, tells it that a tick has passed every [`tick_ms`](member::Config::tick_ms)
//! of its clock, hands it what arrives from peers and clients, and carries out its outputs in their order: it sends datagrams
//! and frames, and does disk operations one after the other. It says that an operation is done once that is durable, never
//! before: an entry counts from then on.
//!
//! A member alone in its cluster, on a disk in memory, which is booted again from what was durable:
//!
//! ```
//! use revline_store::api::{PutRequest, RangeRequest, Request, Response};
//! use revline_store::disk::{DiskImage, DiskOperation, File};
//! use revline_store::frame::{Call, ClientFrame, Reply, ServerFrame};
//! use revline_store::machine::{Machine, Time};
//! use revline_store::member::{BootError, Config, Input, Member, Output};
//! use std::collections::VecDeque;
//! use std::time::Duration;
//!
//! struct Host {
//!     member: Member,
//!     disk: DiskImage,
//!     now: Time,
//!     replies: Vec<ServerFrame>,
//! }
//!
//! impl Host {
//!     fn boot(config: Config, disk: DiskImage) -> Result<Host, BootError> {
//!         let mut out = Vec::new();
//!         let member = Member::boot(config, &disk, Time::default(), &mut out)?;
//!         let mut host = Host { member, disk, now: Time::default(), replies: Vec::new() };
//!         host.carry_out(out).into_iter().for_each(|done| host.step(done));
//!         while !host.member.is_leader() {
//!             host.now = host.now + Duration::from_millis(host.member.config().tick_ms);
//!             host.step(Input::Tick);
//!         }
//!         Ok(host)
//!     }
//!
//!     /// One input, and the completions that follow from it.
//!     fn step(&mut self, input: Input) {
//!         let mut inputs = VecDeque::from([input]);
//!         while let Some(input) = inputs.pop_front() {
//!             let mut out = Vec::new();
//!             self.member.step(self.now, input, &mut out);
//!             inputs.extend(self.carry_out(out));
//!         }
//!     }
//!
//!     fn carry_out(&mut self, outputs: Vec<Output>) -> Vec<Input> {
//!         let mut completed = Vec::new();
//!         for output in outputs {
//!             match output {
//!                 Output::Disk { operation, done } => {
//!                     match operation {
//!                         DiskOperation::Append { file: File::Wal, bytes } => {
//!                             self.disk.wal.get_or_insert_default().extend(bytes);
//!                         }
//!                         DiskOperation::Replace { file: File::Wal, bytes } => self.disk.wal = Some(bytes),
//!                         DiskOperation::Replace { file: File::Snapshot, bytes } => {
//!                             self.disk.snapshot = Some(bytes);
//!                         }
//!                         // Memory is durable at once; a snapshot is only ever replaced.
//!                         _ => {}
//!                     }
//!                     completed.extend(done.map(|token| Input::DiskDone { token }));
//!                 }
//!                 Output::Client { frame, .. } => self.replies.push(frame),
//!                 // It has no peers, and nothing observes it.
//!                 Output::Peer(_) | Output::Event(_) => {}
//!             }
//!         }
//!         completed
//!     }
//!
//!     fn ask(&mut self, call: u64, request: Request) -> Option<Response> {
//!         let frame = ClientFrame::Call { call, request: Call::Kv(request), token: None, requires_leader: false };
//!         self.step(Input::Client { session: 1, frame });
//!         match self.replies.pop()? {
//!             ServerFrame::Reply { result: Ok(Reply::Kv(response)), .. } => Some(response),
//!             _ => None,
//!         }
//!     }
//! }
//!
//! let config = Config::new(1, vec![1]);
//! let mut host = Host::boot(config.clone(), DiskImage::default())?;
//! let put = PutRequest { key: "k".into(), value: "1".into(), ..PutRequest::default() };
//! let written = host.ask(1, Request::Put(put)).expect("the member leads");
//! assert_eq!(written.header().revision, 2);
//!
//! // The process ends. What is durable is all that the next one has.
//! let mut host = Host::boot(Config { incarnation: 2, ..config }, host.disk)?;
//! let range = RangeRequest { key: "k".into(), ..RangeRequest::default() };
//! let Some(Response::Range(read)) = host.ask(1, Request::Range(range)) else { panic!("it is read") };
//! assert_eq!(read.kvs[0].value, "1".into());
//! # Ok::<(), BootError>(())
//! ```

#![cfg_attr(
    not(feature = "defects"),
    allow(unused_variables, unused_imports, unused_mut, dead_code, reason = "read by defects alone")
)]

pub mod api;
pub mod auth;
pub mod client;
pub mod concurrency;
pub mod defect;
pub mod disk;
pub mod error;
pub mod frame;
pub mod key_range;
pub mod lease;
pub mod machine;
pub mod mark;
pub mod member;
pub mod mvcc;
pub mod namespace;
pub mod peer;
pub mod proxy;
pub mod wal;
pub mod watch;

pub use revline_bytes as bytes;
