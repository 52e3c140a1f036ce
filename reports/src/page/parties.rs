//! The parties of a page, as readers know them, and as a history names those that a fault struck.

use super::Subject;
use super::rows::Party;
use std::collections::BTreeMap;

/// The id of a proxy `p1` is one more than this.
const BEFORE_PROXIES: u64 = 100;

/// The parties.
#[derive(Clone, Copy)]
pub(super) struct Parties<'a> {
    servers: &'a BTreeMap<u64, String>,
    clients: &'a BTreeMap<u32, String>,
}

impl<'a> Parties<'a> {
    /// Those of a subject.
    pub fn of(subject: &'a Subject) -> Parties<'a> {
        Parties { servers: &subject.servers, clients: &subject.clients }
    }

    /// The name of a party for readers.
    pub fn name(&self, party: &Party) -> String {
        match party {
            Party::Faults => "faults".to_owned(),
            Party::Server(id) => self.servers.get(id).cloned().unwrap_or_else(|| format!("member {id}")),
            Party::Client(id) => match self.clients.get(id) {
                Some(name) => format!("client {id}: {name}"),
                None => format!("client {id}"),
            },
            Party::Program => "program".to_owned(),
        }
    }

    /// The client or process with this name of its own.
    pub fn client(&self, name: &str) -> Option<Party> {
        self.clients.iter().find(|(_, own)| *own == name).map(|(id, _)| Party::Client(*id))
    }

    /// The victim of a fault: a member `m2`, a proxy `p1`, or a client by its own name.
    pub fn victim(&self, name: &str) -> Option<Party> {
        let numbered = |prefix| name.strip_prefix(prefix)?.parse::<u64>().ok();
        let member = || numbered("m").map(Party::Server);
        let proxy = || numbered("p")?.checked_add(BEFORE_PROXIES).map(Party::Server);
        self.client(name).or_else(member).or_else(proxy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn victims_are_known_by_their_names() {
        let subject = Subject {
            servers: BTreeMap::from([(101, "proxy 1".to_owned())]),
            clients: BTreeMap::from([(4, "worker".to_owned()), (5, "m3".to_owned())]),
            ..Subject::default()
        };
        let parties = Parties::of(&subject);
        let shown = |victim| parties.victim(victim).map(|party| parties.name(&party));
        assert_eq!(shown("m2").as_deref(), Some("member 2"));
        assert_eq!(shown("m3").as_deref(), Some("client 5: m3"));
        assert_eq!(shown("p1").as_deref(), Some("proxy 1"));
        assert_eq!(shown("worker").as_deref(), Some("client 4: worker"));
        assert_eq!(shown("members"), None);
        assert_eq!(shown("p18446744073709551615"), None);
    }
}
