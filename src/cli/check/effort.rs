//! How much is spent on explaining a violation, after the verdict is known.

use revline_checker::search::{Budget, Illegal};
use std::time::{Duration, Instant};

/// The steps of an explanation, unless the verdict took more: what the few calls of an explanation depend on is
/// counted, so that they are the same on every machine.
const USUAL_STEPS: u64 = 50_000;

/// What that may take at most, unless the verdict took longer. Ends it only on a machine that is slow or busy.
const USUAL_TIME: Duration = Duration::from_millis(100);

/// The limit of an explanation.
#[derive(Clone, Copy, Debug)]
pub(super) enum Effort {
    /// As much as the verdict took, or about 100 ms.
    Usual,
    /// So long.
    Within(Duration),
}

impl Effort {
    /// The effort that `--explain` asks for.
    pub(super) fn of(explain_s: Option<u64>) -> Effort {
        explain_s.map_or(Effort::Usual, |seconds| Effort::Within(Duration::from_secs(seconds)))
    }

    /// Explains a verdict that took so long.
    pub(super) fn explain<T>(
        self,
        illegal: &Illegal,
        verdict_took: Duration,
        explain: impl FnOnce(&Budget<'_>) -> Option<T>,
    ) -> Option<T> {
        let (steps, time) = match self {
            Effort::Usual => (USUAL_STEPS.max(illegal.steps), USUAL_TIME.max(verdict_took)),
            Effort::Within(Duration::ZERO) => return None,
            Effort::Within(time) => (u64::MAX, time),
        };
        let began = Instant::now();
        let stop = || began.elapsed() > time;
        explain(&Budget { steps, ..Budget::until(&stop) })
    }
}
