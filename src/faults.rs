//! Faults in the words of a test.

use crate::sim::client::Client;
use crate::sim::fault::{self as kinds, ClientTarget, Fault, Hears, ProxySide, Target};
use crate::store::disk::{DiskError, DiskWork, File};
use crate::store::machine::MemberId;

/// Cut ways.
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

    /// Cuts the ways from a member: it hears the others, and they do not hear it.
    pub fn mute(member: MemberId) -> Fault {
        kinds::OneWay { target: Target::Member(member), hears: Hears::Others }.into()
    }

    /// Cuts the ways to a member: the others hear it, and it does not hear them.
    pub fn deafen(member: MemberId) -> Fault {
        kinds::OneWay { target: Target::Member(member), hears: Hears::Nothing }.into()
    }
}

/// Loss of power.
#[derive(Debug)]
pub struct Crash;

impl Crash {
    /// Takes the power from a member.
    pub fn member(member: MemberId) -> Fault {
        kinds::Crash { target: Target::Member(member) }.into()
    }

    /// Takes the power from all members at once.
    pub fn everyone() -> Fault {
        kinds::CrashAll {}.into()
    }
}

/// Processes that stand still.
#[derive(Debug)]
pub struct Pause;

impl Pause {
    /// Lets a member stand still.
    pub fn member(member: MemberId) -> Fault {
        kinds::Pause { target: Target::Member(member) }.into()
    }

    /// Lets a client stand still, as far as it runs by `World::run_client`.
    pub fn client(client: &Client) -> Fault {
        kinds::PauseClient { target: ClientTarget::Named(client.name().to_owned()) }.into()
    }
}

/// Wrong clocks.
#[derive(Debug)]
pub struct Clock;

impl Clock {
    /// Lets a member's clock run too fast by so many parts per million; too slow, if negative.
    pub fn drift(member: MemberId, ppm: i64) -> Fault {
        kinds::ClockDrift { target: Target::Member(member), ppm }.into()
    }

    /// Sets a member's wall clock forward by so many milliseconds; back, if negative. Its monotonic clock goes on.
    pub fn jump(member: MemberId, ms: i64) -> Fault {
        kinds::ClockJump { target: Target::Member(member), ms }.into()
    }
}

/// Slow, failing and rotten disks.
#[derive(Debug)]
pub struct Disk;

impl Disk {
    /// Slows a member's disk down so many times.
    pub fn slow(member: MemberId, factor: u32) -> Fault {
        kinds::SlowDisk { target: Target::Member(member), factor }.into()
    }

    /// Lets a member's disk begin nothing until the fault heals.
    pub fn stall(member: MemberId) -> Fault {
        kinds::DiskStall { target: Target::Member(member) }.into()
    }

    /// Fails a member's next sync, once.
    pub fn fail_sync(member: MemberId) -> Fault {
        let (target, works) = (Target::Member(member), vec![DiskWork::Sync]);
        kinds::FailingDisk { target, works, error: DiskError::Io, times: Some(1) }.into()
    }

    /// Leaves no room on a member's disk.
    pub fn full(member: MemberId) -> Fault {
        let works = vec![DiskWork::Append, DiskWork::Sync, DiskWork::Replace];
        let target = Target::Member(member);
        kinds::FailingDisk { target, works, error: DiskError::NoSpace, times: None }.into()
    }

    /// Takes the power from a member, and turns over a bit of its log: it must not start again.
    pub fn rot(member: MemberId) -> Fault {
        kinds::BitRot { target: Target::Member(member), file: File::Wal, read: false }.into()
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
    /// Hands the leadership to a member.
    pub fn transfer_to(member: MemberId) -> Fault {
        kinds::TransferLeader { to: Target::Member(member) }.into()
    }
}

/// Failing proxies. They are counted from 0, in their order in the world.
#[derive(Debug)]
pub struct Proxies;

impl Proxies {
    /// Takes the power from a proxy; it comes back with nothing.
    pub fn crash(proxy: u32) -> Fault {
        kinds::ProxyCrash { proxy }.into()
    }

    /// Takes the power from all proxies at once.
    pub fn crash_all() -> Fault {
        kinds::ProxyCrashAll {}.into()
    }

    /// Lets a proxy stand still.
    pub fn pause(proxy: u32) -> Fault {
        kinds::ProxyPause { proxy }.into()
    }

    /// Cuts a proxy off from members and from the proxies it uses.
    pub fn cut_off_from_servers(proxy: u32) -> Fault {
        kinds::ProxyCut { proxy, from: ProxySide::Servers }.into()
    }

    /// Cuts a proxy off from clients and from the proxies that use it.
    pub fn cut_off_from_clients(proxy: u32) -> Fault {
        kinds::ProxyCut { proxy, from: ProxySide::Clients }.into()
    }
}
