//! Where a proxy stands in a world.

use crate::prefix::Prefix;
use revline_store::machine::MemberId;
use serde::{Deserialize, Serialize};

/// The most proxies a world may have.
pub const MAX_PROXIES: usize = 899;

/// A proxy: between those who use it and its endpoints. Proxies have the ids 101, 102 and so on, in their order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProxyPlace {
    /// Its endpoints: members, or proxies that stand before it in the list.
    pub endpoints: Vec<MemberId>,
    /// Whoever uses it sees the keys with this prefix alone, and without it. Default none.
    #[serde(default, skip_serializing_if = "Prefix::is_empty")]
    pub namespace: Prefix,
    /// Whether it answers serializable reads from its cache. Default yes.
    #[serde(default = "yes", skip_serializing_if = "Clone::clone")]
    pub cache: bool,
}

fn yes() -> bool {
    true
}

impl ProxyPlace {
    /// A proxy of these endpoints, with a cache and without a namespace.
    pub fn new(endpoints: Vec<MemberId>) -> ProxyPlace {
        ProxyPlace { endpoints, namespace: Prefix::default(), cache: true }
    }

    /// The id of the proxy at this position of the list.
    pub fn id(position: usize) -> MemberId {
        FIRST_ID + position as MemberId
    }
}

/// The id of the first proxy.
const FIRST_ID: MemberId = crate::trace::NodeName::FIRST_PROXY as MemberId + 1;

/// The position of a proxy in the list.
pub(crate) fn position(id: MemberId) -> Option<usize> {
    id.checked_sub(FIRST_ID).and_then(|position| usize::try_from(position).ok())
}

/// What everything behind an endpoint begins with, seen from the members.
pub fn prefix_behind(places: &[ProxyPlace], endpoint: MemberId) -> Prefix {
    let Some(place) = position(endpoint).and_then(|position| places.get(position)) else {
        return Prefix::default();
    };
    let outer = place.endpoints.first().map(|&next| prefix_behind(places, next)).unwrap_or_default();
    outer.inside(&place.namespace)
}

/// Whether proxies can stand like this; if not, what is wrong.
pub fn check_places(places: &[ProxyPlace]) -> Result<(), String> {
    if places.len() > MAX_PROXIES {
        return Err(format!("{} proxies; a world has at most {MAX_PROXIES}", places.len()));
    }
    for (at, place) in places.iter().enumerate() {
        let id = ProxyPlace::id(at);
        let Some(&first) = place.endpoints.first() else {
            return Err(format!("proxy {id} has no endpoint"));
        };
        if let Some(wrong) =
            place.endpoints.iter().find(|&&to| position(to).is_some_and(|before| before >= at))
        {
            return Err(format!("proxy {id} uses proxy {wrong}, which does not stand before it"));
        }
        let behind = prefix_behind(places, first);
        if let Some(other) = place.endpoints.iter().find(|&&to| prefix_behind(places, to) != behind) {
            return Err(format!("proxy {id}: its endpoints {first} and {other} show different namespaces"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_stand_before_those_that_use_them_and_show_one_namespace() {
        let named = |prefix: &str, endpoints: Vec<MemberId>| ProxyPlace {
            namespace: Prefix::from(prefix),
            ..ProxyPlace::new(endpoints)
        };
        let good = [named("a/", vec![1, 2]), named("b/", vec![101]), named("", vec![102])];
        assert_eq!(check_places(&good), Ok(()));
        assert_eq!(prefix_behind(&good, 103), Prefix::from("a/b/"));
        assert_eq!(prefix_behind(&good, 2), Prefix::default());
        for (bad, expected) in [
            (vec![named("", vec![])], "proxy 101 has no endpoint"),
            (vec![named("", vec![101])], "proxy 101 uses proxy 101"),
            (vec![named("a/", vec![1]), named("", vec![1, 101])], "different namespaces"),
        ] {
            let wrong = check_places(&bad).unwrap_err();
            assert!(wrong.contains(expected), "{wrong}");
        }
    }
}
