//! The name of a plan: where it comes from.

use super::Plan;
use std::fmt;

/// The name of a plan, as in `steady@7`: its scenario and its seed, and for one that was changed since it was drawn, which
/// of all variants it is, as in `steady@7~00c0ffee`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PlanName {
    /// The scenario.
    pub scenario: String,
    /// The seed.
    pub seed: u64,
    /// The variant; none if it is as it was drawn.
    pub variant: Option<u32>,
}

impl PlanName {
    /// The name of the file of its bundle.
    pub fn bundle_file(&self) -> String {
        let PlanName { scenario, seed, variant } = self;
        let variant = variant.map(|variant| format!("-{variant:08x}")).unwrap_or_default();
        format!("{scenario}-{seed}{variant}.bundle.json")
    }
}

impl fmt::Display for PlanName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.scenario, self.seed)?;
        self.variant.map_or(Ok(()), |variant| write!(f, "~{variant:08x}"))
    }
}

impl Plan {
    /// Its name.
    pub fn name(&self) -> PlanName {
        PlanName { scenario: self.scenario.clone(), seed: self.seed, variant: self.variant }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variant_has_a_file_of_its_own() {
        let drawn = PlanName { scenario: "steady".into(), seed: 7, variant: None };
        let changed = PlanName { variant: Some(0xc0ffee), ..drawn.clone() };
        assert_eq!((drawn.to_string(), changed.to_string()), ("steady@7".into(), "steady@7~00c0ffee".into()));
        assert_eq!(drawn.bundle_file(), "steady-7.bundle.json");
        assert_eq!(changed.bundle_file(), "steady-7-00c0ffee.bundle.json");
    }
}
