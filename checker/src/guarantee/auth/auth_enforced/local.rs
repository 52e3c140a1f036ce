//! The state that a member certainly had come to, for what it decides by itself.

use crate::history::{History, MemberId, Observation, Revision};
use std::collections::BTreeMap;

/// The revisions that each member had answered with, since it started last.
///
/// A member that starts again may have to apply once more what it had applied. So nothing is known of one whose starts were
/// not observed.
#[derive(Debug, Default)]
pub(super) struct LocalFloors {
    starts: BTreeMap<MemberId, Vec<u64>>,
    /// By member: when it was asked and answered, and the revision in its answer.
    answers: BTreeMap<MemberId, Vec<(u64, u64, Revision)>>,
}

impl LocalFloors {
    pub(super) fn of(history: &History) -> Self {
        let mut floors = LocalFloors::default();
        for seen in &history.observations {
            if let Observation::Started { at_ns, member } = seen {
                floors.starts.entry(*member).or_default().push(*at_ns);
            }
        }
        for operation in &history.operations {
            let (Some(response), Some(return_ns)) = (operation.response(), operation.return_ns) else {
                continue;
            };
            let header = response.header();
            // A proxy may have kept what a member answered long before.
            if operation.member == Some(header.member) {
                let answers = floors.answers.entry(header.member).or_default();
                answers.push((operation.invoke_ns, return_ns, header.revision));
            }
        }
        floors
    }

    /// The highest revision that a member certainly had applied by a time; 0 where nothing is known.
    pub(super) fn least(&self, member: Option<MemberId>, at_ns: u64) -> Revision {
        let Some(member) = member else { return 0 };
        let started = self
            .starts
            .get(&member)
            .and_then(|starts| starts.iter().copied().filter(|start_ns| *start_ns <= at_ns).max());
        let (Some(start_ns), Some(answers)) = (started, self.answers.get(&member)) else { return 0 };
        let since =
            answers.iter().filter(|(invoke_ns, return_ns, _)| *invoke_ns > start_ns && *return_ns < at_ns);
        since.map(|(_, _, revision)| *revision).max().unwrap_or(0)
    }
}
