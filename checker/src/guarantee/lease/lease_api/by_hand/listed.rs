//! Lists of leases that a member can give, and others.

use super::*;

#[test]
fn rejects_a_list_that_its_member_cannot_give() {
    let of = |member: u64, mut response: Response| {
        if let Response::Lease(
            LeaseResponse::Grant { header, .. }
            | LeaseResponse::Revoke { header }
            | LeaseResponse::Leases { header, .. },
        ) = &mut response
        {
            header.member = MemberId(member);
        }
        response
    };
    let list = |member: u64, revoked_by: Option<u64>, ids: &[i64]| {
        judged(check, |h| {
            at(h, 0, 1, 2, grant(7, 60), of(1, granted(1, 7, 60)));
            if let Some(by) = revoked_by {
                at(h, 0, 3, 4, revoke(7), of(by, revoked(1)));
            }
            at(h, 0, 5, 6, leases(), of(member, listed(1, ids)));
        })
    };
    let found = |verdict: Verdict| verdict.evidence().map(|evidence| evidence.kind.clone());
    assert_eq!(found(list(1, None, &[7])), None);
    assert_eq!(found(list(2, None, &[])), None);
    assert_eq!(found(list(1, None, &[])).as_deref(), Some("missing-lease"));
    assert_eq!(found(list(1, Some(2), &[7])), None);
    assert_eq!(found(list(1, Some(1), &[7])).as_deref(), Some("listed-after-revoke"));
    assert_eq!(found(list(1, None, &[7, 8])).as_deref(), Some("listed-ungranted"));
}
