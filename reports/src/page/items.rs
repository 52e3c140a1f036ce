//! Everything that lies on the timeline.

use super::columns::{Columns, Detail, Item, Kind, Learned};
use super::rows::{Party, Row, Rows, Sort};
use revline_checker::evidence::Place;
use revline_checker::history::{History, HoldKind, Observation, Operation, Outcome, Request};
use std::collections::BTreeMap;

/// The lane in which an item lies.
enum Lane {
    /// One of its party's for such things.
    Own(Party, Sort),
    /// That of the item with this index, which it is a part of.
    Of(usize),
}

/// The items of a history.
pub(super) struct Items<'a> {
    history: &'a History,
    detail: Detail,
    items: Vec<(Lane, Item)>,
    /// The item of each place of the history.
    at: BTreeMap<Place, usize>,
}

impl<'a> Items<'a> {
    /// The items of a history, in this detail.
    pub fn of(history: &'a History, detail: Detail) -> Items<'a> {
        let mut items = Items { history, detail, items: Vec::new(), at: BTreeMap::new() };
        items.operations();
        items.watches();
        items.holds();
        items.observers();
        items.admin_calls();
        items.observations();
        items
    }

    /// The columns, the item of each place of the history, and the rows, with these names of servers.
    pub fn in_columns(self, servers: &BTreeMap<u64, String>) -> (Columns, BTreeMap<Place, usize>, Vec<Row>) {
        let end_ns = end_ns(self.history);
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
        let (rows, places) = rows.in_order(servers);
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
        // At once: a history may hold values of megabytes.
        self.items.push((lane, item.shortened(self.detail.text_bytes)));
        index
    }

    fn operations(&mut self) {
        for (index, operation) in self.history.operations.iter().enumerate() {
            let text = match operation.member {
                Some(member) => format!("asks {member}: {operation}"),
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
                Observation::Fault { name, .. } => {
                    let to_ns = self.end_of_fault(index, name.as_deref());
                    (Sort::Events, Item::new(Kind::Fault, at_ns, to_ns, text))
                }
                _ => (Sort::Events, Item::at(Kind::Event, at_ns, text)),
            };
            let party = observation.member().map_or(Party::Faults, |member| Party::Server(member.0));
            self.add(Place::Observation { index }, Lane::Own(party, sort), item);
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
pub(super) fn end_ns(history: &History) -> u64 {
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
