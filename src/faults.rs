//! Faults in the words of a test.

use crate::sim::client::Client;
use crate::sim::fault::{ClientTarget, Fault, Hears, ProxySide, Target};
use crate::store::machine::MemberId;

/// Ways that are cut.
#[derive(Debug)]
pub struct Partition;

impl Partition {
    /// Cuts a member off from every other; its clients still reach it.
    pub fn isolate(member: MemberId) -> Fault {
        Fault::Isolate { target: Target::Member(member), clients: false }
    }

    /// Cuts a member off from every other, and from every client.
    pub fn isolate_with_clients(member: MemberId) -> Fault {
        Fault::Isolate { target: Target::Member(member), clients: true }
    }

    /// Cuts some members off from the rest, but not from one another.
    pub fn split(side: impl IntoIterator<Item = MemberId>) -> Fault {
        Fault::Split { side: side.into_iter().map(Target::Member).collect(), clients: false }
    }

    /// Nobody hears the member; it hears the others.
    pub fn mute(member: MemberId) -> Fault {
        Fault::OneWay { target: Target::Member(member), hears: Hears::Others }
    }

    /// The member hears nobody; the others hear it.
    pub fn deafen(member: MemberId) -> Fault {
        Fault::OneWay { target: Target::Member(member), hears: Hears::Nothing }
    }
}

/// Loss of power.
#[derive(Debug)]
pub struct Crash;

impl Crash {
    /// Of one member.
    pub fn member(member: MemberId) -> Fault {
        Fault::Crash { target: Target::Member(member) }
    }

    /// Of all members at once.
    pub fn everyone() -> Fault {
        Fault::CrashAll
    }
}

/// Processes that stand still and do not know it.
#[derive(Debug)]
pub struct Pause;

impl Pause {
    /// One member.
    pub fn member(member: MemberId) -> Fault {
        Fault::Pause { target: Target::Member(member) }
    }

    /// One client: what runs by `World::run_client`.
    pub fn client(client: &Client) -> Fault {
        Fault::PauseClient { target: ClientTarget::Named(client.name().to_owned()) }
    }
}

/// Clocks that run wrong.
#[derive(Debug)]
pub struct Clock;

impl Clock {
    /// Lets a member's clock run too fast by so many parts per million; too slow, if negative.
    pub fn drift(member: MemberId, ppm: i64) -> Fault {
        Fault::ClockDrift { target: Target::Member(member), ppm }
    }
}

/// Disks that become slow.
#[derive(Debug)]
pub struct Disk;

impl Disk {
    /// Slows a member's disk down so many times.
    pub fn slow(member: MemberId, factor: u32) -> Fault {
        Fault::SlowDisk { target: Target::Member(member), factor }
    }
}

/// Streams between clients and members.
#[derive(Debug)]
pub struct Streams;

impl Streams {
    /// Breaks every stream to a member.
    pub fn of(member: MemberId) -> Fault {
        Fault::BreakStreams { target: Target::Member(member) }
    }
}

/// Elections without a failure.
#[derive(Debug)]
pub struct Leadership;

impl Leadership {
    /// The leader hands its office to a member.
    pub fn transfer_to(member: MemberId) -> Fault {
        Fault::TransferLeader { to: Target::Member(member) }
    }
}

/// Proxies that fail. They are counted from 0, in their order in the world.
#[derive(Debug)]
pub struct Proxies;

impl Proxies {
    /// One loses power, and comes back with nothing.
    pub fn crash(proxy: u32) -> Fault {
        Fault::ProxyCrash { proxy }
    }

    /// All lose power at once.
    pub fn crash_all() -> Fault {
        Fault::ProxyCrashAll
    }

    /// One stands still.
    pub fn pause(proxy: u32) -> Fault {
        Fault::ProxyPause { proxy }
    }

    /// One is cut off from members and from the proxies it uses.
    pub fn cut_off_from_servers(proxy: u32) -> Fault {
        Fault::ProxyCut { proxy, from: ProxySide::Servers }
    }

    /// One is cut off from clients and from the proxies that use it.
    pub fn cut_off_from_clients(proxy: u32) -> Fault {
        Fault::ProxyCut { proxy, from: ProxySide::Clients }
    }
}
