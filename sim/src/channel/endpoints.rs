//! The endpoints of a channel, and the connections to them.

use super::carrier::WorldCarrier;
use super::names::member_at;
use crate::entropy::{Generator, Rng};
use revline_rpc::session::Session;
use revline_store::machine::MemberId;
use std::collections::BTreeMap;
use tonic::ConnectError;

/// The endpoints of a channel, by their URLs.
pub(super) struct Endpoints {
    generator: Generator,
    open: BTreeMap<String, Endpoint>,
}

struct Endpoint {
    /// The server of that address, if there is one.
    server: Option<MemberId>,
    session: Option<Session<WorldCarrier>>,
}

impl Endpoints {
    /// None yet. Choices are drawn by the generator.
    pub fn new(generator: Generator) -> Endpoints {
        Endpoints { generator, open: BTreeMap::new() }
    }

    /// Adds an endpoint, unless it is there.
    pub fn insert(&mut self, url: &str) {
        let endpoint = || Endpoint { server: member_at(url), session: None };
        self.open.entry(normal(url).to_owned()).or_insert_with(endpoint);
    }

    /// Takes an endpoint away.
    pub fn remove(&mut self, url: &str) {
        self.open.remove(normal(url));
    }

    /// Draws an endpoint, and returns the session with it: that over its connection, or over a new one.
    pub fn session(
        &mut self,
        connect: impl FnOnce(MemberId) -> Session<WorldCarrier>,
    ) -> Result<Session<WorldCarrier>, ConnectError> {
        let refused = |why: String| ConnectError(why.into());
        if self.open.is_empty() {
            return Err(refused("the channel has no endpoint".to_owned()));
        }
        let drawn = self.generator.gen_range(0..self.open.len());
        let (url, endpoint) = self.open.iter_mut().nth(drawn).expect("one of them was drawn");
        let Some(server) = endpoint.server else {
            return Err(refused(format!("dns error: no server of the world is at {url}")));
        };
        let session = endpoint.session.take().filter(|session| session.lost().is_none());
        let session = session.unwrap_or_else(|| connect(server));
        endpoint.session = Some(session.clone());
        Ok(session)
    }
}

/// A URL without the slash that a parser puts at its end.
fn normal(url: &str) -> &str {
    url.strip_suffix('/').unwrap_or(url)
}
