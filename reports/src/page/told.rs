//! An exhibit in the words of a page: its times in seconds, and the names of its parties.

use super::Subject;
use super::parties::Parties;
use super::rows::Party;
use super::short::seconds;
use revline_checker::evidence::Exhibit;

/// The times and the parties of an exhibit.
pub(super) fn when_and_who(subject: &Subject, exhibit: &Exhibit) -> String {
    let when = match exhibit.to_ns {
        Some(to_ns) if to_ns == exhibit.from_ns => format!("At {}", seconds(to_ns)),
        Some(to_ns) => format!("From {} to {}", seconds(exhibit.from_ns), seconds(to_ns)),
        None => format!("From {} on", seconds(exhibit.from_ns)),
    };
    let parties = Parties::of(subject);
    let server = exhibit.member.map(|member| parties.name(&Party::Server(member.0)));
    let client = exhibit.client.map(|client| match subject.clients.get(&client.0) {
        Some(name) => format!("{client} ({name})"),
        None => client.to_string(),
    });
    let who = match (client, server) {
        (Some(client), Some(server)) => format!("{client} at {server}"),
        (Some(client), None) => client,
        (None, Some(server)) => server,
        (None, None) => "the cluster".to_owned(),
    };
    format!("{when}, {who}")
}
