//! Faults in the words of a test.

use crate::sim::client::Client;
use crate::sim::fault::{self as kinds, ClientTarget, Fault, Hears, ProxySide, Target};
use crate::store::machine::MemberId;

/// Ways that are cut.
#[derive(Debug)]
pub struct Partition;

impl Partition {
    /// Cuts a member off from every other; its clients still reach it.
    pub fn isolate(member: MemberId) -> Fault {
        kinds::Isolate { target: Target::Member(member), clients: false }.into()
    }

    /// Cuts a member off from every other, and from every client.
    pub fn isolate_with_clients(member: MemberId) -> Fault {
        kinds::Isolate { target: Target::Member(member), clients: true }.into()
    }

    /// Cuts some members off from the rest, but not from one another.
    pub fn split(side: impl IntoIterator<Item = MemberId>) -> Fault {
        kinds::Split { side: side.into_iter().map(Target::Member).collect(), clients: false }.into()
    }

    /// Nobody hears the member; it hears the others.
    pub fn mute(member: MemberId) -> Fault {
        kinds::OneWay { target: Target::Member(member), hears: Hears::Others }.into()
    }

    /// The member hears nobody; the others hear it.
    pub fn deafen(member: MemberId) -> Fault {
        kinds::OneWay { target: Target::Member(member), hears: Hears::Nothing }.into()
    }
}

/// Loss of power.
#[derive(Debug)]
pub struct Crash;

impl Crash {
    /// Of one member.
    pub fn member(member: MemberId) -> Fault {
        kinds::Crash { target: Target::Member(member) }.into()
    }

    /// Of all members at once.
    pub fn everyone() -> Fault {
        kinds::CrashAll {}.into()
    }
}

/// Processes that stand still and do not know it.
#[derive(Debug)]
pub struct Pause;

impl Pause {
    /// One member.
    pub fn member(member: MemberId) -> Fault {
        kinds::Pause { target: Target::Member(member) }.into()
    }

    /// One client: what runs by `World::run_client`.
    pub fn client(client: &Client) -> Fault {
        kinds::PauseClient { target: ClientTarget::Named(client.name().to_owned()) }.into()
    }
}

/// Clocks that run wrong.
#[derive(Debug)]
pub struct Clock;

impl Clock {
    /// Lets a member's clock run too fast by so many parts per million; too slow, if negative.
    pub fn drift(member: MemberId, ppm: i64) -> Fault {
        kinds::ClockDrift { target: Target::Member(member), ppm }.into()
    }
}

/// Disks that become slow.
#[derive(Debug)]
pub struct Disk;

impl Disk {
    /// Slows a member's disk down so many times.
    pub fn slow(member: MemberId, factor: u32) -> Fault {
        kinds::SlowDisk { target: Target::Member(member), factor }.into()
    }
}

/// Streams between clients and members.
#[derive(Debug)]
pub struct Streams;

impl Streams {
    /// Breaks every stream to a member.
    pub fn of(member: MemberId) -> Fault {
        kinds::BreakStreams { target: Target::Member(member) }.into()
    }
}

/// Elections without a failure.
#[derive(Debug)]
pub struct Leadership;

impl Leadership {
    /// The leader hands its office to a member.
    pub fn transfer_to(member: MemberId) -> Fault {
        kinds::TransferLeader { to: Target::Member(member) }.into()
    }
}

/// Proxies that fail. They are counted from 0, in their order in the world.
#[derive(Debug)]
pub struct Proxies;

impl Proxies {
    /// One loses power, and comes back with nothing.
    pub fn crash(proxy: u32) -> Fault {
        kinds::ProxyCrash { proxy }.into()
    }

    /// All lose power at once.
    pub fn crash_all() -> Fault {
        kinds::ProxyCrashAll {}.into()
    }

    /// One stands still.
    pub fn pause(proxy: u32) -> Fault {
        kinds::ProxyPause { proxy }.into()
    }

    /// One is cut off from members and from the proxies it uses.
    pub fn cut_off_from_servers(proxy: u32) -> Fault {
        kinds::ProxyCut { proxy, from: ProxySide::Servers }.into()
    }

    /// One is cut off from clients and from the proxies that use it.
    pub fn cut_off_from_clients(proxy: u32) -> Fault {
        kinds::ProxyCut { proxy, from: ProxySide::Clients }.into()
    }
}
