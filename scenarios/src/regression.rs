//! A regression: a plan that once went wrong, kept so that it is run again for ever.
//!
//! It holds no trace hash and no verdicts of that time, as a [`bundle`](crate::bundle) does: those may change with
//! every change of behaviour. What must not change is that every guarantee holds.

use crate::bundle::{Bundle, BundleError, impossible, malformed, parse_planned, text};
use crate::plan::Plan;
use revline_checker::guarantee::GUARANTEES;
use revline_checker::verdict::{Verdict, Verdicts};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// A plan, and what it is kept for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Regression {
    /// The bug it found, and the part in which it was mended.
    pub found: String,
    /// The guarantees that it is kept for: they must be exercised, and hold.
    pub must_hold: Vec<String>,
    /// The plan. It is judged by all guarantees.
    pub plan: Plan,
}

/// A file that can be replayed.
#[derive(Clone, Debug, PartialEq)]
pub enum Recorded {
    /// A plan and its recorded outcome, with which the new one is compared.
    Bundle(Box<Bundle>),
    /// Every guarantee must hold.
    Regression(Box<Regression>),
}

impl Recorded {
    /// Reads a bundle or a regression, as it is.
    pub fn read(file: &Path) -> Result<Recorded, BundleError> {
        let text = text(file)?;
        Ok(if Regression::is_one(&text) {
            Recorded::Regression(Box::new(Regression::parse(&text, file)?))
        } else {
            Recorded::Bundle(Box::new(Bundle::parse(&text, file)?))
        })
    }
}

impl Regression {
    /// Reads a regression.
    pub fn read(file: &Path) -> Result<Regression, BundleError> {
        Regression::parse(&text(file)?, file)
    }

    /// Tells the text of a regression from that of a bundle.
    fn is_one(text: &str) -> bool {
        #[derive(Deserialize)]
        struct Kept {
            #[serde(rename = "found")]
            _found: IgnoredAny,
        }
        serde_json::from_str::<Kept>(text).is_ok()
    }

    fn parse(text: &str, file: &Path) -> Result<Regression, BundleError> {
        let kept: Regression = parse_planned(text, file)?;
        kept.plan.check().map_err(|wrong| impossible(file, wrong.within("plan")))?;
        if !kept.plan.guarantees.is_empty() {
            return Err(malformed(file, "plan.guarantees", "a regression is judged by all".to_owned()));
        }
        if kept.must_hold.is_empty() {
            return Err(malformed(file, "must_hold", "it is kept for no guarantee".to_owned()));
        }
        let is_unknown = |name: &&String| GUARANTEES.iter().all(|guarantee| guarantee.name != name.as_str());
        match kept.must_hold.iter().find(is_unknown) {
            Some(name) => Err(malformed(file, "must_hold", format!("`{name}` is no guarantee"))),
            None => Ok(kept),
        }
    }

    /// Lists the objections to the verdicts on its plan: each guarantee that is violated or undecided, or that it is
    /// kept for and was not exercised.
    pub fn objections(&self, verdicts: &Verdicts) -> Vec<String> {
        let is_kept_for = |name: &str| self.must_hold.iter().any(|own| own == name);
        verdicts
            .iter()
            .filter(|(name, verdict)| match verdict {
                Verdict::Holds { .. } => false,
                Verdict::Violated { .. } | Verdict::Unknown { .. } => true,
                Verdict::Vacuous => is_kept_for(name),
            })
            .map(|(name, verdict)| format!("{name}: {verdict}"))
            .collect()
    }
}
