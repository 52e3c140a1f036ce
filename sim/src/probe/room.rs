//! Room for probes: where the quota is small, what they write fills the members, as it would fill them for any client.

use super::{FIRST_KEY, administer};
use crate::client::{Client, ClientPlace};
use crate::world::World;
use madsim::time::Duration;
use revline_store::api::AlarmKind;
use revline_store::machine::MemberId;
use revline_store::member::Tuning;

/// The time in which members remove what was compacted.
const COMPACTION: Duration = Duration::from_millis(300);

/// Makes room before a server is asked, where the quota is small: what is refused for want of room may have happened, and
/// leaves less to be judged.
pub(crate) async fn make_room_if_little(world: &World) {
    if world.config.tuning.quota_bytes < Tuning::default().quota_bytes {
        make_room(world).await;
    }
}

/// Does what an operator does about members that are full: compacts, defragments and disarms. Each step may fail: the
/// probe is refused once more, then, and it is all done again.
pub(super) async fn make_room(world: &World) {
    let members = world.members().into_iter().filter(|&member| world.serves(member));
    let clients: Vec<Client> = members.map(|member| operator_at(world, member)).collect();
    for client in &clients {
        administer(world, client).await;
    }
    let Some(first) = clients.first() else { return };
    if let Ok(read) = first.get(FIRST_KEY).await {
        let _ = first.compact(read.header.revision).await;
    }
    world.sleep(COMPACTION).await;
    for client in &clients {
        let _ = client.defragment().await;
    }
    let alarms = first.alarms().await.unwrap_or_default();
    for alarm in alarms.into_iter().filter(|alarm| alarm.alarm == AlarmKind::NoSpace) {
        let _ = first.disarm(alarm).await;
    }
}

fn operator_at(world: &World, member: MemberId) -> Client {
    let (name, endpoints) = (format!("operator of probes at m{member}"), vec![member]);
    world.client_in_place(ClientPlace { name, endpoints, first: Some(0), ..ClientPlace::default() })
}
