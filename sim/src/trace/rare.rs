//! Events that are rare: a log of them alone tells what happens.

use super::Event;

/// Returns true for what changes how the cluster stands: roles, faults, processes. The rest is traffic; that a
/// fault strikes is logged with its words.
pub(super) fn is_rare(event: &Event) -> bool {
    use Event::*;
    matches!(
        event,
        Crash { .. }
            | Start { .. }
            | Pause {}
            | Resume {}
            | Heal { .. }
            | Victim { .. }
            | Role { .. }
            | SnapshotInstall { .. }
            | Clock { .. }
            | ClockSet { .. }
            | Leave {}
            | Wipe {}
            | Refuse { .. }
            | Alarm { .. }
            | Panic { .. }
            | DiskFail { .. }
            | Stop { .. }
            | Damage { .. }
            | Repair {}
            | Launch { .. }
            | Exit { .. }
            | Kill {}
    )
}
