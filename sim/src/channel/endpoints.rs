//! The endpoints of a channel, and the connections to them.

use super::connection::Connection;
use super::names::member_at;
use crate::entropy::{Generator, Rng};
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
    connection: Option<Connection>,
}

impl Endpoints {
    /// None yet. Choices are drawn by the generator.
    pub fn new(generator: Generator) -> Endpoints {
        Endpoints { generator, open: BTreeMap::new() }
    }

    /// Adds an endpoint, unless it is there.
    pub fn insert(&mut self, url: &str) {
        let endpoint = || Endpoint { server: member_at(url), connection: None };
        self.open.entry(normal(url).to_owned()).or_insert_with(endpoint);
    }

    /// Takes an endpoint away; returns its URL as [`Endpoints::draw`] gives it, if it was there.
    pub fn remove(&mut self, url: &str) -> Option<String> {
        self.open.remove_entry(normal(url)).map(|(url, _)| url)
    }

    /// Draws the endpoint of a request.
    pub fn draw(&mut self) -> Result<String, ConnectError> {
        if self.open.is_empty() {
            return Err(refused("the channel has no endpoint".to_owned()));
        }
        let drawn = self.generator.gen_range(0..self.open.len());
        Ok(self.open.keys().nth(drawn).expect("one of them was drawn").clone())
    }

    /// The connection to an endpoint: that which is open, or a new one.
    pub fn connection(
        &mut self,
        url: &str,
        connect: impl FnOnce(MemberId) -> Connection,
    ) -> Result<Connection, ConnectError> {
        let Some(endpoint) = self.open.get_mut(url) else {
            return Err(refused(format!("{url} is no endpoint of the channel")));
        };
        let server = endpoint.server.ok_or_else(|| nobody_at(url))?;
        let connection = endpoint.connection.take().filter(|connection| !connection.is_lost());
        let connection = connection.unwrap_or_else(|| connect(server));
        endpoint.connection = Some(connection.clone());
        Ok(connection)
    }
}

fn refused(why: String) -> ConnectError {
    ConnectError(why.into())
}

/// The error of a connection to an address at which no server is.
pub(super) fn nobody_at(url: &str) -> ConnectError {
    refused(format!("dns error: no server of the world is at {url}"))
}

/// A URL without the slash that a parser puts at its end.
fn normal(url: &str) -> &str {
    url.strip_suffix('/').unwrap_or(url)
}
