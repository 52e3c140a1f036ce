//! The event at which a violation became inevitable: a curve, and a few events in words.

use crate::json::VERSION;
use crate::number::grouped;
use revline_checker::verdict::Fingerprint;
use revline_scenarios::explain::{Explanation, Jump, Point, Told};
use serde::Serialize;
use std::fmt;
use std::time::Duration;

/// The width of the bar of a point, in characters.
const BAR: u64 = 30;

/// The report of an explanation.
#[derive(Clone, Debug, Serialize)]
pub struct ExplainReport {
    revline: &'static str,
    violation: Fingerprint,
    events: u64,
    evident_ns: u64,
    curve: Vec<Point>,
    jump: Option<Jump>,
    runs: u64,
    wall_ms: f64,
    is_cut_short: bool,
}

impl ExplainReport {
    /// The report of an explanation that took so long.
    pub fn new(explained: &Explanation, wall: Duration) -> ExplainReport {
        let Explanation { violation, events, evident_ns, curve, jump, runs, is_cut_short } =
            explained.clone();
        let wall_ms = wall.as_secs_f64() * 1e3;
        ExplainReport {
            revline: VERSION,
            violation,
            events,
            evident_ns,
            curve,
            jump,
            runs,
            wall_ms,
            is_cut_short,
        }
    }
}

impl ExplainReport {
    /// The words for a curve that does not rise.
    fn without_rise(&self) -> &'static str {
        let is_certain = self.curve.iter().all(|point| point.violated == point.futures);
        match (self.is_cut_short, is_certain) {
            (true, _) => "Ended early: no rise was found until then, and the rest was not looked at",
            (false, true) => "It rises nowhere: the plan leads to it, whatever the world draws",
            (false, false) => "It rises nowhere: none of these events makes it likelier",
        }
    }
}

impl fmt::Display for ExplainReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "violated  {}, evident at {}", self.violation, Millis(self.evident_ns))?;
        writeln!(
            f,
            "\nIf the run goes another way from an event on, so many of its futures end in the same violation:"
        )?;
        for point in &self.curve {
            let bar = "#".repeat((point.violated * BAR).checked_div(point.futures).unwrap_or(0) as usize);
            let Share { percent } = Share::of(point);
            let at = Millis(point.at_ns).to_string();
            writeln!(f, "{at:>16}  event {:>7}  {percent:>3} %  {bar}", grouped(point.event as u64))?;
        }
        match &self.jump {
            None => writeln!(f, "\n{}", self.without_rise())?,
            Some(Jump { from, to, events }) => {
                let (before, after) = (Share::of(from).percent, Share::of(to).percent);
                let (event, at) = (grouped(to.event as u64), Millis(to.at_ns));
                if self.is_cut_short {
                    let first = grouped(from.event as u64);
                    writeln!(
                        f,
                        "\nIt rises from {before} % to {after} % between events {first} and {event}, as far as was looked at:"
                    )?;
                } else {
                    writeln!(f, "\nIt rises from {before} % to {after} % at event {event}, {at}:")?;
                }
                for Told { event, at_ns, text, is_within } in events {
                    let mark = if *is_within { '>' } else { ' ' };
                    writeln!(
                        f,
                        "{mark} {:>16}  event {:>7}  {text}",
                        Millis(*at_ns).to_string(),
                        grouped(*event as u64)
                    )?;
                }
            }
        }
        writeln!(f, "{} runs in {:.1} s", grouped(self.runs), self.wall_ms / 1e3)
    }
}

/// The share of futures that end in the violation, in percent.
struct Share {
    percent: u64,
}

impl Share {
    fn of(point: &Point) -> Share {
        Share { percent: (point.violated * 100).checked_div(point.futures).unwrap_or(0) }
    }
}

/// Nanoseconds, shown as milliseconds.
struct Millis(u64);

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03} ms", self.0 / 1_000_000, self.0 / 1_000 % 1_000)
    }
}
