//! The life of a user's process: it starts, ends, and is started again.

use crate::client_host::ChannelHost;
use crate::fault_id::FaultId;
use crate::processes::Order;
use crate::state::State;
use crate::trace::{Details, Event, Fingerprint, NodeName};

impl State {
    /// Starts a process that does not run.
    pub fn start_user(&mut self, node: NodeName) {
        let Some(process) = self.processes.user_mut(node).filter(|process| !process.running) else { return };
        process.running = true;
        process.starts += 1;
        process.returned = None;
        let start = process.starts;
        self.record(node, Event::Launch { start });
        self.order(Order::Start(node));
        if self.is_paused(node) {
            self.order(Order::Pause(node));
        }
        self.clog_processes();
    }

    /// Ends a process with everything in it, and keeps it down as long as the fault lasts; false if its program had
    /// returned.
    pub fn crash_user(&mut self, node: NodeName, fault: FaultId) -> bool {
        let Some(process) = self.processes.user_mut(node) else { return false };
        if !process.running && process.down_by.is_empty() {
            return false;
        }
        process.down_by.insert(fault);
        if process.running {
            process.running = false;
            self.record(node, Event::Kill {});
            self.with_channel(node, ChannelHost::crash);
            self.order(Order::Kill(node));
        }
        true
    }

    /// Starts a process again that a fault crashed, unless another keeps it down.
    pub fn restart_user(&mut self, node: NodeName, fault: FaultId) {
        let Some(process) = self.processes.user_mut(node) else { return };
        if process.down_by.remove(&fault) && process.down_by.is_empty() {
            self.start_user(node);
        }
    }

    /// The program of a process returned: its connections go with it.
    pub fn user_returned(&mut self, node: NodeName, returned: Result<(), String>) {
        let Some(process) = self.processes.user_mut(node).filter(|process| process.running) else { return };
        process.running = false;
        let words = returned.as_ref().map_or_else(String::as_str, |()| "");
        let (how, said) = (Fingerprint::of(words), Details::of_text(words));
        process.returned = Some(returned);
        let waiting = std::mem::take(&mut process.waiting);
        self.record_with(node, Event::Exit { how }, || said);
        self.with_channel(node, ChannelHost::crash);
        waiting.into_iter().for_each(std::task::Waker::wake);
    }

    /// Ends every process, for ever.
    pub fn end_users(&mut self) {
        for node in self.processes.users() {
            self.crash_user(node, FaultId::BY_HAND);
        }
    }

    /// Cuts the ways between processes that the network has cut, and opens the others.
    pub fn clog_processes(&mut self) {
        let changed = self.processes.clog(&self.network.cuts);
        changed.into_iter().for_each(|order| self.order(order));
    }

    /// Gives madsim an order, once nothing is locked.
    pub fn order(&mut self, order: Order) {
        self.processes.add_order(order);
        self.ready.wake_driver();
    }
}
