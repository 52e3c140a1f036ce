//! Everything that lies on the timeline.

use super::columns::{Columns, Detail, Item, Kind, Learned};
use super::rows::{Party, Rows, Sort};
use super::short::shortened_to;
use revline_checker::evidence::Place;
use revline_checker::history::{
    AdminCall, History, HoldKind, Observation, Operation, Outcome, Request, Watch,
};
use std::collections::BTreeMap;

/// The items of a history.
pub(super) struct Items<'a> {
    history: &'a History,
    rows: Rows,
    items: Vec<Item>,
    /// The item of each place of the history.
    at: BTreeMap<Place, usize>,
    end_ns: u64,
    detail: Detail,
}

impl<'a> Items<'a> {
    /// The items of a history, in this detail.
    pub fn of(history: &'a History, detail: Detail) -> Items<'a> {
        let mut items = Items {
            history,
            rows: Rows::default(),
            items: Vec::new(),
            at: BTreeMap::new(),
            end_ns: end_ns(history),
            detail,
        };
        items.operations();
        items.watches();
        items.holds();
        items.observers();
        items.admin_calls();
        items.observations();
        items
    }

    /// The end of the last thing in the history.
    pub fn end_ns(&self) -> u64 {
        self.end_ns
    }

    /// The columns, the item of each place of the history, and the rows.
    pub fn in_columns(
        self,
        servers: &BTreeMap<u64, String>,
    ) -> (Columns, BTreeMap<Place, usize>, Vec<super::rows::Row>) {
        let (rows, places) = self.rows.in_order(servers);
        let (columns, positions) = Columns::of(self.items, &places, self.detail.unit_us);
        let at = self.at.into_iter().map(|(place, item)| (place, positions[item])).collect();
        (columns, at, rows)
    }

    fn add(
        &mut self,
        place: Option<Place>,
        (party, sort): (&Party, Sort),
        (kind, outcome): (Kind, Learned),
        (from_ns, to_ns): (u64, Option<u64>),
        text: String,
    ) -> usize {
        let end_ns = to_ns.unwrap_or(self.end_ns).max(from_ns);
        let row = self.rows.place(party, sort, from_ns, end_ns);
        self.point(place, row, (kind, outcome), (from_ns, to_ns), text);
        row
    }

    fn point(
        &mut self,
        place: Option<Place>,
        row: usize,
        (kind, outcome): (Kind, Learned),
        (from_ns, to_ns): (u64, Option<u64>),
        text: String,
    ) {
        if let Some(place) = place {
            self.at.insert(place, self.items.len());
        }
        let text = shortened_to(text, self.detail.text_bytes);
        self.items.push(Item { row, kind, outcome, from_ns, to_ns, text });
    }

    fn operations(&mut self) {
        let operations = &self.history.operations;
        for index in in_order(operations.len(), |index| operations[index].invoke_ns) {
            let operation = &operations[index];
            let party = Party::Client(operation.client.0);
            let text = match operation.member {
                Some(member) => format!("asks {member}: {operation}"),
                None => operation.to_string(),
            };
            let kinds = (kind_of(operation), outcome_of(&operation.outcome));
            let times = (operation.invoke_ns, operation.return_ns);
            let place = Some(Place::Operation { index });
            self.add(place, (&party, Sort::Operations), kinds, times, text);
        }
    }

    fn watches(&mut self) {
        let watches = &self.history.watches;
        for index in in_order(watches.len(), |index| watches[index].invoke_ns) {
            let watch: &Watch = &watches[index];
            let (id, party) = (watch.id, Party::Client(watch.client.0));
            let text = match watch.resumes {
                Some(earlier) => {
                    format!("watch {id}, goes on with watch {earlier}: {} ({:?})", watch.request, watch.end)
                }
                None => format!("watch {id}: {} ({:?})", watch.request, watch.end),
            };
            let place = Some(Place::Watch { index, id, frame: None, event: None });
            let times = (watch.invoke_ns, watch.end_ns);
            let row = self.add(place, (&party, Sort::Watches), (Kind::Watch, Learned::Answered), times, text);
            for (frame, shown) in watch.frames.iter().enumerate() {
                let place = Some(Place::Watch { index, id, frame: Some(frame), event: None });
                let at = (shown.received_ns, Some(shown.received_ns));
                self.point(
                    place,
                    row,
                    (Kind::Frame, Learned::Answered),
                    at,
                    format!("watch {id} gets {shown}"),
                );
            }
        }
    }

    fn holds(&mut self) {
        let holds = &self.history.holds;
        for index in in_order(holds.len(), |index| holds[index].from_ns) {
            let hold = &holds[index];
            let party = Party::Client(hold.client.0);
            let believes = match hold.kind {
                HoldKind::Lock => "believes to hold",
                HoldKind::Leader => "believes to lead",
            };
            let place = Some(Place::Hold { index });
            let times = (hold.from_ns, hold.until_ns);
            self.add(
                place,
                (&party, Sort::Holds),
                (Kind::Hold, Learned::Answered),
                times,
                format!("{believes}: {hold}"),
            );
        }
    }

    fn observers(&mut self) {
        let observers = &self.history.observers;
        for index in in_order(observers.len(), |index| observers[index].invoke_ns) {
            let observer = &observers[index];
            let (id, party) = (observer.id, Party::Client(observer.client.0));
            let place = Some(Place::Observer { index, id, frame: None });
            let times = (observer.invoke_ns, observer.end_ns);
            let text = format!("observer {id}: election {} ({:?})", observer.name, observer.end);
            let row = self.add(place, (&party, Sort::Watches), (Kind::Watch, Learned::Answered), times, text);
            for (frame, shown) in observer.frames.iter().enumerate() {
                let place = Some(Place::Observer { index, id, frame: Some(frame) });
                let at = (shown.received_ns, Some(shown.received_ns));
                self.point(
                    place,
                    row,
                    (Kind::Frame, Learned::Answered),
                    at,
                    format!("observer {id} is shown {shown}"),
                );
            }
        }
    }

    fn admin_calls(&mut self) {
        let calls = &self.history.admin_calls;
        for index in in_order(calls.len(), |index| calls[index].invoke_ns) {
            let call: &AdminCall = &calls[index];
            let party = Party::Client(call.client.0);
            let place = Some(Place::AdminCall { index });
            let kinds = (Kind::Cluster, outcome_of(&call.outcome));
            let times = (call.invoke_ns, call.return_ns);
            self.add(place, (&party, Sort::Operations), kinds, times, call.to_string());
        }
    }

    fn observations(&mut self) {
        for (index, observation) in self.history.observations.iter().enumerate() {
            let place = Some(Place::Observation { index });
            let at_ns = observation.at_ns();
            let text = observation.to_string();
            match observation {
                Observation::Leader { member, .. } => {
                    let times = (at_ns, self.end_of_lead(index));
                    self.add(
                        place,
                        (&Party::Server(member.0), Sort::State),
                        (Kind::Leader, Learned::Answered),
                        times,
                        text,
                    );
                }
                Observation::Fault { name, .. } => {
                    let times = (at_ns, self.end_of_fault(index, name.as_deref()));
                    self.add(
                        place,
                        (&Party::Faults, Sort::Events),
                        (Kind::Fault, Learned::Answered),
                        times,
                        text,
                    );
                }
                Observation::FaultHealed { .. } | Observation::Healed { .. } => {
                    let times = (at_ns, Some(at_ns));
                    self.add(
                        place,
                        (&Party::Faults, Sort::Events),
                        (Kind::Event, Learned::Answered),
                        times,
                        text,
                    );
                }
                Observation::Bounds { .. } => {}
                Observation::Started { member, .. }
                | Observation::Refused { member, .. }
                | Observation::Panicked { member, .. }
                | Observation::Damaged { member, .. }
                | Observation::Repaired { member, .. }
                | Observation::RolledBack { member, .. }
                | Observation::DiskFailed { member, .. }
                | Observation::Stopped { member, .. }
                | Observation::Applied { member, .. }
                | Observation::Hash { member, .. }
                | Observation::Alarm { member, .. }
                | Observation::Members { member, .. }
                | Observation::Probed { member, .. }
                | Observation::Settled { member, .. } => {
                    let times = (at_ns, Some(at_ns));
                    self.add(
                        place,
                        (&Party::Server(member.0), Sort::Events),
                        (Kind::Event, Learned::Answered),
                        times,
                        text,
                    );
                }
            }
        }
    }

    /// The end of a leadership: another begins, or the member starts again.
    fn end_of_lead(&self, index: usize) -> Option<u64> {
        let Observation::Leader { member, .. } = self.history.observations[index] else { return None };
        self.history.observations[index + 1..].iter().find_map(|later| match later {
            Observation::Leader { at_ns, .. } => Some(*at_ns),
            Observation::Started { at_ns, member: own } if *own == member => Some(*at_ns),
            _ => None,
        })
    }

    /// The end of a fault: its own, or that of all.
    fn end_of_fault(&self, index: usize, name: Option<&str>) -> Option<u64> {
        let fault_ns = self.history.observations[index].at_ns();
        let Some(name) = name else { return Some(fault_ns) };
        self.history.observations[index + 1..].iter().find_map(|later| match later {
            Observation::FaultHealed { at_ns, name: own } if own == name => Some(*at_ns),
            Observation::Healed { at_ns, .. } => Some(*at_ns),
            _ => None,
        })
    }
}

/// The indexes of so many things by the time at which they began.
fn in_order(count: usize, from_ns: impl Fn(usize) -> u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by_key(|&index| from_ns(index));
    order
}

fn kind_of(operation: &Operation) -> Kind {
    match operation.request {
        Request::Range(_) => Kind::Read,
        Request::Put(_) | Request::Delete(_) => Kind::Write,
        Request::Txn(_) => Kind::Txn,
        Request::Compact(_) => Kind::Compact,
        Request::Lease(_) => Kind::Lease,
        Request::Lock(_) | Request::Election(_) => Kind::Lock,
        Request::Auth(_) => Kind::Auth,
    }
}

fn outcome_of<R>(outcome: &Outcome<R>) -> Learned {
    match outcome {
        Outcome::Ok(_) => Learned::Answered,
        Outcome::Failed(_) => Learned::Refused,
        Outcome::Unknown(_) => Learned::Unknown,
    }
}

/// The end of the last thing in a history.
fn end_ns(history: &History) -> u64 {
    let operations = history.operations.iter().map(|own| own.return_ns.unwrap_or(own.invoke_ns));
    let watches = history.watches.iter().flat_map(|watch| {
        let frames = watch.frames.iter().map(|frame| frame.received_ns);
        frames.chain([watch.end_ns.unwrap_or(watch.invoke_ns)])
    });
    let holds = history.holds.iter().map(|hold| hold.until_ns.unwrap_or(hold.from_ns));
    let observers = history.observers.iter().flat_map(|observer| {
        let frames = observer.frames.iter().map(|frame| frame.received_ns);
        frames.chain([observer.end_ns.unwrap_or(observer.invoke_ns)])
    });
    let calls = history.admin_calls.iter().map(|call| call.return_ns.unwrap_or(call.invoke_ns));
    let observations = history.observations.iter().map(Observation::at_ns);
    operations
        .chain(watches)
        .chain(holds)
        .chain(observers)
        .chain(calls)
        .chain(observations)
        .max()
        .unwrap_or(0)
}
