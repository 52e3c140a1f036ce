//! Features of the API, of which each run leaves some out.

use rand::Rng;
use revline_sim::entropy::Generator;

macro_rules! features {
    ($($(#[$doc:meta])* $Feature:ident,)*) => {
        /// A feature of requests.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Feature {
            $($(#[$doc])* $Feature,)*
        }

        impl Feature {
            /// Every feature.
            pub(crate) const ALL: &[Feature] = &[$(Feature::$Feature,)*];
        }
    };
}

features! {
    /// `limit` of a range.
    Limit,
    /// `sort_order` and `sort_target` of a range.
    Sort,
    /// `revision` of a range.
    PastRevision,
    /// The least and the greatest revisions of the keys in a range.
    RevisionFilters,
    /// `count_only` of a range.
    CountOnly,
    /// `keys_only` of a range.
    KeysOnly,
    /// `serializable` of a range.
    Serializable,
    /// `prev_kv` of writes.
    PrevKv,
    /// `ignore_value` of a put.
    IgnoreValue,
    /// `ignore_lease` of a put.
    IgnoreLease,
    /// `lease` of a put.
    Lease,
    /// Ranges of more than a key.
    Ranges,
    /// Ranges without an end.
    OpenRanges,
    /// Keys and ends at the edges of what bytes can be.
    EdgeKeys,
    /// Values without a byte, and large ones.
    EdgeValues,
    /// Compares of a range of keys.
    RangeCompares,
    /// Txns in txns.
    NestedTxns,
    /// Requests that no member may accept.
    Invalid,
}

/// The features of a run.
///
/// A run with every feature in it seldom does one thing twice in a row; one with half of them reaches states that the
/// others keep it from (Groce et al., Swarm Testing, ISSTA 2012).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Features(u32);

impl Features {
    /// None of them.
    #[cfg(test)]
    pub(crate) const NONE: Features = Features(0);

    /// All of them.
    pub(crate) const ALL: Features = Features(u32::MAX);

    /// Draws a random half.
    pub(crate) fn draw(generator: &mut Generator) -> Features {
        let all = Feature::ALL.iter();
        Features(all.filter(|_| generator.gen_bool(0.5)).fold(0, |set, &feature| set | Self::bit(feature)))
    }

    const fn bit(feature: Feature) -> u32 {
        1 << feature as u32
    }

    /// Returns true if a run has the feature.
    pub(crate) fn has(self, feature: Feature) -> bool {
        self.0 & Self::bit(feature) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use revline_sim::entropy::generator;
    use std::collections::BTreeSet;

    #[test]
    fn every_pair_of_features_is_in_some_run_and_left_out_of_another() {
        assert!(Feature::ALL.len() <= 32);
        let runs: Vec<Features> =
            (0..100).map(|seed| Features::draw(&mut generator(seed, "features"))).collect();
        for &one in Feature::ALL {
            for &other in Feature::ALL.iter().filter(|other| **other != one) {
                let seen: BTreeSet<(bool, bool)> =
                    runs.iter().map(|run| (run.has(one), run.has(other))).collect();
                assert_eq!(seen.len(), 4, "{one:?} {other:?}");
            }
        }
    }
}
