//! The bundle that is shrunk or explained, and the violation in question.

use super::other_file::{self, Wanted};
use super::print::complain;
use super::status::Unusable;
use revline_checker::verdict::Fingerprint;
use revline_scenarios::bundle::Bundle;
use std::path::Path;

/// Reads a bundle, runs it again, and finds its violation of `guarantee`, or else its first.
pub fn read(file: &Path, guarantee: Option<&str>) -> Result<(Bundle, Fingerprint), Unusable> {
    let bundle = Bundle::read(file).map_err(|error| other_file::unusable(&error, file, Wanted::Bundle))?;
    let violation = violation(&bundle, file, guarantee)?;
    let replay = bundle.replay(false)?;
    let place = file.display();
    if !replay.outcome.verdicts.fingerprints().any(|own| own == violation) {
        return Err(Unusable::new(format!(
            "{place}: its plan does not violate {violation} when it is run: only a plan that fails can be used; the \
             bundle was written by revline {}, and another version may run it another way",
            bundle.revline
        )));
    }
    if let Some(at) = replay.diverged_at {
        complain(&format!(
            "{place}: the run is not the recorded one from event {at} on, and violates {violation} still"
        ));
    }
    Ok((bundle, violation))
}

fn violation(bundle: &Bundle, file: &Path, guarantee: Option<&str>) -> Result<Fingerprint, Unusable> {
    let is_wanted = |own: &&Fingerprint| guarantee.is_none_or(|guarantee| own.guarantee == guarantee);
    bundle.violations.iter().find(is_wanted).cloned().ok_or_else(|| {
        let names: Vec<String> = bundle.violations.iter().map(Fingerprint::to_string).collect();
        let place = file.display();
        Unusable::new(match guarantee {
            Some(guarantee) if !names.is_empty() => {
                format!("--guarantee: {place} has no violation of `{guarantee}`; it has {}", names.join(", "))
            }
            _ => format!("{place}: field `violations`: empty; only a plan that fails can be used"),
        })
    })
}
