//! The cluster API in the words of an operator. What it does is no operation on keys, and so none of the history;
//! the trace has it.

use super::manner::Manner;
use super::{CallError, Client};
use revline_store::api::{
    ClusterRequest, ClusterResponse, MemberAddRequest, MemberListRequest, MemberPromoteRequest,
    MemberRemoveRequest, MemberUpdateRequest,
};
use revline_store::machine::{Call, MemberId, Reply};

impl Client {
    /// Adds a member, which has to be started then ([`crate::World::start_added`]). No id is used twice.
    pub async fn member_add(
        &self,
        id: MemberId,
        name: &str,
        is_learner: bool,
    ) -> Result<ClusterResponse, CallError> {
        let add = MemberAddRequest { id, name: name.to_owned(), is_learner };
        self.cluster(ClusterRequest::Add(add)).await
    }

    /// Gives a learner a vote.
    pub async fn member_promote(&self, id: MemberId) -> Result<ClusterResponse, CallError> {
        self.cluster(ClusterRequest::Promote(MemberPromoteRequest { id })).await
    }

    /// Removes a member, for ever.
    pub async fn member_remove(&self, id: MemberId) -> Result<ClusterResponse, CallError> {
        self.cluster(ClusterRequest::Remove(MemberRemoveRequest { id })).await
    }

    /// Gives a member another name.
    pub async fn member_update(&self, id: MemberId, name: &str) -> Result<ClusterResponse, CallError> {
        self.cluster(ClusterRequest::Update(MemberUpdateRequest { id, name: name.to_owned() })).await
    }

    /// The members; if `linearizable`, with every change that was answered before.
    pub async fn member_list(&self, linearizable: bool) -> Result<ClusterResponse, CallError> {
        self.cluster(ClusterRequest::List(MemberListRequest { linearizable })).await
    }

    async fn cluster(&self, request: ClusterRequest) -> Result<ClusterResponse, CallError> {
        match self.ask(Call::Cluster(request), Manner::default()).await? {
            Reply::Cluster(response) => Ok(response),
            other => unreachable!("the answer to another kind of call: {other:?}"),
        }
    }
}
