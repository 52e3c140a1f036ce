//! The connections of a host of a test to members: of the host of a client session, or of a proxy.

use super::cluster::{Cluster, FIRST_HOST};
use revline_store::frame::{ClientFrame, ServerFrame};
use revline_store::machine::MemberId;
use revline_store::member::Input;
use std::collections::BTreeMap;

/// Connections to members, by the numbers that the machine of the host gave them.
#[derive(Default)]
pub struct Connections {
    open: BTreeMap<u64, MemberId>,
    /// The number of frames of each member that were looked at.
    read: BTreeMap<MemberId, usize>,
}

impl Connections {
    /// Opens a connection to an endpoint: member 1 is endpoint 0. Returns the member.
    pub fn open(&mut self, connection: u64, endpoint: usize) -> MemberId {
        let member = endpoint as MemberId + 1;
        assert!(self.open.insert(connection, member).is_none(), "a number is used once");
        member
    }

    /// The newest connection, and its member.
    pub fn newest(&self) -> Option<(u64, MemberId)> {
        self.open.last_key_value().map(|(&connection, &member)| (connection, member))
    }

    /// Lets a frame arrive at the member, if the connection is open.
    pub fn send(&self, cluster: &mut Cluster, connection: u64, frame: ClientFrame) {
        if let Some(&member) = self.open.get(&connection) {
            cluster.step(member, Input::Client { session: FIRST_HOST + connection, frame });
        }
    }

    /// Closes a connection; the member hears of it.
    pub fn close(&mut self, cluster: &mut Cluster, connection: u64) {
        if let Some(member) = self.open.remove(&connection) {
            cluster.step(member, Input::SessionClosed { session: FIRST_HOST + connection });
        }
    }

    /// Takes the newest connection away, because its member does not run.
    pub fn lose_newest(&mut self) -> Option<u64> {
        self.open.pop_last().map(|(connection, _)| connection)
    }

    /// Takes the frames that members sent on open connections, in the order of each member.
    pub fn receive(&mut self, cluster: &Cluster) -> Vec<(u64, ServerFrame)> {
        let mut received = Vec::new();
        for (&id, node) in &cluster.nodes {
            let read = self.read.entry(id).or_default();
            for (session, frame) in &node.frames[*read..] {
                let connection = session.wrapping_sub(FIRST_HOST);
                if self.open.contains_key(&connection) {
                    received.push((connection, frame.clone()));
                }
            }
            *read = node.frames.len();
        }
        received
    }
}
