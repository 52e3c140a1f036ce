//! The places of requests in the log, as far as times and revisions tell.

use crate::history::{AdminCall, History, Operation, Revision, modified};

/// A bound on the place of an entry in the log.
///
/// One is before another if it was answered before the other was asked, or if revisions say so: what was applied at
/// revision 4 or before comes before what made revision 5.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    /// It was asked then.
    from_ns: u64,
    /// It had been applied by then.
    until_ns: u64,
    /// The lowest revision at which it can have been applied.
    least: Revision,
    /// The highest revision at which it can have been applied.
    most: Revision,
}

impl Moment {
    /// That of an entry which the first member applied at a moment.
    pub(super) fn at(at_ns: u64) -> Self {
        Moment { from_ns: at_ns, until_ns: at_ns, least: 0, most: Revision::MAX }
    }

    /// That of a call. One of unknown outcome may be applied at any later time.
    pub(super) fn of_call(call: &AdminCall, floors: &Floors) -> Self {
        let answered_ns = call.response().and(call.return_ns);
        Moment {
            from_ns: call.invoke_ns,
            until_ns: answered_ns.unwrap_or(u64::MAX),
            least: floors.before(call.invoke_ns),
            // etcd reads the revision of the header after the request was applied.
            most: call.revision().unwrap_or(Revision::MAX),
        }
    }

    /// That of an operation that was answered or refused. One that made a revision found the one before it.
    pub(super) fn of_operation(operation: &Operation) -> Self {
        let made = operation.response().filter(|response| modified(response));
        let found = made.map(|response| response.header().revision - 1);
        Moment {
            from_ns: operation.invoke_ns,
            until_ns: operation.return_ns.unwrap_or(u64::MAX),
            least: found.map_or(0, |found| found + 1),
            most: found.unwrap_or(Revision::MAX),
        }
    }

    /// True if this one is certainly before another in the log.
    pub(super) fn is_before(&self, other: &Moment) -> bool {
        self.until_ns < other.from_ns || self.most < other.least
    }
}

/// The revisions that had been answered by each time.
#[derive(Debug, Default)]
pub(super) struct Floors(Vec<(u64, Revision)>);

impl Floors {
    pub(super) fn of(history: &History) -> Self {
        let binding = history.operations.iter().filter(|operation| !operation.request.is_serializable());
        let mut answered: Vec<(u64, Revision)> = binding
            .filter_map(|operation| Some((operation.return_ns?, operation.response()?.header().revision)))
            .collect();
        answered.sort_unstable();
        let mut highest = 0;
        for (_, revision) in &mut answered {
            highest = highest.max(*revision);
            *revision = highest;
        }
        Floors(answered)
    }

    /// The highest revision that was answered before a time.
    fn before(&self, at_ns: u64) -> Revision {
        let behind = self.0.partition_point(|(return_ns, _)| *return_ns < at_ns);
        self.0[..behind].last().map_or(0, |(_, revision)| *revision)
    }
}
