//! The files of a report, put together.

use super::super::error::{ImportError, Problem};
use super::Part;
use super::lease::{Leases, Revocation};
use super::objects::Objects;
use super::operation::{Asked, answered, asked, is_lost, outcome, times};
use super::recorded;
use super::watch::{tell_creates, watch};
use crate::history::{
    ClientId, History, KeyValue, LeaseRequest, LeaseResponse, MemberId, Operation, Outcome, Request,
    Response, Revision, TxnRequest,
};
use crate::import::fields::{Fields, Ignored};
use std::collections::BTreeMap;
use std::io::BufRead;

/// Collects the files of a report.
#[derive(Default)]
pub(super) struct Report {
    history: History,
    /// By operation: the file, by its number, and the line it is on.
    lines: Vec<(usize, u64)>,
    files: Vec<String>,
    fields: Fields,
    leases: Leases,
    revocations: Vec<Revocation>,
    /// The compactions that were answered at a revision that is not recorded.
    compactions: Vec<usize>,
    /// The operations whose answers were lost and are known all the same.
    persisted: Vec<usize>,
    end_ns: u64,
    highest_client: u32,
    /// By watch: the number of its file.
    watched_in: Vec<u32>,
}

impl Report {
    /// One of which no file is read yet; `ignore_unknown_fields`: they are passed over.
    pub fn new(ignore_unknown_fields: bool) -> Self {
        Report { fields: Fields { ignore: ignore_unknown_fields, ..Fields::default() }, ..Report::default() }
    }

    /// Reads one file.
    pub fn take(&mut self, part: Part, reader: impl BufRead, name: &str) -> Result<(), ImportError> {
        self.files.push(name.to_owned());
        let mut objects = Objects::new(reader, name);
        match part {
            Part::Operations => {
                while let Some((line, operation)) = objects.next::<recorded::Operation>(&mut self.fields)? {
                    self.operation(line, &operation).map_err(|problem| objects.error(line, problem))?;
                }
            }
            Part::Watches => {
                while let Some((line, recorded)) = objects.next::<recorded::Watch>(&mut self.fields)? {
                    let id = self.history.watches.len() as u64;
                    let watch =
                        watch(id, ClientId(0), &recorded).map_err(|problem| objects.error(line, problem))?;
                    let last_ns = watch.frames.last().map_or(0, |frame| frame.received_ns);
                    self.end_ns = self.end_ns.max(last_ns);
                    self.history.watches.push(watch);
                    self.watched_in.push(self.files.len() as u32 - 1);
                }
            }
        }
        Ok(())
    }

    fn operation(&mut self, line: u64, recorded: &recorded::Operation) -> Result<(), Problem> {
        let (invoke_ns, return_ns) = times(recorded)?;
        let index = self.history.operations.len();
        let (request, outcome) = match asked(recorded)? {
            Asked::Nothing => return Ok(()),
            Asked::Request(request) => {
                self.leases.note(&request);
                let outcome = outcome(&request, &recorded.output)?;
                (request, outcome)
            }
            Asked::Grant(id) => {
                let header = answered(&recorded.output, recorded.output.revision);
                let ttl_s = KeyValue::NOT_RECORDED;
                let granted = Response::Lease(LeaseResponse::Grant { header, id, ttl_s });
                (Request::Lease(LeaseRequest::Grant { id, ttl_s }), Outcome::Ok(granted))
            }
            Asked::Revoke(lease) => {
                let output = &recorded.output;
                let is_told = !is_lost(output) && output.revision > 0;
                let revision = is_told.then_some(output.revision);
                self.revocations.push(Revocation { operation: index, lease, revision });
                let why = match output.error.as_str() {
                    "" => "a lease was revoked, and it is not recorded which keys went",
                    error => error,
                };
                // Both are found when all is read.
                (Request::Txn(TxnRequest::default()), Outcome::Unknown(why.to_owned()))
            }
        };
        if matches!(&outcome, Outcome::Ok(Response::Compact(response)) if response.header.revision == 0) {
            self.compactions.push(index);
        }
        let member = recorded.output.member_id.0;
        if is_lost(&recorded.output) {
            if matches!(outcome, Outcome::Ok(_)) {
                self.persisted.push(index);
            }
        } else {
            self.end_ns = self.end_ns.max(return_ns.unwrap_or(0));
        }
        self.highest_client = self.highest_client.max(recorded.client_id);
        self.lines.push((self.files.len() - 1, line));
        self.history.operations.push(Operation {
            client: ClientId(recorded.client_id),
            member: (member != 0).then_some(MemberId(member)),
            user: None,
            invoke_ns,
            return_ns,
            request,
            outcome,
        });
        Ok(())
    }

    /// The history.
    pub fn finish(mut self) -> Result<(History, Ignored), ImportError> {
        self.check_clients()?;
        // Its client never had it; it took effect before the recording ended.
        for index in std::mem::take(&mut self.persisted) {
            self.history.operations[index].return_ns = Some(self.end_ns);
        }
        for (watch, file) in self.history.watches.iter_mut().zip(&self.watched_in) {
            watch.client = ClientId(self.highest_client.saturating_add(1 + file));
        }
        tell_creates(&mut self.history.watches);
        self.leases.settle(&self.revocations, &mut self.history);
        self.place_compactions();
        Ok((self.history, self.fields.ignored))
    }

    /// Gives compactions whose answer's revision is not recorded the lowest that it can have been: what was answered
    /// before it was asked for, and what it compacted. Nobody can be blamed for more than that.
    fn place_compactions(&mut self) {
        let operations = &self.history.operations;
        let answered = |operation: &Operation| {
            let revision = operation.response()?.header().revision;
            let counts = revision > 0 && !operation.request.is_serializable();
            counts.then_some((operation.return_ns?, operation.client, revision))
        };
        let mut answers: Vec<(u64, ClientId, Revision)> = operations.iter().filter_map(answered).collect();
        answers.sort_unstable();
        let mut highest = 1;
        let by_time: Vec<(u64, Revision)> = answers
            .iter()
            .map(|(return_ns, _, revision)| {
                highest = highest.max(*revision);
                (*return_ns, highest)
            })
            .collect();
        for index in std::mem::take(&mut self.compactions) {
            let operation = &mut self.history.operations[index];
            let Request::Compact(request) = &operation.request else { continue };
            let invoke_ns = operation.invoke_ns;
            let before = by_time.partition_point(|(return_ns, _)| *return_ns < invoke_ns);
            let before = before.checked_sub(1).map_or(1, |at| by_time[at].1);
            // What one client asks at the very moment it had its last answer still comes after it.
            let own = answers.partition_point(|(return_ns, ..)| *return_ns <= invoke_ns);
            let own = answers[..own].iter().rev().take_while(|(return_ns, ..)| *return_ns == invoke_ns);
            let own =
                own.filter(|(_, client, _)| *client == operation.client).map(|(.., revision)| *revision);
            let lowest = own.max().unwrap_or(1).max(before).max(request.revision);
            if let Outcome::Ok(Response::Compact(response)) = &mut operation.outcome {
                response.header.revision = lowest;
            }
        }
    }

    /// A client waits for its answer before it asks again.
    fn check_clients(&self) -> Result<(), ImportError> {
        let mut by_client: BTreeMap<ClientId, Vec<usize>> = BTreeMap::new();
        for (index, operation) in self.history.operations.iter().enumerate() {
            by_client.entry(operation.client).or_default().push(index);
        }
        let operations = &self.history.operations;
        for (client, mut indexes) in by_client {
            indexes.sort_by_key(|index| (operations[*index].invoke_ns, operations[*index].return_ns));
            for pair in indexes.windows(2) {
                let (earlier, later) = (&operations[pair[0]], &operations[pair[1]]);
                let answered = matches!(earlier.outcome, Outcome::Ok(_) | Outcome::Failed(_));
                let is_open = answered && earlier.return_ns.is_some_and(|at| at > later.invoke_ns);
                if is_open && !self.persisted.contains(&pair[0]) {
                    let (file, line) = self.lines[pair[1]];
                    let (other_file, other_line) = self.lines[pair[0]];
                    let open = format!("{}:{other_line}", self.files[other_file]);
                    let problem = Problem::TwoOpen { process: client.0.into(), open };
                    return Err(ImportError { name: self.files[file].clone(), line, problem });
                }
            }
        }
        Ok(())
    }
}
