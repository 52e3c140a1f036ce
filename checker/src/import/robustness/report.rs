//! The files of a report, put together.

use super::super::error::{ImportError, Problem};
use super::objects::Objects;
use super::operation::{Asked, asked, is_lost, outcome, times};
use super::recorded;
use super::watch::watch;
use super::{Part, lease};
use crate::history::{ClientId, History, Operation, Outcome, Request, Revision};
use std::collections::BTreeMap;
use std::io::BufRead;

/// Collects the files of a report.
#[derive(Default)]
pub(super) struct Report {
    history: History,
    /// By operation: the file, by its number, and the line it is on.
    lines: Vec<(usize, u64)>,
    files: Vec<String>,
    leases: lease::Leases,
    revocations: Vec<Revocation>,
    /// The operations whose answers were lost and are known all the same.
    persisted: Vec<usize>,
    end_ns: u64,
    highest_client: u32,
    /// By watch: the number of its file.
    watched_in: Vec<u32>,
}

/// A lease that is revoked: which keys go can only be said when all is read.
struct Revocation {
    operation: usize,
    lease: i64,
    revision: Revision,
    is_lost: bool,
}

impl Report {
    /// Reads one file.
    pub fn take(&mut self, part: Part, reader: impl BufRead, name: &str) -> Result<(), ImportError> {
        self.files.push(name.to_owned());
        let mut objects = Objects::new(reader, name);
        match part {
            Part::Operations => {
                while let Some((line, operation)) = objects.next::<recorded::Operation>()? {
                    self.operation(line, &operation).map_err(|problem| objects.error(line, problem))?;
                }
            }
            Part::Watches => {
                while let Some((line, recorded)) = objects.next::<recorded::Watch>()? {
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
            Asked::Revoke(lease) => {
                let (is_lost, revision) = (is_lost(&recorded.output), recorded.output.revision);
                self.revocations.push(Revocation { operation: index, lease, revision, is_lost });
                // Both are found when all is read.
                (Request::Txn(Default::default()), Outcome::Unknown(recorded.output.error.clone()))
            }
        };
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
            member: None,
            user: None,
            invoke_ns,
            return_ns,
            request,
            outcome,
        });
        Ok(())
    }

    /// The history.
    pub fn finish(mut self) -> Result<History, ImportError> {
        self.check_clients()?;
        // Its client never had it; it took effect before the recording ended.
        for index in std::mem::take(&mut self.persisted) {
            self.history.operations[index].return_ns = Some(self.end_ns);
        }
        for (watch, file) in self.history.watches.iter_mut().zip(&self.watched_in) {
            watch.client = ClientId(self.highest_client.saturating_add(1 + file));
        }
        let History { operations, watches, .. } = &mut self.history;
        for Revocation { operation, lease, revision, is_lost } in &self.revocations {
            let Some(request) = self.leases.revocation(*lease) else { continue };
            if !is_lost {
                operations[*operation].outcome = lease::outcome(&request, *revision, watches);
            }
            operations[*operation].request = Request::Txn(request);
        }
        Ok(self.history)
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
