//! Everything that lies on the timeline.

use super::Subject;
use super::columns::{Columns, Detail, Item, Kind, Learned};
use super::faults::end_of_fault;
use super::parties::Parties;
use super::rows::{Party, Row, Rows, Sort};
use revline_checker::evidence::Place;
use revline_checker::history::{History, HoldKind, Observation, Operation, Outcome, Request};
use std::collections::{BTreeMap, BTreeSet};

/// The most bytes of the text of an item that is evidence.
const EVIDENCE_BYTES: usize = 20_000;

/// The lane in which an item lies.
enum Lane {
    /// One of its party's for such things.
    Own(Party, Sort),
    /// That of the item with this index, which it is a part of.
    Of(usize),
}

/// The items of a history.
pub(super) struct Items<'a> {
    subject: &'a Subject,
    history: &'a History,
    detail: Detail,
    /// The places of evidence, whose texts are kept longer.
    evidence: &'a BTreeSet<Place>,
    items: Vec<(Lane, Item)>,
    /// The item of each place of the history.
    at: BTreeMap<Place, usize>,
}

impl<'a> Items<'a> {
    /// The items of a subject and its history, in this detail.
    pub fn of(
        subject: &'a Subject,
        history: &'a History,
        evidence: &'a BTreeSet<Place>,
        detail: Detail,
    ) -> Items<'a> {
        let mut items = Items { subject, history, detail, evidence, items: Vec::new(), at: BTreeMap::new() };
        items.operations();
        items.watches();
        items.holds();
        items.observers();
        items.admin_calls();
        items.observations();
        items.notes();
        items
    }

    /// The end of the last thing.
    pub fn end_ns(&self) -> u64 {
        self.items
            .iter()
            .map(|(_, item)| item.to_ns.unwrap_or(item.from_ns).max(item.from_ns))
            .max()
            .unwrap_or(0)
    }

    /// The columns, the item of each place of the history, and the rows.
    pub fn in_columns(self) -> (Columns, BTreeMap<Place, usize>, Vec<Row>) {
        let end_ns = self.end_ns();
        let mut order: Vec<usize> = (0..self.items.len()).collect();
        order.sort_by_key(|&item| (self.items[item].1.from_ns, item));
        let mut rows = Rows::default();
        let mut row_of = vec![0; order.len()];
        for &index in &order {
            if let (Lane::Own(party, sort), item) = &self.items[index] {
                let to_ns = item.to_ns.unwrap_or(end_ns).max(item.from_ns);
                row_of[index] = rows.place(party, *sort, item.from_ns, to_ns);
            }
        }
        for (index, (lane, _)) in self.items.iter().enumerate() {
            if let Lane::Of(whole) = lane {
                row_of[index] = row_of[*whole];
            }
        }
        let (rows, places) = rows.in_order(Parties::of(self.subject));
        let mut position = vec![0; order.len()];
        order.iter().enumerate().for_each(|(at, &index)| position[index] = at);
        let mut items: Vec<Option<Item>> = self.items.into_iter().map(|(_, item)| Some(item)).collect();
        let in_order = order.iter().filter_map(|&index| Some((places[row_of[index]], items[index].take()?)));
        let columns = Columns::of(in_order, self.detail.unit_us);
        let at = self.at.into_iter().map(|(place, index)| (place, position[index])).collect();
        (columns, at, rows)
    }

    /// Adds an item; returns its index.
    fn add(&mut self, place: Place, lane: Lane, item: Item) -> usize {
        let index = self.items.len();
        self.at.insert(place, index);
        let most_bytes = match self.evidence.contains(&place) {
            true => EVIDENCE_BYTES,
            false => self.detail.text_bytes,
        };
        // At once: a history may hold values of megabytes.
        self.items.push((lane, item.shortened(most_bytes)));
        index
    }

    /// Adds an item that is at no place of the history of its own.
    fn push(&mut self, lane: Lane, item: Item) {
        self.items.push((lane, item.shortened(self.detail.text_bytes)));
    }

    fn operations(&mut self) {
        for (index, operation) in self.history.operations.iter().enumerate() {
            let text = match operation.member {
                Some(member) => {
                    let server = Parties::of(self.subject).name(&Party::Server(member.0));
                    format!("asks {server}: {operation}")
                }
                None => operation.to_string(),
            };
            let item = Item::new(kind_of(operation), operation.invoke_ns, operation.return_ns, text)
                .with_outcome(outcome_of(&operation.outcome));
            let lane = Lane::Own(Party::Client(operation.client.0), Sort::Operations);
            self.add(Place::Operation { index }, lane, item);
        }
    }

    fn watches(&mut self) {
        for (index, watch) in self.history.watches.iter().enumerate() {
            let id = watch.id;
            let goes_on = watch.resumes.map(|earlier| format!(", goes on with watch {earlier}"));
            let text =
                format!("watch {id}{}: {} ({:?})", goes_on.unwrap_or_default(), watch.request, watch.end);
            let item = Item::new(Kind::Watch, watch.invoke_ns, watch.end_ns, text);
            let lane = Lane::Own(Party::Client(watch.client.0), Sort::Watches);
            let whole = self.add(Place::Watch { index, id, frame: None, event: None }, lane, item);
            for (frame, shown) in watch.frames.iter().enumerate() {
                let place = Place::Watch { index, id, frame: Some(frame), event: None };
                let item = Item::at(Kind::Frame, shown.received_ns, format!("watch {id} gets {shown}"));
                self.add(place, Lane::Of(whole), item);
            }
        }
    }

    fn observers(&mut self) {
        for (index, observer) in self.history.observers.iter().enumerate() {
            let id = observer.id;
            let text = format!("observer {id}: election {} ({:?})", observer.name, observer.end);
            let item = Item::new(Kind::Watch, observer.invoke_ns, observer.end_ns, text);
            let lane = Lane::Own(Party::Client(observer.client.0), Sort::Watches);
            let whole = self.add(Place::Observer { index, id, frame: None }, lane, item);
            for (frame, shown) in observer.frames.iter().enumerate() {
                let text = format!("observer {id} is shown {shown}");
                let item = Item::at(Kind::Frame, shown.received_ns, text);
                self.add(Place::Observer { index, id, frame: Some(frame) }, Lane::Of(whole), item);
            }
        }
    }

    fn holds(&mut self) {
        for (index, hold) in self.history.holds.iter().enumerate() {
            let believes = match hold.kind {
                HoldKind::Lock => "believes to hold",
                HoldKind::Leader => "believes to lead",
            };
            let item = Item::new(Kind::Hold, hold.from_ns, hold.until_ns, format!("{believes}: {hold}"));
            self.add(Place::Hold { index }, Lane::Own(Party::Client(hold.client.0), Sort::Holds), item);
        }
    }

    fn admin_calls(&mut self) {
        for (index, call) in self.history.admin_calls.iter().enumerate() {
            let item = Item::new(Kind::Cluster, call.invoke_ns, call.return_ns, call.to_string())
                .with_outcome(outcome_of(&call.outcome));
            let lane = Lane::Own(Party::Client(call.client.0), Sort::Operations);
            self.add(Place::AdminCall { index }, lane, item);
        }
    }

    fn observations(&mut self) {
        for (index, observation) in self.history.observations.iter().enumerate() {
            let (at_ns, text) = (observation.at_ns(), observation.to_string());
            let (sort, item) = match observation {
                // That is in force all the time.
                Observation::Bounds { .. } => continue,
                Observation::Leader { .. } => {
                    (Sort::State, Item::new(Kind::Leader, at_ns, self.end_of_lead(index), text))
                }
                Observation::Fault { victims, .. } => {
                    let to_ns = end_of_fault(self.history, index);
                    self.at_victims(victims, (at_ns, to_ns), &text);
                    (Sort::Events, Item::new(Kind::Fault, at_ns, to_ns, text))
                }
                _ => (Sort::Events, Item::at(Kind::Event, at_ns, text)),
            };
            let party = observation.member().map_or(Party::Faults, |member| Party::Server(member.0));
            self.add(Place::Observation { index }, Lane::Own(party, sort), item);
        }
    }

    /// Shows a fault once more at each of its victims.
    fn at_victims(&mut self, victims: &[String], (at_ns, to_ns): (u64, Option<u64>), text: &str) {
        let parties = Parties::of(self.subject);
        for party in victims.iter().filter_map(|victim| parties.victim(victim)) {
            let item = Item::new(Kind::Struck, at_ns, to_ns, format!("struck by {text}"));
            self.push(Lane::Own(party, Sort::Events), item);
        }
    }

    fn notes(&mut self) {
        let parties = Parties::of(self.subject);
        for note in &self.subject.notes {
            let party = parties.client(&note.by).unwrap_or(Party::Program);
            self.push(Lane::Own(party, Sort::Events), Item::at(Kind::Event, note.at_ns, note.text.clone()));
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
