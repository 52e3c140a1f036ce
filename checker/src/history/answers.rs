//! The match of requests and responses by their kind.

use super::{
    AuthRequest, AuthResponse, ElectionRequest, ElectionResponse, LeaseRequest, LeaseResponse, LockRequest,
    LockResponse, Request, Response,
};

/// Compares the variants of a request and a response.
macro_rules! are_alike {
    ($request:expr, $response:expr, $requests:ident, $responses:ident: $($variant:ident),+ $(,)?) => {
        match ($request, $response) {
            $(($requests::$variant { .. }, $responses::$variant { .. }) => true,)+
            _ => false,
        }
    };
}

impl Request {
    /// True if a response answers a request of this kind; of a txn, whatever it holds.
    pub(crate) fn is_answered_by(&self, response: &Response) -> bool {
        match (self, response) {
            (Request::Range(_), Response::Range(_))
            | (Request::Put(_), Response::Put(_))
            | (Request::Delete(_), Response::Delete(_))
            | (Request::Txn(_), Response::Txn(_))
            | (Request::Compact(_), Response::Compact(_)) => true,
            (Request::Lease(request), Response::Lease(response)) => are_alike!(
                request, response, LeaseRequest, LeaseResponse: Grant, Revoke, KeepAlive, TimeToLive, Leases
            ),
            (Request::Lock(request), Response::Lock(response)) => {
                are_alike!(request, response, LockRequest, LockResponse: Lock, Unlock)
            }
            (Request::Election(request), Response::Election(response)) => are_alike!(
                request, response, ElectionRequest, ElectionResponse: Campaign, Proclaim, Leader, Resign
            ),
            (Request::Auth(request), Response::Auth(response)) => are_alike!(
                request, response, AuthRequest, AuthResponse:
                Enable, Disable, Status, Authenticate, UserAdd, UserGet, UserList, UserDelete, UserChangePassword,
                UserGrantRole, UserRevokeRole, RoleAdd, RoleGet, RoleList, RoleDelete, RoleGrantPermission,
                RoleRevokePermission,
            ),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::history::build::*;

    #[test]
    fn a_response_is_of_the_kind_of_its_request() {
        let pairs = [
            (get("a"), ranged(1, [])),
            (put("a", "1"), written(2)),
            (delete("a"), deleted(2, 1)),
            (txn([], [], []), decided(1, true, [])),
            (compact(1), compaction(1)),
            (grant(7, 60), granted(1, 7, 60)),
            (revoke(7), revoked(1)),
            (keep_alive(7), kept_alive(1, 7, 60)),
            (time_to_live(7), lives(1, 7, 60, 60, &[])),
            (leases(), listed(1, &[7])),
            (lock("l", 7), locked(2, "l/7")),
            (unlock("l/7"), unlocked(3)),
            (campaign("e", 7, "v"), elected(2, leader_key("e", 7, 2))),
            (proclaim(leader_key("e", 7, 2), "w"), proclaimed(3)),
            (leader("e"), led(3, kv("e/7", "w", 2, 3, 2))),
            (resign(leader_key("e", 7, 2)), resigned(4)),
        ];
        for (at, (request, _)) in pairs.iter().enumerate() {
            for (of, (_, response)) in pairs.iter().enumerate() {
                assert_eq!(request.is_answered_by(response), at == of, "{request:?} {response:?}");
            }
        }
    }
}
