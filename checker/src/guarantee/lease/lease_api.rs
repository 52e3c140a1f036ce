//! `lease-api`: grant, revoke, keepalive, time-to-live, the list of leases, and every request that needs a lease answer
//! as a sequential lessor would. A lease is there from its grant until it is revoked or runs out.
//!
//! etcd: `server/lease/lessor.go` (`Grant`, `Revoke`, `Renew`, `Attach`), `server/etcdserver/v3_server.go` and
//! `server/etcdserver/api/v3rpc/lease.go`, which turns a missing lease into a TTL of 0 or -1.
//!
//! Nothing here rests on who made a revision. One operation comes before another if it was answered before the other was
//! asked, or if the revisions of both answers say so. A call of unknown outcome may take effect at any time after it was
//! asked, or never. A lease may run out by itself at any time at which nothing shows that it was kept alive.

mod answers;
#[cfg(test)]
mod by_hand;
mod keys;
mod lessor;
mod listed;
mod remaining;
mod statement;

use crate::evidence::Evidence;
use crate::guarantee::{Case, Guarantee};
use crate::verdict::Verdict;

/// The row of this guarantee in the table.
pub(in crate::guarantee) const GUARANTEE: Guarantee = Guarantee {
    name: "lease-api",
    about: "grant, revoke, keepalive, time-to-live and every request with a lease answer as a sequential lessor would",
    check,
};
pub(in crate::guarantee) use lessor::Lessor;

/// Examines every answer and refusal that says something of a lease.
pub(in crate::guarantee) fn check(case: &Case<'_>) -> Verdict {
    let lessor = Lessor::of(case.history);
    let examined = lessor.examined();
    if examined == 0 {
        return Verdict::Vacuous;
    }
    let checks: [fn(&Case<'_>, &Lessor<'_>) -> Option<Evidence>; 5] =
        [answers::check, lessor::check, remaining::check, keys::check, listed::check];
    Verdict::of(examined, checks.iter().find_map(|check| check(case, &lessor)))
}
