//! Read the first keys, up to a limit.

use super::{Action, Actor, Draw, OperationKind};
use crate::keys::FIRST_KEY;
use crate::rules::{Impossible, limits};
use rand::Rng;
use revline_sim::client::GetOptions;
use serde::{Deserialize, Serialize};

/// Read the first keys, up to a limit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListFirst {
    /// The most keys.
    pub limit: u32,
}

pub(super) fn draw(cx: &mut Draw<'_>) -> Action {
    ListFirst { limit: cx.generator.gen_range(1..=3) }.into()
}

impl OperationKind for ListFirst {
    fn check(&self) -> Result<(), Impossible> {
        limits::KEYS.check(self.limit.into(), "limit")
    }

    async fn act(&self, actor: &mut Actor) {
        let options = GetOptions { prefix: true, limit: self.limit.into(), ..GetOptions::default() };
        if let Ok(response) = actor.client.get_with(FIRST_KEY, options).await {
            actor.saw(response.header.revision);
        }
    }
}
