//! Ask a server for its state.

use super::{Action, Actor, Draw, OperationKind};
use crate::rules::Impossible;
use rand::Rng;
use revline_store::frame::Call;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Ask a server for its state, twice in a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Status {
    /// To be refused if it knows no leader.
    pub requires_leader: bool,
}

/// A server that is there answers at once.
const PATIENCE: Duration = Duration::from_millis(500);

pub(super) fn draw(cx: &mut Draw<'_>) -> Action {
    Status { requires_leader: cx.generator.gen_bool(0.7) }.into()
}

impl OperationKind for Status {
    fn check(&self) -> Result<(), Impossible> {
        Ok(())
    }

    async fn act(&self, actor: &mut Actor) {
        // One answer alone may have lost the leader while it was written.
        for _ in 0..2 {
            let answer = match self.requires_leader {
                true => actor.client.ask_led_within(Call::Status, PATIENCE).await,
                false => actor.client.ask_within(Call::Status, PATIENCE).await,
            };
            if answer.is_err() {
                return;
            }
        }
    }
}
