//! The description of a defect: its name, the rule it breaks, the guarantees that must be seen violated.

use super::Defect;
use std::fmt;
use std::str::FromStr;

/// The description of a [`Defect`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Description {
    /// The name on the command line and in files.
    pub name: &'static str,
    /// The rule that is broken, in one line.
    pub rule: &'static str,
    /// The guarantees it must be seen to violate: any one of them, or a stronger one, finds it.
    pub guarantees: &'static [&'static str],
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.description().name)
    }
}

/// A name that is no defect's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown defect `{0}`")]
pub struct UnknownDefect(pub String);

impl FromStr for Defect {
    type Err = UnknownDefect;

    fn from_str(name: &str) -> Result<Self, UnknownDefect> {
        let named = |defect: &&Defect| defect.description().name == name;
        Defect::ALL.iter().find(named).copied().ok_or_else(|| UnknownDefect(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_defect() {
        for &defect in Defect::ALL {
            let Description { name, rule, guarantees } = defect.description();
            assert_eq!(name.parse(), Ok(defect));
            assert_eq!(serde_json::to_value(defect).unwrap(), *name);
            assert!(!rule.is_empty() && !guarantees.is_empty(), "{name}");
        }
        assert_eq!("no-such".parse::<Defect>(), Err(UnknownDefect("no-such".to_owned())));
    }
}
