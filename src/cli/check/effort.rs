//! Time spent on explaining a violation, after the verdict.

use revline_checker::judge::Effort;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// The least limit where none is given. Reached only on a machine that is slow or busy.
const USUAL_TIME: Duration = Duration::from_millis(100);

/// The clock of an explanation: it starts when the explanation first asks.
#[derive(Debug)]
pub(super) struct Clock {
    judging_since: Instant,
    limit: Option<Duration>,
    /// The start of the explanation, and its limit.
    explaining: OnceLock<(Instant, Duration)>,
}

impl Clock {
    /// Starts a clock with the limit that `--explain` gives, if it does: else as long as the verdict takes, and at
    /// least [`USUAL_TIME`].
    pub(super) fn start(explain_s: Option<u64>) -> Clock {
        let limit = explain_s.map(Duration::from_secs);
        Clock { judging_since: Instant::now(), limit, explaining: OnceLock::new() }
    }

    /// True if the explanation is over its limit.
    pub(super) fn is_over(&self) -> bool {
        let (since, limit) = self.explaining.get_or_init(|| {
            let usual = || self.judging_since.elapsed().max(USUAL_TIME);
            (Instant::now(), self.limit.unwrap_or_else(usual))
        });
        since.elapsed() > *limit
    }

    /// The effort that `stop`, which asks this clock, allows.
    pub(super) fn effort<'a>(&self, stop: &'a (dyn Fn() -> bool + Sync)) -> Effort<'a> {
        match self.limit {
            None => Effort::LikeVerdict(Some(stop)),
            Some(Duration::ZERO) => Effort::None,
            Some(_) => Effort::Until(stop),
        }
    }
}
