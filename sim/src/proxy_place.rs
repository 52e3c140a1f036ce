//! The place of a proxy in a world.

use crate::prefix::Prefix;
use crate::trace::NodeName;
use revline_store::machine::MemberId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The most proxies a world may have.
pub const MAX_PROXIES: usize = 899;

/// A proxy between clients and endpoints.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProxyPlace {
    /// Its id, 101 to 999, from which and the seed its random numbers are derived. Default: 101 for the first of the
    /// list, 102 for the second, and so on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<MemberId>,
    /// Its endpoints: members, or proxies that stand before it in the list.
    pub endpoints: Vec<MemberId>,
    /// Its namespace: its clients see the keys with this prefix alone, and without it. Default none.
    #[serde(default, skip_serializing_if = "Prefix::is_empty")]
    pub namespace: Prefix,
    /// Answer serializable reads from its cache. Default yes.
    #[serde(default = "yes", skip_serializing_if = "Clone::clone")]
    pub cache: bool,
}

fn yes() -> bool {
    true
}

impl ProxyPlace {
    /// A proxy of these endpoints, with a cache and without a namespace.
    pub fn new(endpoints: Vec<MemberId>) -> ProxyPlace {
        ProxyPlace { id: None, endpoints, namespace: Prefix::default(), cache: true }
    }

    /// The id of a proxy at this position of the list that has none of its own.
    pub fn id_at(position: usize) -> MemberId {
        FIRST_ID + position as MemberId
    }
}

/// The id of the first proxy.
const FIRST_ID: MemberId = NodeName::FIRST_PROXY + 1;

/// The ids of proxies, in the order of the list.
pub fn proxy_ids(places: &[ProxyPlace]) -> Vec<MemberId> {
    (0..).zip(places).map(|(at, place)| place.id.unwrap_or(ProxyPlace::id_at(at))).collect()
}

/// The names of so many proxies for people, by their ids: `proxy 1` is the first.
pub fn proxy_names(proxies: &[ProxyPlace]) -> BTreeMap<MemberId, String> {
    proxy_ids(proxies).into_iter().zip(1..).map(|(id, count)| (id, format!("proxy {count}"))).collect()
}

/// The position of a proxy in the list.
fn position(places: &[ProxyPlace], id: MemberId) -> Option<usize> {
    (0..places.len()).find(|&at| places[at].id.unwrap_or(ProxyPlace::id_at(at)) == id)
}

/// The prefix of all keys behind an endpoint, as members see them.
pub fn prefix_behind(places: &[ProxyPlace], endpoint: MemberId) -> Prefix {
    let Some(place) = position(places, endpoint).map(|position| &places[position]) else {
        return Prefix::default();
    };
    let outer = place.endpoints.first().map(|&next| prefix_behind(places, next)).unwrap_or_default();
    outer.inside(&place.namespace)
}

/// Checks that proxies can stand like this.
pub fn check_places(places: &[ProxyPlace]) -> Result<(), String> {
    if places.len() > MAX_PROXIES {
        return Err(format!("{} proxies; a world has at most {MAX_PROXIES}", places.len()));
    }
    let ids = proxy_ids(places);
    for (at, place) in places.iter().enumerate() {
        let id = ids[at];
        if !(FIRST_ID..NodeName::FIRST_CLIENT).contains(&id) {
            return Err(format!(
                "no proxy has the id {id}; ids are {FIRST_ID} to {}",
                NodeName::FIRST_CLIENT - 1
            ));
        }
        if ids[..at].contains(&id) {
            return Err(format!("two proxies have the id {id}"));
        }
        let Some(&first) = place.endpoints.first() else {
            return Err(format!("proxy {id} has no endpoint"));
        };
        if let Some(wrong) = place.endpoints.iter().find(|&&to| to >= FIRST_ID && !ids[..at].contains(&to)) {
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
        let with_id = |id| ProxyPlace { id: Some(id), ..ProxyPlace::new(vec![1]) };
        assert_eq!(check_places(&[with_id(103), named("", vec![103])]), Ok(()));
        for (bad, expected) in [
            (vec![named("", vec![])], "proxy 101 has no endpoint"),
            (vec![named("", vec![101])], "proxy 101 uses proxy 101"),
            (vec![named("a/", vec![1]), named("", vec![1, 101])], "different namespaces"),
            (vec![with_id(7)], "no proxy has the id 7"),
            (vec![with_id(102), named("", vec![1])], "two proxies have the id 102"),
        ] {
            let wrong = check_places(&bad).unwrap_err();
            assert!(wrong.contains(expected), "{wrong}");
        }
    }
}
