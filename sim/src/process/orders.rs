//! The carrying out of orders to madsim about the nodes of processes.
//!
//! madsim drops the tasks of a node that ends, and so what these hold; that may ask the world for something. So it is done
//! between two events, when nothing is locked.

use crate::processes::Order;
use crate::state::Shared;
use crate::trace::NodeName;
use madsim::net::NetSim;
use madsim::runtime::Handle;
use std::net::{IpAddr, Ipv4Addr};

/// The address of the process at a position, for those that talk to one another.
fn address_of(position: usize) -> IpAddr {
    let [.., high, low] = (position as u32 + 1).to_be_bytes();
    IpAddr::V4(Ipv4Addr::new(10, 1, high, low))
}

/// Carries out the orders that are open.
pub(crate) fn carry_out(shared: &Shared) {
    loop {
        let order = shared.lock().processes.take_order();
        match order {
            Some(order) => act(shared, order),
            None => return,
        }
    }
}

fn act(shared: &Shared, order: Order) {
    let host = |node: NodeName| shared.lock().processes.user(node).and_then(|process| process.host);
    let handle = Handle::current();
    match order {
        Order::Start(node) => match host(node) {
            Some(host) => handle.restart(host),
            None => create(shared, &handle, node),
        },
        Order::Kill(node) => {
            if let Some(host) = host(node) {
                // A task that stands still would be dropped with madsim's nodes locked.
                handle.resume(host);
                handle.kill(host);
            }
        }
        Order::Pause(node) => {
            if let Some(host) = host(node) {
                handle.pause(host);
            }
        }
        Order::Resume(node) => {
            if let Some(host) = host(node) {
                handle.resume(host);
            }
        }
        Order::Clog { from, to, clogged } => {
            if let (Some(from), Some(to)) = (host(from), host(to)) {
                let network = NetSim::current();
                if clogged { network.clog_link(from, to) } else { network.unclog_link(from, to) }
            }
        }
    }
}

fn create(shared: &Shared, handle: &Handle, node: NodeName) {
    let (name, position, init) = {
        let mut state = shared.lock();
        let Some(process) = state.processes.user_mut(node) else { return };
        (process.name.clone(), process.position, process.init.clone())
    };
    let address = address_of(position);
    NetSim::current().add_dns_record(&name, address);
    let host = handle.create_node().name(name).ip(address).init(move || init()).build().id();
    if let Some(process) = shared.lock().processes.user_mut(node) {
        process.host = Some(host);
    }
}
