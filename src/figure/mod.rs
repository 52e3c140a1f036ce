//! Figures that are drawn from simulation.
//!
//! Each is a file of this folder: the worlds that it runs, what it measures in them, and the panels that it makes of that.
//! A figure is a function of its [`Effort`] without the number of jobs: the same seeds give the same bytes.

mod availability;
mod detection;
mod fan_out;
mod locks;
mod reads;
mod recovery;
mod runs;
mod spread;
mod watch_proxies;
mod watchers;

pub use runs::{FigureError, Step};

use crate::reports::figure::Figure;
use crate::scenarios::crew::Proceed;
use runs::Runs;
use std::num::NonZero;

/// The work that a figure may take.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Seeds of each point; default: as many as the figure needs.
    pub seeds: Option<u64>,
    /// Fewer points and seeds, to see that a figure can be drawn.
    pub is_quick: bool,
    /// Runs at once. The figure does not depend on it.
    pub jobs: NonZero<usize>,
}

/// A figure that can be drawn.
#[derive(Clone, Copy, Debug)]
pub struct Drawing {
    /// Its name: letters and dashes.
    pub name: &'static str,
    /// Its content, in a line.
    pub about: &'static str,
    draw: fn(&mut Runs<'_>) -> Result<Figure, FigureError>,
}

/// The figures.
pub const FIGURES: [Drawing; 7] = [
    Drawing {
        name: "watchers",
        about: "writes and events per second of one small server against the watchers of one key",
        draw: watchers::draw,
    },
    Drawing {
        name: "watch-proxies",
        about: "events per second that are delivered, against the number of watch proxies",
        draw: watch_proxies::draw,
    },
    Drawing {
        name: "locks",
        about: "latency of a lock against contention and round trip, by the client's recipe and the Lock RPC",
        draw: locks::draw,
    },
    Drawing {
        name: "reads",
        about: "latency and staleness of linearizable and serializable reads against the round trip",
        draw: reads::draw,
    },
    Drawing {
        name: "recovery",
        about: "time to the first write after the leader is lost, against the election timeout",
        draw: recovery::draw,
    },
    Drawing { name: "detection", about: "seeds until each defect is detected", draw: detection::draw },
    Drawing {
        name: "availability",
        about: "share of calls and of time that is served under each kind of fault",
        draw: availability::draw,
    },
];

impl Drawing {
    /// Runs the worlds of the figure and draws it. `on_step` hears of the runs, and may end them.
    pub fn draw(
        &self,
        effort: &Effort,
        on_step: &mut dyn FnMut(Step) -> Proceed,
    ) -> Result<Figure, FigureError> {
        (self.draw)(&mut Runs::new(effort, on_step))
    }
}
