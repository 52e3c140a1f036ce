//! A plan that was made smaller: before and after.

use crate::json::VERSION;
use crate::number::grouped;
use revline_checker::verdict::Fingerprint;
use revline_scenarios::shrink::{PlanSize, Shrunk};
use serde::Serialize;
use std::fmt;
use std::path::Path;
use std::time::Duration;

/// The report of shrinking one bundle.
#[derive(Clone, Debug, Serialize)]
pub struct ShrinkReport {
    revline: &'static str,
    /// The violation that the small plan shows, too.
    pub violation: Fingerprint,
    /// The size before.
    pub before: SizeReport,
    /// The size after.
    pub after: SizeReport,
    /// The number of plans that were run.
    pub runs: u64,
    /// The real time it took, in milliseconds.
    pub wall_ms: f64,
    /// True if it was ended before nothing helped any more.
    pub is_cut_short: bool,
    /// The file of the small bundle.
    pub bundle: String,
    /// The file of the test that does the same.
    pub script: String,
}

/// The size of a plan, with the sum of its events.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct SizeReport {
    events: u64,
    #[serde(flatten)]
    size: PlanSize,
}

impl From<PlanSize> for SizeReport {
    fn from(size: PlanSize) -> SizeReport {
        SizeReport { events: size.events(), size }
    }
}

impl ShrinkReport {
    /// The report of a plan that was made smaller, and written into `bundle` and `script`.
    pub fn new(shrunk: &Shrunk, bundle: &Path, script: &Path, wall: Duration) -> ShrinkReport {
        ShrinkReport {
            revline: VERSION,
            violation: shrunk.violation.clone(),
            before: shrunk.before.into(),
            after: shrunk.after.into(),
            runs: shrunk.runs,
            wall_ms: wall.as_secs_f64() * 1e3,
            is_cut_short: shrunk.is_cut_short,
            bundle: bundle.display().to_string(),
            script: script.display().to_string(),
        }
    }

    /// The report in a line.
    pub fn in_a_line(&self) -> String {
        let events = [self.before.events, self.after.events].map(grouped);
        format!("{} events to {}: revline replay {}", events[0], events[1], self.bundle)
    }
}

impl fmt::Display for ShrinkReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (before, after) = (&self.before, &self.after);
        writeln!(f, "violated  {}", self.violation)?;
        writeln!(f, "{:<12}{:>8}{:>8}", "", "before", "after")?;
        for (name, size) in [
            ("events", [before.events, after.events]),
            ("operations", [before.size.operations, after.size.operations]),
            ("watches", [before.size.watches, after.size.watches]),
            ("faults", [before.size.faults, after.size.faults]),
            ("steps", [before.size.steps, after.size.steps]),
            ("changes", [before.size.changes, after.size.changes]),
            ("clients", [before.size.clients, after.size.clients]),
            ("members", [before.size.members, after.size.members]),
            ("proxies", [before.size.proxies, after.size.proxies]),
        ] {
            if size != [0, 0] {
                writeln!(f, "{name:<12}{:>8}{:>8}", grouped(size[0]), grouped(size[1]))?;
            }
        }
        writeln!(f, "{} runs in {:.1} s", grouped(self.runs), self.wall_ms / 1e3)?;
        writeln!(f, "script    {}", self.script)?;
        writeln!(f, "replay    revline replay {}", self.bundle)
    }
}
