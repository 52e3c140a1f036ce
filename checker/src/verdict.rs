//! The verdicts on a history: one for each guarantee.

use crate::evidence::Evidence;
use serde::{Deserialize, Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;

/// The verdict on one guarantee.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// Everything that was examined kept it.
    Holds {
        /// The number of observations examined: at least one.
        examined: u64,
    },
    /// It was broken.
    Violated {
        /// The number of observations examined.
        examined: u64,
        /// The evidence of the violation.
        evidence: Evidence,
    },
    /// It could not be decided.
    Unknown {
        /// The reason that it is undecided.
        why: String,
    },
    /// Nothing in the history exercised it: it did not pass.
    Vacuous,
}

impl Verdict {
    /// The verdict on a guarantee of which `examined` observations were examined and found in order.
    pub(crate) fn of_examined(examined: u64) -> Self {
        match examined {
            0 => Verdict::Vacuous,
            examined => Verdict::Holds { examined },
        }
    }

    /// The verdict on a guarantee that was examined, and broken if there is evidence.
    pub fn of(examined: u64, evidence: Option<Evidence>) -> Self {
        match evidence {
            Some(evidence) => Verdict::Violated { examined, evidence },
            None => Verdict::of_examined(examined),
        }
    }

    /// True if the guarantee was broken.
    pub fn is_violated(&self) -> bool {
        matches!(self, Verdict::Violated { .. })
    }

    /// True if something was examined and all of it kept the guarantee.
    pub fn holds(&self) -> bool {
        matches!(self, Verdict::Holds { .. })
    }

    /// The evidence of the violation, if it was violated.
    pub fn evidence(&self) -> Option<&Evidence> {
        match self {
            Verdict::Violated { evidence, .. } => Some(evidence),
            _ => None,
        }
    }

    /// The number of observations examined; 0 where that is not known.
    pub fn examined(&self) -> u64 {
        match self {
            Verdict::Holds { examined } | Verdict::Violated { examined, .. } => *examined,
            Verdict::Unknown { .. } | Verdict::Vacuous => 0,
        }
    }

    /// The word for it: `holds`, `violated`, `unknown` or `vacuous`.
    pub fn word(&self) -> &'static str {
        match self {
            Verdict::Holds { .. } => "holds",
            Verdict::Violated { .. } => "violated",
            Verdict::Unknown { .. } => "unknown",
            Verdict::Vacuous => "vacuous",
        }
    }

    /// The verdict on both histories together: the worse of the two. A violation is worse than an
    /// undecided case, which is worse than what holds; the first evidence and the first reason stay.
    #[must_use]
    pub fn merge(self, other: Verdict) -> Verdict {
        use Verdict::{Holds, Unknown, Vacuous, Violated};
        match (self, other) {
            (Violated { examined, evidence }, other) | (other, Violated { examined, evidence }) => {
                Violated { examined: examined + other.examined(), evidence }
            }
            (Unknown { why }, _) | (_, Unknown { why }) => Unknown { why },
            (Holds { examined: one }, Holds { examined: two }) => Holds { examined: one + two },
            (holds @ Holds { .. }, Vacuous) | (Vacuous, holds @ Holds { .. }) => holds,
            (Vacuous, Vacuous) => Vacuous,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Holds { examined } => write!(f, "holds ({examined} examined)"),
            Verdict::Violated { evidence, .. } => write!(f, "violated: {evidence}"),
            Verdict::Unknown { why } => write!(f, "unknown: {why}"),
            Verdict::Vacuous => f.write_str("vacuous"),
        }
    }
}

/// The name of a guarantee and the way it was broken: two failures with the same fingerprint are the
/// same failure.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Fingerprint {
    /// The guarantee.
    pub guarantee: String,
    /// The kind of its evidence.
    pub kind: String,
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.guarantee, self.kind)
    }
}

/// The verdicts on one history, or on many together, by the name of the guarantee.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(from = "Vec<Named>")]
pub struct Verdicts(BTreeMap<String, Verdict>);

#[derive(Deserialize)]
struct Named {
    name: String,
    #[serde(flatten)]
    verdict: Verdict,
}

/// One entry as it is written: the same fields for every verdict, so that readers need no cases.
#[derive(Serialize)]
struct Written<'a> {
    name: &'a str,
    verdict: &'static str,
    examined: u64,
    evidence: Option<&'a Evidence>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a str>,
}

impl From<Vec<Named>> for Verdicts {
    fn from(named: Vec<Named>) -> Self {
        let mut verdicts = Verdicts::default();
        named.into_iter().for_each(|Named { name, verdict }| verdicts.add(&name, verdict));
        verdicts
    }
}

impl Serialize for Verdicts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(|(name, verdict)| Written {
            name,
            verdict: verdict.word(),
            examined: verdict.examined(),
            evidence: verdict.evidence(),
            why: match verdict {
                Verdict::Unknown { why } => Some(why),
                _ => None,
            },
        }))
    }
}

impl Verdicts {
    /// Adds a verdict; where the guarantee has one already, the two are merged.
    pub fn add(&mut self, guarantee: &str, verdict: Verdict) {
        let merged = match self.0.remove(guarantee) {
            Some(earlier) => earlier.merge(verdict),
            None => verdict,
        };
        self.0.insert(guarantee.to_owned(), merged);
    }

    /// Adds every verdict of another run.
    pub fn merge(&mut self, other: Verdicts) {
        other.0.into_iter().for_each(|(name, verdict)| self.add(&name, verdict));
    }

    /// The verdict on a guarantee, if it was judged.
    pub fn get(&self, guarantee: &str) -> Option<&Verdict> {
        self.0.get(guarantee)
    }

    /// Every verdict, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Verdict)> {
        self.0.iter().map(|(name, verdict)| (name.as_str(), verdict))
    }

    /// Keeps only the guarantees that `keep` wants.
    pub fn retain(&mut self, mut keep: impl FnMut(&str) -> bool) {
        self.0.retain(|name, _| keep(name));
    }

    /// Shows the evidence of every violation, to change it.
    pub(crate) fn each_evidence(&mut self, mut see: impl FnMut(&mut Evidence)) {
        for verdict in self.0.values_mut() {
            if let Verdict::Violated { evidence, .. } = verdict {
                see(evidence);
            }
        }
    }

    /// The guarantees that were broken, each with its evidence.
    pub fn violations(&self) -> impl Iterator<Item = (&str, &Evidence)> {
        self.iter().filter_map(|(name, verdict)| Some((name, verdict.evidence()?)))
    }

    /// The fingerprints of the violations.
    pub fn fingerprints(&self) -> impl Iterator<Item = Fingerprint> {
        self.violations().map(|(guarantee, evidence)| Fingerprint {
            guarantee: guarantee.to_owned(),
            kind: evidence.kind.clone(),
        })
    }

    /// True if any guarantee was broken.
    pub fn any_violated(&self) -> bool {
        self.0.values().any(Verdict::is_violated)
    }

    /// True if any guarantee could not be decided.
    pub fn any_unknown(&self) -> bool {
        self.0.values().any(|verdict| matches!(verdict, Verdict::Unknown { .. }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn violated(kind: &str) -> Verdict {
        Verdict::of(3, Some(Evidence::new(kind, "it went wrong", vec![])))
    }

    #[test]
    fn nothing_examined_is_vacuous() {
        assert_eq!(Verdict::of(0, None), Verdict::Vacuous);
        assert_eq!(Verdict::of(2, None), Verdict::Holds { examined: 2 });
        assert!(violated("x").is_violated());
    }

    #[test]
    fn merging_keeps_the_worse_and_adds_up_what_was_examined() {
        let holds = Verdict::Holds { examined: 2 };
        let unknown = Verdict::Unknown { why: "budget".into() };
        assert_eq!(holds.clone().merge(Verdict::Vacuous), holds);
        assert_eq!(Verdict::Vacuous.merge(Verdict::Vacuous), Verdict::Vacuous);
        assert_eq!(holds.clone().merge(holds.clone()).examined(), 4);
        assert_eq!(holds.clone().merge(unknown.clone()), unknown);
        let merged = unknown.merge(violated("a")).merge(holds).merge(violated("b"));
        assert_eq!(merged.evidence().unwrap().kind, "a");
        assert_eq!(merged.examined(), 8);
    }

    #[test]
    fn verdicts_survive_json() {
        let mut verdicts = Verdicts::default();
        verdicts.add("one", Verdict::Holds { examined: 1 });
        verdicts.add("two", violated("kind"));
        verdicts.add("three", Verdict::Unknown { why: "no time".into() });
        verdicts.add("four", Verdict::Vacuous);
        let json = serde_json::to_value(&verdicts).unwrap();
        let one = serde_json::json!({"name": "one", "verdict": "holds", "examined": 1, "evidence": null});
        assert_eq!(json[1], one);
        for verdict in json.as_array().unwrap() {
            assert!(verdict.get("examined").is_some() && verdict.get("evidence").is_some(), "{verdict}");
        }
        assert_eq!(serde_json::from_value::<Verdicts>(json).unwrap(), verdicts);
        assert_eq!(verdicts.fingerprints().map(|f| f.to_string()).collect::<Vec<_>>(), ["two/kind"]);
    }
}
