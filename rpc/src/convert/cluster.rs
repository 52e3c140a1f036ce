//! Members. On the wire they have addresses, in the store names and ids: [`Addresses`] knows both.

use revline_store::api;
use revline_store::api::{ClusterResponse, MemberInfo};
use revline_store::machine::MemberId;

use super::{header_to_store, header_to_wire};
use crate::addresses::Addresses;
use crate::proto::etcdserverpb;

/// The request to add a member that has these addresses. It has no name, as a member of etcd until it has started.
pub fn member_add(request: etcdserverpb::MemberAddRequest, id: MemberId) -> api::MemberAddRequest {
    api::MemberAddRequest { id, name: String::new(), is_learner: request.is_learner }
}

/// The message to add a member: its name is not on the wire, and its id only as its addresses.
pub fn member_add_message(
    request: api::MemberAddRequest,
    addresses: &impl Addresses,
) -> etcdserverpb::MemberAddRequest {
    let api::MemberAddRequest { id, name: _, is_learner } = request;
    etcdserverpb::MemberAddRequest { peer_ur_ls: addresses.peer_urls(id), is_learner }
}

/// The sign between the addresses in a name, as between those of etcd's flags.
const SEPARATOR: &str = ",";

/// The one thing that changes about a member is its addresses on the wire, and its name in the store. The new addresses
/// become the name: the change is committed and listed like any other, and the member stays where its host put it.
impl From<etcdserverpb::MemberUpdateRequest> for api::MemberUpdateRequest {
    fn from(request: etcdserverpb::MemberUpdateRequest) -> Self {
        api::MemberUpdateRequest { id: request.id, name: request.peer_ur_ls.join(SEPARATOR) }
    }
}

/// The name becomes the addresses, as the other way round.
impl From<api::MemberUpdateRequest> for etcdserverpb::MemberUpdateRequest {
    fn from(request: api::MemberUpdateRequest) -> Self {
        let peer_ur_ls = match request.name.as_str() {
            "" => Vec::new(),
            name => name.split(SEPARATOR).map(str::to_owned).collect(),
        };
        etcdserverpb::MemberUpdateRequest { id: request.id, peer_ur_ls }
    }
}

impl From<etcdserverpb::MemberRemoveRequest> for api::MemberRemoveRequest {
    fn from(request: etcdserverpb::MemberRemoveRequest) -> Self {
        api::MemberRemoveRequest { id: request.id }
    }
}

impl From<api::MemberRemoveRequest> for etcdserverpb::MemberRemoveRequest {
    fn from(request: api::MemberRemoveRequest) -> Self {
        etcdserverpb::MemberRemoveRequest { id: request.id }
    }
}

impl From<etcdserverpb::MemberPromoteRequest> for api::MemberPromoteRequest {
    fn from(request: etcdserverpb::MemberPromoteRequest) -> Self {
        api::MemberPromoteRequest { id: request.id }
    }
}

impl From<api::MemberPromoteRequest> for etcdserverpb::MemberPromoteRequest {
    fn from(request: api::MemberPromoteRequest) -> Self {
        etcdserverpb::MemberPromoteRequest { id: request.id }
    }
}

impl From<etcdserverpb::MemberListRequest> for api::MemberListRequest {
    fn from(request: etcdserverpb::MemberListRequest) -> Self {
        api::MemberListRequest { linearizable: request.linearizable }
    }
}

impl From<api::MemberListRequest> for etcdserverpb::MemberListRequest {
    fn from(request: api::MemberListRequest) -> Self {
        etcdserverpb::MemberListRequest { linearizable: request.linearizable }
    }
}

/// Its addresses are left out.
impl From<etcdserverpb::Member> for MemberInfo {
    fn from(member: etcdserverpb::Member) -> Self {
        MemberInfo { id: member.id, name: member.name, is_learner: member.is_learner }
    }
}

fn member(info: MemberInfo, addresses: &impl Addresses) -> etcdserverpb::Member {
    let MemberInfo { id, name, is_learner } = info;
    let (peer_ur_ls, client_ur_ls) = (addresses.peer_urls(id), addresses.client_urls(id));
    etcdserverpb::Member { id, name, peer_ur_ls, client_ur_ls, is_learner }
}

fn members(infos: Vec<MemberInfo>, addresses: &impl Addresses) -> Vec<etcdserverpb::Member> {
    infos.into_iter().map(|info| member(info, addresses)).collect()
}

/// The answer to a request to add the member `added`.
pub fn member_add_response(
    response: ClusterResponse,
    added: MemberId,
    addresses: &impl Addresses,
) -> etcdserverpb::MemberAddResponse {
    let info = response.members.iter().find(|info| info.id == added).cloned();
    etcdserverpb::MemberAddResponse {
        header: header_to_wire(response.header),
        member: info.map(|info| member(info, addresses)),
        members: members(response.members, addresses),
    }
}

impl From<etcdserverpb::MemberAddResponse> for ClusterResponse {
    fn from(response: etcdserverpb::MemberAddResponse) -> Self {
        listed(response.header, response.members)
    }
}

fn listed(
    header: Option<etcdserverpb::ResponseHeader>,
    members: Vec<etcdserverpb::Member>,
) -> ClusterResponse {
    ClusterResponse {
        header: header_to_store(header),
        members: members.into_iter().map(Into::into).collect(),
    }
}

/// Converts each response that is a list of members and nothing else, both ways.
macro_rules! lists {
    ($($function:ident -> $Message:ident, $request:literal;)*) => {
        $(
            #[doc = $request]
            pub fn $function(
                response: ClusterResponse,
                addresses: &impl Addresses,
            ) -> etcdserverpb::$Message {
                etcdserverpb::$Message {
                    header: header_to_wire(response.header),
                    members: members(response.members, addresses),
                }
            }

            impl From<etcdserverpb::$Message> for ClusterResponse {
                fn from(response: etcdserverpb::$Message) -> Self {
                    listed(response.header, response.members)
                }
            }
        )*
    };
}

lists! {
    member_list_response -> MemberListResponse, "The answer to the question for the members.";
    member_promote_response -> MemberPromoteResponse, "The answer to a promotion.";
    member_remove_response -> MemberRemoveResponse, "The answer to a removal.";
    member_update_response -> MemberUpdateResponse, "The answer to a change.";
}
