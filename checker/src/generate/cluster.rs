//! Histories of alarms and changes of members that a correct etcd could have produced, and such with one flaw.
//!
//! Everything goes through one log: an entry is applied at one moment between its invocation and its return or, if its
//! outcome is unknown, at any later one or never. A flawed history has no requests beside each other, so that a flaw is
//! certain to be one.

mod flaw;

pub use flaw::ClusterFlaw;

use super::random::Random;
use crate::history::build::*;
use crate::history::*;
use std::collections::{BTreeMap, BTreeSet};

/// From one entry to the next, in nanoseconds.
const STEP_NS: u64 = 1_000;

const NO_SPACE: &str = "etcdserver: mvcc: database space exceeded";
const CORRUPT: &str = "etcdserver: corrupt cluster";

/// A legal history of alarms and changes of members: a pure function of its arguments.
pub fn legal_cluster(entries: u64, seed: u64) -> History {
    World::new(seed, None).run(entries).0
}

/// Such a history with a flaw; `None` if there was no place for it.
pub fn flawed_cluster(entries: u64, seed: u64, flaw: ClusterFlaw) -> Option<History> {
    let (history, is_flawed) = World::new(seed, Some(flaw)).run(entries);
    is_flawed.then_some(history)
}

/// A member that joined, as the leader has it.
#[derive(Clone, Copy, Debug)]
struct Joined {
    is_learner: bool,
    last_index: u64,
    /// The entry that added it.
    since: u64,
}

struct World {
    random: Random,
    history: History,
    flaw: Option<ClusterFlaw>,
    is_flawed: bool,
    alarms: BTreeSet<Alarm>,
    disarmed: BTreeSet<Alarm>,
    members: BTreeMap<u64, Joined>,
    next_member: u64,
    revision: Revision,
    /// The revision after each entry.
    revisions: Vec<Revision>,
    /// The answers about alarms, whose headers may carry a later revision: when it was read.
    late_headers: Vec<(usize, u64)>,
    index: u64,
    client: u32,
}

/// The time of a request.
#[derive(Clone, Copy)]
struct Times {
    invoke_ns: u64,
    applied_ns: u64,
    return_ns: u64,
    is_lost: bool,
}

impl World {
    fn new(seed: u64, flaw: Option<ClusterFlaw>) -> Self {
        let mut h = Builder::default();
        h.observation(started(1));
        let leader = Observation::Leader { at_ns: 1, member: MemberId(1), term: 2, last_index: Some(0) };
        h.observation(leader);
        let voter = Joined { is_learner: false, last_index: 0, since: 0 };
        World {
            random: Random::new(seed),
            history: h.build(),
            flaw,
            is_flawed: false,
            alarms: BTreeSet::new(),
            disarmed: BTreeSet::new(),
            members: (1..=3).map(|id| (id, voter)).collect(),
            next_member: 4,
            revision: 1,
            revisions: vec![1],
            late_headers: Vec::new(),
            index: 0,
            client: 0,
        }
    }

    fn run(mut self, entries: u64) -> (History, bool) {
        for _ in 0..entries {
            self.index += 1;
            self.entry();
            let index = self.index;
            for joined in self.members.values_mut() {
                let grown = joined.last_index + self.random.below(if joined.is_learner { 6 } else { 3 });
                joined.last_index = grown.min(index);
            }
            self.revisions.push(self.revision);
        }
        for (call, read_ns) in &self.late_headers {
            let by_then = ((read_ns / STEP_NS) as usize).min(self.revisions.len() - 1);
            if let Outcome::Ok(AdminResponse::Alarm { header, .. }) =
                &mut self.history.admin_calls[*call].outcome
            {
                header.revision = self.revisions[by_then].max(header.revision);
            }
        }
        self.history.observations.sort_by_key(Observation::at_ns);
        (self.history, self.is_flawed)
    }

    /// True the first time that this flaw fits in the second half.
    fn strikes(&mut self, flaw: ClusterFlaw) -> bool {
        let fits = self.flaw == Some(flaw) && !self.is_flawed && self.index > 20;
        self.is_flawed |= fits;
        fits
    }

    fn times(&mut self) -> Times {
        let applied_ns = self.index * STEP_NS;
        let spread = if self.flaw.is_some() { 1 } else { 4 * STEP_NS };
        let invoke_ns = applied_ns.saturating_sub(1 + self.random.below(spread));
        let is_lost = self.flaw.is_none() && self.random.percent(12);
        let return_ns = match is_lost {
            true => invoke_ns + 1 + self.random.below(4 * STEP_NS),
            false => applied_ns + 1 + self.random.below(spread),
        };
        Times { invoke_ns, applied_ns, return_ns, is_lost }
    }

    fn entry(&mut self) {
        match self.random.below(10) {
            0..=4 => self.operation(),
            5 => self.raise(),
            6 => self.disarm(),
            7 => self.list_alarms(),
            8 => self.change_members(),
            _ => self.list_members(),
        }
    }

    fn stands(&self, kind: AlarmKind) -> bool {
        self.alarms.iter().any(|alarm| alarm.alarm == kind)
    }

    fn operation(&mut self) {
        let times = self.times();
        let (is_put, key) = (self.random.percent(60), format!("k{}", self.index));
        let is_full = self.stands(AlarmKind::NoSpace);
        let is_corrupt = self.stands(AlarmKind::Corrupt);
        let (request, mut response) = match (is_put, self.random.percent(30)) {
            (true, true) => {
                let branch = [put(&key, "1")];
                (txn([], branch, []), decided(self.revision + 1, true, [written(self.revision + 1)]))
            }
            (true, false) => (put(&key, "1"), written(self.revision + 1)),
            (false, true) => (get(&key), ranged(self.revision, [])),
            (false, false) => (delete(&key), deleted(self.revision, 0)),
        };
        response.header_mut().member = MemberId(1);
        let is_read = matches!(request, Request::Range(_));
        let refusal = match (is_corrupt && !is_read, is_full && is_put) {
            (true, _) if !is_put && self.strikes(ClusterFlaw::AppliedWhileCorrupt) => None,
            (true, _) => Some(CORRUPT),
            (_, true) if self.strikes(ClusterFlaw::PutWithoutSpace) => None,
            (_, true) => Some(NO_SPACE),
            _ if is_put && !is_corrupt && self.strikes(ClusterFlaw::RefusedWithoutAlarm) => Some(CORRUPT),
            _ => None,
        };
        let is_applied = refusal.is_none() && !(times.is_lost && self.random.percent(50));
        self.revision += Revision::from(is_applied && is_put);
        if is_read && self.strikes_learner() {
            response.header_mut().member = MemberId(self.learner().unwrap_or(1));
        }
        let outcome = match refusal {
            _ if times.is_lost => Outcome::Unknown("timed out".to_owned()),
            Some(message) => {
                Outcome::Failed(Error { code: "Unknown".to_owned(), message: message.to_owned() })
            }
            None => Outcome::Ok(response),
        };
        self.client += 1;
        self.history.operations.push(Operation {
            client: ClientId(self.client),
            member: None,
            user: None,
            invoke_ns: times.invoke_ns,
            return_ns: Some(times.return_ns),
            request,
            outcome,
        });
    }

    fn strikes_learner(&mut self) -> bool {
        self.learner().is_some() && self.strikes(ClusterFlaw::LearnerAnswers)
    }

    fn learner(&self) -> Option<u64> {
        self.members.iter().find(|(_, joined)| joined.is_learner).map(|(id, _)| *id)
    }

    fn call(&mut self, times: Times, request: AdminRequest, response: Result<AdminResponse, &str>) -> usize {
        let outcome = match response {
            _ if times.is_lost => Outcome::Unknown("timed out".to_owned()),
            Ok(response) => Outcome::Ok(response),
            Err(message) => {
                Outcome::Failed(Error { code: "Unknown".to_owned(), message: message.to_owned() })
            }
        };
        self.client += 1;
        self.history.admin_calls.push(AdminCall {
            client: ClientId(self.client),
            member: None,
            user: None,
            requires_leader: false,
            invoke_ns: times.invoke_ns,
            return_ns: Some(times.return_ns),
            request,
            outcome,
        });
        self.history.admin_calls.len() - 1
    }

    fn call_alarms(&mut self, times: Times, request: AdminRequest, listed: &[Alarm]) {
        let call = self.call(times, request, Ok(alarmed(self.revision, listed)));
        let read_ns = times.applied_ns + self.random.below(times.return_ns.saturating_sub(times.applied_ns));
        self.late_headers.push((call, read_ns));
    }

    fn an_alarm(&mut self) -> Alarm {
        let member = 1 + self.random.below(3);
        if self.random.percent(70) { no_space(member) } else { corrupt(member) }
    }

    /// A member or an operator raises an alarm.
    fn raise(&mut self) {
        let (times, alarm) = (self.times(), self.an_alarm());
        // A member that raises it by itself holds something else indeed.
        let by_operator = alarm.alarm == AlarmKind::Corrupt || self.random.percent(50);
        if by_operator {
            let is_applied = !(times.is_lost && self.random.percent(50));
            self.call_alarms(times, raise(alarm), &[alarm]);
            if !is_applied {
                return;
            }
        }
        if self.alarms.insert(alarm) {
            let Alarm { member, alarm } = alarm;
            let at_ns = times.applied_ns;
            self.history.observations.push(Observation::Alarm { at_ns, member, alarm, by_operator });
        }
    }

    fn disarm(&mut self) {
        let times = self.times();
        let standing = self.alarms.iter().next().copied();
        let alarm = standing.filter(|_| self.random.percent(90)).unwrap_or_else(|| self.an_alarm());
        let is_applied = !(times.is_lost && self.random.percent(50));
        let stood = if is_applied { self.alarms.take(&alarm) } else { None };
        self.disarmed.extend(stood);
        self.call_alarms(times, disarm(alarm), stood.as_slice());
    }

    fn list_alarms(&mut self) {
        let times = self.times();
        let mut listed = self.alarms.clone();
        let gone = self.disarmed.difference(&self.alarms).next().copied();
        if !listed.is_empty() && self.strikes(ClusterFlaw::AlarmForgotten) {
            listed.pop_first();
        } else if gone.is_some() && self.strikes(ClusterFlaw::AlarmStays) {
            listed.extend(gone);
        }
        let listed: Vec<Alarm> = listed.into_iter().collect();
        self.call_alarms(times, alarms(), &listed);
    }

    fn listed(&self) -> AdminResponse {
        let of = |learner: bool| {
            let members = self.members.iter().filter(move |(_, joined)| joined.is_learner == learner);
            members.map(|(id, _)| *id).collect::<Vec<u64>>()
        };
        members(&of(false), &of(true))
    }

    fn list_members(&mut self) {
        let times = self.times();
        let added = self.members.keys().find(|id| **id > 3).copied();
        let left_out = added.filter(|_| self.strikes(ClusterFlaw::MemberMissing));
        let kept = left_out.and_then(|id| Some((id, self.members.remove(&id)?)));
        let response = self.listed();
        self.members.extend(kept);
        self.call(times, AdminRequest::MemberList { linearizable: true }, Ok(response));
    }

    fn change_members(&mut self) {
        let index = self.index;
        let times = self.times();
        let leaders = self.members[&1].last_index;
        let request = match self.learner() {
            Some(id) if self.random.percent(70) => AdminRequest::MemberPromote { id: MemberId(id) },
            None if self.random.percent(70) => {
                self.next_member += 1;
                AdminRequest::MemberAdd { id: MemberId(self.next_member), is_learner: true }
            }
            _ => match self.members.keys().next_back().filter(|id| **id > 3) {
                Some(id) => AdminRequest::MemberRemove { id: MemberId(*id) },
                None => return self.list_members(),
            },
        };
        if let AdminRequest::MemberPromote { id: MemberId(id) } = request {
            let is_ready = self.members[&id].last_index * 10 >= leaders * 9;
            let is_early = self.members[&id].since > 20 && self.strikes(ClusterFlaw::PromotedEarly);
            if is_early {
                self.members.entry(id).and_modify(|joined| joined.last_index = 0);
            } else if !is_ready {
                let message = "etcdserver: can only promote a learner member which is in sync with leader";
                self.call(times, request, Err(message));
                return;
            }
        }
        let is_applied = !(times.is_lost && self.random.percent(50));
        if is_applied {
            match request {
                AdminRequest::MemberAdd { id: MemberId(id), .. } => {
                    self.members.insert(id, Joined { is_learner: true, last_index: 0, since: index });
                }
                AdminRequest::MemberPromote { id: MemberId(id) } => {
                    self.members.entry(id).and_modify(|joined| joined.is_learner = false);
                }
                AdminRequest::MemberRemove { id: MemberId(id) } => drop(self.members.remove(&id)),
                _ => {}
            }
            self.observe_members(times.applied_ns);
        }
        let response = self.listed();
        self.call(times, request, Ok(response));
    }

    /// Lets two members apply a change, one after the other.
    fn observe_members(&mut self, applied_ns: u64) {
        let seen = |(id, joined): (&u64, &Joined)| SeenMember {
            id: MemberId(*id),
            is_learner: joined.is_learner,
            last_index: Some(joined.last_index),
        };
        let members: Vec<SeenMember> = self.members.iter().map(seen).collect();
        let later_ns = applied_ns + self.random.below(STEP_NS);
        let mut others = members.clone();
        if self.strikes(ClusterFlaw::OtherMembers) {
            others.pop();
        }
        for (at_ns, member, members) in [(applied_ns, 1, members), (later_ns, 2, others)] {
            let (member, index) = (MemberId(member), self.index);
            let seen = Observation::Members { at_ns, member, index, changed: true, members };
            self.history.observations.push(seen);
        }
    }
}
