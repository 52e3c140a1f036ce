//! The bounds on the times of leases in this world: the judge cannot know how wrong the clocks run.

use crate::config::SimulationConfig;
use crate::recorder::Recorder;
use revline_checker::history::Observation;

/// A leader looks for expired leases every 500 ms (`server/lease/lessor.go`), when its clock ticks; as much
/// again for a leader that stands still for less than an election timeout.
const EXPIRY_SLACK_MS: u64 = 1_000;

/// A checkpoint rounds remaining times up to seconds.
const CHECKPOINT_ROUNDING_MS: u64 = 1_000;

/// See [`Observation::Bounds`].
#[derive(Debug)]
pub(crate) struct LeaseBounds {
    leader_slack_ms: u64,
    /// The drift that was declared last; `None` before the first time.
    drift_ppm: Option<u64>,
}

impl LeaseBounds {
    pub fn new(config: &SimulationConfig) -> LeaseBounds {
        let election_timeout = config.member(1).election_timeout();
        let checkpointed_ms =
            config.tuning.lease_checkpoint_every_ms + CHECKPOINT_ROUNDING_MS + EXPIRY_SLACK_MS;
        let leader_slack_ms = election_timeout.as_millis() as u64 + checkpointed_ms;
        LeaseBounds { leader_slack_ms, drift_ppm: None }
    }

    /// Declares that from now on a member's clock may run wrong by so much.
    pub fn declare(&mut self, recorder: &mut Recorder, at_ns: u64, drift_ppm: u64) {
        if self.drift_ppm.is_none_or(|declared| declared < drift_ppm) {
            self.drift_ppm = Some(drift_ppm);
            recorder.observe(Observation::Bounds {
                at_ns,
                clock_drift_ppm: drift_ppm,
                clock_jump_ms: 0,
                lease_expiry_slack_ms: EXPIRY_SLACK_MS,
                lease_leader_slack_ms: Some(self.leader_slack_ms),
            });
        }
    }
}
