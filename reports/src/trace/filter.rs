//! The filter of a trace: the events of interest.

use super::exchanges::Exchanges;
use super::key_pattern::KeyPattern;
use revline_sim::trace::{Details, KeyRange, NodeName, Record, Trace};
use std::collections::BTreeSet;
use std::ops::RangeInclusive;

/// A filter of events: those of these nodes, that concern these keys, in this time.
#[derive(Clone, Debug)]
pub struct Filter {
    /// The nodes; `None` for every one.
    nodes: Option<BTreeSet<NodeName>>,
    /// The keys; empty for every event, whether it concerns keys or not.
    keys: Vec<KeyPattern>,
    /// The time, in nanoseconds.
    at_ns: RangeInclusive<u64>,
}

/// The error of a filter for a node that a run does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownNode {
    /// The name.
    pub name: String,
    /// The names that there are.
    pub known: Vec<String>,
}

impl Filter {
    /// A filter for nodes of a trace by their names (none: every node), for keys (none: every event) and for a time, in
    /// nanoseconds.
    ///
    /// # Errors
    /// If the run has no node of such a name.
    pub fn new(
        trace: &Trace,
        names: &[String],
        keys: Vec<KeyPattern>,
        at_ns: RangeInclusive<u64>,
    ) -> Result<Filter, UnknownNode> {
        let mut nodes = None;
        if !names.is_empty() {
            let records = trace.records().unwrap_or_default();
            // Nothing befalls the world of a run without faults.
            let mut all = BTreeSet::from([NodeName::WORLD]);
            all.extend(records.iter().map(|record| record.node));
            let known: Vec<(NodeName, String)> =
                all.into_iter().map(|node| (node, trace.name_of(node))).collect();
            for name in names {
                let Some((node, _)) = known.iter().find(|(_, known)| known == name) else {
                    let mut known: Vec<String> = known.into_iter().map(|(_, name)| name).collect();
                    known.sort();
                    return Err(UnknownNode { name: name.clone(), known });
                };
                nodes.get_or_insert_with(BTreeSet::new).insert(*node);
            }
        }
        Ok(Filter { nodes, keys, at_ns })
    }

    /// Begins to choose among the events of a trace.
    pub(super) fn choose<'a>(&'a self, trace: &'a Trace) -> Choice<'a> {
        Choice { filter: self, trace, exchanges: Exchanges::default() }
    }
}

/// A filter at work: it is shown every event, in order.
pub(super) struct Choice<'a> {
    filter: &'a Filter,
    trace: &'a Trace,
    exchanges: Exchanges,
}

impl Choice<'_> {
    /// Returns true if the next event, at this position, is of interest.
    pub fn lets_through(&mut self, at: usize, record: &Record) -> bool {
        let Filter { nodes, keys, at_ns } = self.filter;
        if !keys.is_empty() {
            let details = self.trace.details(at, record);
            let asked = self.exchanges.take(record, details);
            let named = details.map(Details::keys).unwrap_or_default();
            let is_meant = |range: &KeyRange| keys.iter().any(|pattern| pattern.meets(range));
            if !named.iter().chain(asked).any(is_meant) {
                return false;
            }
        }
        at_ns.contains(&record.at_ns) && nodes.as_ref().is_none_or(|nodes| nodes.contains(&record.node))
    }
}
