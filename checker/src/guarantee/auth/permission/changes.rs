//! The intervals in which an authorization fact may have held.

use super::fact::{Fact, ROOT};
use super::keys::{cover, interval};
use super::needs::{Need, Wants};
use crate::history::{AuthRequest, History, Outcome, Permission, PermissionType, Request, Revision};
use std::collections::{BTreeMap, BTreeSet};

/// One request that changed who may do what, or may have.
#[derive(Clone, Copy, Debug)]
struct Change<'h> {
    operation: usize,
    request: &'h AuthRequest,
    invoke_ns: u64,
    /// The time of the answer, with the revision of the keys then; `None` for an unknown outcome.
    answered: Option<(u64, Revision)>,
}

/// The moments at which a request or an event can have been looked at.
#[derive(Clone, Copy, Debug)]
pub(in crate::guarantee) struct When {
    /// Answers before this time precede it; 0 where real time says nothing.
    pub(in crate::guarantee) from_ns: u64,
    /// Answers with a lower revision precede it; 0 where the revision says nothing.
    pub(in crate::guarantee) revision: Revision,
    /// True if it takes both to know that a change had happened.
    pub(in crate::guarantee) needs_both: bool,
    /// Requests after this time follow it.
    pub(in crate::guarantee) until_ns: u64,
}

/// The certainty required of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::guarantee) enum Sure {
    /// It can be so.
    Possible,
    /// It cannot be otherwise.
    Certain,
}

/// Every change of who may do what.
#[derive(Debug, Default)]
pub(in crate::guarantee) struct Changes<'h> {
    changes: Vec<Change<'h>>,
    /// The roles that a user ever was to have.
    roles: BTreeMap<&'h str, BTreeSet<&'h str>>,
    /// The permissions ever requested for a role.
    permissions: BTreeMap<&'h str, BTreeSet<&'h Permission>>,
}

impl When {
    fn is_behind(&self, change: &Change<'_>) -> bool {
        change.answered.is_some_and(|(return_ns, revision)| {
            let (by_time, by_revision) = (return_ns < self.from_ns, revision < self.revision);
            if self.needs_both { by_time && by_revision } else { by_time || by_revision }
        })
    }

    fn is_ahead(&self, change: &Change<'_>) -> bool {
        change.invoke_ns > self.until_ns
    }
}

impl Change<'_> {
    /// True if it certainly took effect before another.
    fn is_before(&self, other: &Change<'_>) -> bool {
        self.answered.is_some_and(|(return_ns, revision)| {
            return_ns < other.invoke_ns || other.answered.is_some_and(|(_, other)| revision < other)
        })
    }
}

impl<'h> Changes<'h> {
    pub(in crate::guarantee) fn of(history: &'h History) -> Self {
        let mut changes = Changes::default();
        for (operation, asked) in history.operations.iter().enumerate() {
            let Request::Auth(request) = &asked.request else { continue };
            let answered = match &asked.outcome {
                Outcome::Failed(_) => continue,
                Outcome::Ok(response) => {
                    Some((asked.return_ns.unwrap_or(u64::MAX), response.header().revision))
                }
                Outcome::Unknown(_) => None,
            };
            match request {
                AuthRequest::UserGrantRole { user, role } => {
                    changes.roles.entry(user).or_default().insert(role);
                }
                AuthRequest::RoleGrantPermission { name, perm } => {
                    changes.permissions.entry(name).or_default().insert(perm);
                }
                _ => {}
            }
            if request.may_change() {
                let invoke_ns = asked.invoke_ns;
                changes.changes.push(Change { operation, request, invoke_ns, answered });
            }
        }
        changes
    }

    /// True if a request ever asked for permissions to count.
    pub(in crate::guarantee) fn ever_enabled(&self) -> bool {
        self.changes.iter().any(|change| matches!(change.request, AuthRequest::Enable))
    }

    /// True if nobody ever asked for a change, but to turn auth off, which may be off.
    pub(in crate::guarantee) fn are_none(&self) -> bool {
        self.changes.iter().all(|change| matches!(change.request, AuthRequest::Disable))
    }

    /// True if a user may do something.
    pub(in crate::guarantee) fn permit(
        &self,
        user: Option<&str>,
        need: &Need<'_>,
        when: &When,
        sure: Sure,
    ) -> bool {
        let Some(wanted) = interval(need.key, need.range_end) else {
            // There is nothing to see, and how that is refused is not said.
            return sure == Sure::Possible;
        };
        if self.is_free(user, when, sure) {
            return true;
        }
        let roles = user.and_then(|user| self.roles.get_key_value(user));
        let Some((user, roles)) = roles else { return false };
        let held = roles.iter().filter(|role| self.is(Fact::Has(user, role), when, sure));
        let of_roles = held.filter_map(|role| Some((*role, self.permissions.get(role)?)));
        let permitted = of_roles.flat_map(|(role, permissions)| {
            permissions.iter().filter(move |permission| {
                allows(permission.perm_type, need.wants) && self.is(Fact::May(role, permission), when, sure)
            })
        });
        cover(
            permitted.filter_map(|permission| interval(&permission.key, &permission.range_end)).collect(),
            wanted,
        )
    }

    /// True if auth may be disabled at some time of these.
    pub(in crate::guarantee) fn may_be_disabled(&self, when: &When) -> bool {
        self.is(Fact::Disabled, when, Sure::Possible)
    }

    /// True if a user may do anything: because auth is disabled, or as root.
    pub(in crate::guarantee) fn is_free(&self, user: Option<&str>, when: &When, sure: Sure) -> bool {
        let is_root = |user| self.is(Fact::Has(user, ROOT), when, sure);
        self.is(Fact::Disabled, when, sure) || user.is_some_and(is_root)
    }

    /// The last request before some moments that had to do with what a user may do.
    pub(in crate::guarantee) fn last_before(&self, user: Option<&str>, when: &When) -> Option<usize> {
        let roles = user.and_then(|user| self.roles.get(user));
        let has = |role: &str| roles.is_some_and(|roles| roles.contains(role));
        let concerns = |change: &&Change<'_>| match change.request {
            AuthRequest::Enable | AuthRequest::Disable => true,
            AuthRequest::UserDelete { name } => Some(name.as_str()) == user,
            AuthRequest::UserRevokeRole { name, role } => Some(name.as_str()) == user && has(role),
            AuthRequest::RoleDelete { role } | AuthRequest::RoleRevokePermission { role, .. } => has(role),
            AuthRequest::RoleGrantPermission { name, .. } => has(name),
            _ => false,
        };
        let behind = self.changes.iter().filter(|change| when.is_behind(change)).filter(concerns);
        behind.max_by_key(|change| change.answered).map(|change| change.operation)
    }

    fn is(&self, fact: Fact<'_>, when: &When, sure: Sure) -> bool {
        match sure {
            Sure::Possible => self.can_be(fact, when),
            Sure::Certain => self.must_be(fact, when),
        }
    }

    /// Those that make it so, or not so.
    fn those(&self, fact: Fact<'_>, so: bool) -> impl Iterator<Item = &Change<'h>> {
        self.changes.iter().filter(move |change| fact.after(change.request) == Some(so))
    }

    /// True if a permission that is granted takes the place of those that the role had for the same range. etcd looks
    /// only at the first permission of a key, so that a role may have two for one range where there are others of its
    /// key (`RoleGrantPermission` in `server/auth/store.go`).
    fn replaces(&self, change: &Change<'_>) -> bool {
        let AuthRequest::RoleGrantPermission { name, perm } = change.request else { return true };
        let of_role = self.permissions.get(name.as_str());
        let is_beside = |other: &&Permission| other.key == perm.key && other.range_end != perm.range_end;
        !of_role.is_some_and(|permissions| permissions.iter().any(is_beside))
    }

    /// True if it was made so at some time, and nothing that certainly came between then and now ended it.
    fn can_be(&self, fact: Fact<'_>, when: &When) -> bool {
        let ends = self.those(fact, false).filter(|end| self.replaces(end));
        let mut ends = ends.filter(|end| when.is_behind(end)).peekable();
        if ends.peek().is_none() && fact.is_so_at_first() {
            return true;
        }
        let ends: Vec<_> = ends.collect();
        let mut begins = self.those(fact, true).filter(|begin| !when.is_ahead(begin));
        begins.any(|begin| ends.iter().all(|end| !begin.is_before(end)))
    }

    /// True if it certainly was made so before, and nothing can have ended it since.
    fn must_be(&self, fact: Fact<'_>, when: &When) -> bool {
        let ends: Vec<_> = self.those(fact, false).filter(|end| !when.is_ahead(end)).collect();
        if ends.is_empty() && fact.is_so_at_first() {
            return true;
        }
        let mut begins = self.those(fact, true).filter(|begin| when.is_behind(begin));
        begins.any(|begin| ends.iter().all(|end| end.is_before(begin)))
    }
}

fn allows(permission: PermissionType, wants: Wants) -> bool {
    match permission {
        PermissionType::ReadWrite => true,
        PermissionType::Read => wants == Wants::Read,
        PermissionType::Write => wants == Wants::Write,
    }
}
