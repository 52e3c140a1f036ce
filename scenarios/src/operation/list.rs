//! Read every key.

use super::{Action, Actor, Draw, OperationKind};
use crate::keys::FIRST_KEY;
use crate::rules::{Impossible, limits};
use rand::Rng;
use revline_sim::client::GetOptions;
use serde::{Deserialize, Serialize};

/// Read every key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// From the member's own state.
    pub serializable: bool,
    /// So many revisions before the newest the client has seen; 0 means the current revision.
    pub behind: u64,
}

pub(super) fn linearizable(_: &mut Draw<'_>) -> Action {
    List { serializable: false, behind: 0 }.into()
}

pub(super) fn serializable(_: &mut Draw<'_>) -> Action {
    List { serializable: true, behind: 0 }.into()
}

pub(super) fn historical(cx: &mut Draw<'_>) -> Action {
    List { serializable: cx.generator.gen_bool(0.5), behind: cx.generator.gen_range(1..60) }.into()
}

impl OperationKind for List {
    fn check(&self) -> Result<(), Impossible> {
        limits::BEHIND.check(self.behind, "behind")
    }

    async fn act(&self, actor: &mut Actor) {
        let revision = if self.behind == 0 { 0 } else { actor.behind(self.behind).max(0) };
        let options =
            GetOptions { prefix: true, serializable: self.serializable, revision, ..GetOptions::default() };
        if let Ok(response) = actor.client.get_with(FIRST_KEY, options).await {
            actor.saw(response.header.revision);
        }
    }
}
