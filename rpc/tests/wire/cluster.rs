//! Members, which have addresses on the wire.

use revline_rpc::addresses::Addresses;
use revline_rpc::convert::cluster::{
    member_add, member_add_message, member_add_response, member_list_response, member_promote_response,
    member_remove_response, member_update_response,
};
use revline_rpc::proto::etcdserverpb;
use revline_store::api::{ClusterResponse, MemberAddRequest, MemberInfo};
use revline_store::machine::MemberId;

use crate::back;

/// A host in which the addresses of a member are its id.
struct Numbered;

impl Addresses for Numbered {
    fn peer_urls(&self, member: MemberId) -> Vec<String> {
        vec![format!("http://{member}:2380")]
    }

    fn client_urls(&self, member: MemberId) -> Vec<String> {
        vec![format!("http://{member}:2379")]
    }

    fn member_of(&self, peer_urls: &[String]) -> Option<MemberId> {
        peer_urls.first()?.strip_prefix("http://")?.strip_suffix(":2380")?.parse().ok()
    }
}

/// Sends a request to add a member, and finds the member by its addresses.
pub fn cross_member_add(request: MemberAddRequest) -> MemberAddRequest {
    let message = member_add_message(request, &Numbered);
    let id = Numbered.member_of(&message.peer_ur_ls).unwrap();
    member_add(message, id)
}

/// Sends a list of members as the response to each kind of request.
pub fn cross_members(response: &ClusterResponse) -> ClusterResponse {
    let said = || response.clone();
    let added = response.members.first().map_or(0, |member| member.id);
    let heard = [
        back(member_add_response(said(), added, &Numbered)),
        back(member_list_response(said(), &Numbered)),
        back(member_promote_response(said(), &Numbered)),
        back(member_remove_response(said(), &Numbered)),
        back(member_update_response(said(), &Numbered)),
    ];
    assert!(heard.iter().all(|one| *one == heard[0]), "{heard:#?}");
    let [first, ..] = heard;
    first
}

#[test]
fn a_member_has_the_addresses_of_its_host() {
    let info = |id: u64, name: &str| MemberInfo { id, name: name.to_owned(), is_learner: id == 2 };
    let response =
        ClusterResponse { members: vec![info(1, "m1"), info(2, "")], ..ClusterResponse::default() };
    let message = member_add_response(response, 2, &Numbered);
    let added = etcdserverpb::Member {
        id: 2,
        name: String::new(),
        peer_ur_ls: vec!["http://2:2380".to_owned()],
        client_ur_ls: vec!["http://2:2379".to_owned()],
        is_learner: true,
    };
    assert_eq!(message.member.as_ref(), Some(&added));
    assert_eq!(message.members[1], added);
    assert_eq!(message.members[0].peer_ur_ls, ["http://1:2380"]);
}
