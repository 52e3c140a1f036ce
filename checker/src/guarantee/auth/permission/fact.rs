//! Authorization facts, and the requests that change them.

use crate::history::{AuthRequest, Permission};

/// The role that may do everything, whether it was made or not (etcd: `rootRole` in `server/auth/store.go`).
pub(in crate::guarantee) const ROOT: &str = "root";

/// Something that is so or not.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fact<'h> {
    /// Authentication is disabled: every request is permitted.
    Disabled,
    /// A user has a role.
    Has(&'h str, &'h str),
    /// A role may do something.
    May(&'h str, &'h Permission),
}

impl Fact<'_> {
    /// True if it is so in a new store.
    pub(super) fn is_so_at_first(self) -> bool {
        matches!(self, Fact::Disabled)
    }

    /// True if it is so once a request has taken effect; `None` where the request has no part in it.
    pub(super) fn after(self, request: &AuthRequest) -> Option<bool> {
        match (self, request) {
            (Fact::Disabled, AuthRequest::Enable) => Some(false),
            (Fact::Disabled, AuthRequest::Disable) => Some(true),
            (Fact::Has(of, having), AuthRequest::UserGrantRole { user, role }) => {
                (of == user && having == role).then_some(true)
            }
            (Fact::Has(of, having), AuthRequest::UserRevokeRole { name, role }) => {
                (of == name && having == role).then_some(false)
            }
            (Fact::Has(of, _), AuthRequest::UserDelete { name }) => (of == name).then_some(false),
            (Fact::Has(_, gone) | Fact::May(gone, _), AuthRequest::RoleDelete { role }) => {
                (gone == role).then_some(false)
            }
            (Fact::May(of, what), AuthRequest::RoleGrantPermission { name, perm }) => {
                let is_of = of == name && (&what.key, &what.range_end) == (&perm.key, &perm.range_end);
                // It replaces what there was for these keys.
                is_of.then_some(what.perm_type == perm.perm_type)
            }
            (Fact::May(of, what), AuthRequest::RoleRevokePermission { role, key, range_end }) => {
                (of == role && (&what.key, &what.range_end) == (key, range_end)).then_some(false)
            }
            _ => None,
        }
    }
}
