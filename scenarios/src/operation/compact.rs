//! Compact, so many revisions before the newest the client has seen.

use super::any_range::is_false;
use super::{Action, Actor, Draw, OperationKind};
use crate::rules::{Impossible, limits};
use rand::Rng;
use serde::{Deserialize, Serialize};

/// Compact, so many revisions before the newest the client has seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Compact {
    /// The number of revisions.
    pub behind: u64,
    /// Answer once the space is free.
    #[serde(default, skip_serializing_if = "is_false")]
    pub physical: bool,
}

pub(super) fn older(cx: &mut Draw<'_>) -> Action {
    Compact { behind: cx.generator.gen_range(5..100), physical: false }.into()
}

pub(super) fn physical(cx: &mut Draw<'_>) -> Action {
    Compact { behind: cx.generator.gen_range(5..100), physical: true }.into()
}

pub(super) fn newest(_: &mut Draw<'_>) -> Action {
    Compact { behind: 0, physical: false }.into()
}

impl OperationKind for Compact {
    fn check(&self) -> Result<(), Impossible> {
        limits::BEHIND.check(self.behind, "behind")
    }

    async fn act(&self, actor: &mut Actor) {
        let revision = actor.behind(self.behind);
        if revision > 0
            && let Ok(response) = actor.client.compact_with(revision, self.physical).await
        {
            actor.saw(response.header.revision);
        }
    }
}
