//! Users, roles, and the switch of auth: the replicated and saved data (etcd: `server/auth/store.go`).

use super::actor::{Actor, AuthInfo};
use super::password::PasswordHash;
use super::permissions::{PermissionCache, UserPermissions};
use crate::api::{Permission, PermissionType};
use crate::bytes::Bytes;
use crate::defect::{Defects, altered};
use crate::error::Error;
use crate::key_range::KeyRange;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_64;

/// The user and the role that may do everything.
pub(super) const ROOT: &str = "root";

/// The saved data. Equal on members that applied the same entries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AuthData {
    pub enabled: bool,
    /// Goes up with every change but the one that turns auth on.
    pub revision: u64,
    pub users: BTreeMap<String, User>,
    pub roles: BTreeMap<String, Role>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct User {
    /// None: it can never authenticate with one.
    pub password: Option<PasswordHash>,
    pub roles: BTreeSet<String>,
}

impl User {
    pub fn is_root(&self) -> bool {
        self.roles.contains(ROOT)
    }
}

/// The permissions of a role, in the order of their keys; those of one key in the order in which they were granted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Role {
    permissions: Vec<Permission>,
}

impl Role {
    pub fn permissions(&self) -> impl Iterator<Item = Permission> {
        self.permissions.iter().cloned()
    }

    /// Grants a permission. It replaces the role's permission for the same range, but, as in etcd, only if that was
    /// granted before all others of its key: otherwise both count (`RoleGrantPermission`).
    pub fn grant(&mut self, permission: Permission) {
        let first = self.permissions.partition_point(|granted| granted.key < permission.key);
        match self.permissions.get_mut(first).filter(|granted| is_of_range(granted, &permission)) {
            Some(granted) => granted.perm_type = permission.perm_type,
            None => {
                let after = self.permissions.partition_point(|granted| granted.key <= permission.key);
                self.permissions.insert(after, permission);
            }
        }
    }

    /// Takes away the role's permission for exactly this range; false if there is none.
    pub fn revoke(&mut self, key: &Bytes, range_end: &Bytes) -> bool {
        let before = self.permissions.len();
        self.permissions.retain(|granted| (&granted.key, &granted.range_end) != (key, range_end));
        self.permissions.len() < before
    }
}

fn is_of_range(one: &Permission, other: &Permission) -> bool {
    (&one.key, &one.range_end) == (&other.key, &other.range_end)
}

/// Users and roles, and the permission cache computed from them.
#[derive(Debug)]
pub struct AuthStore {
    pub(super) data: AuthData,
    cache: PermissionCache,
    defects: Defects,
}

impl AuthStore {
    /// A store without users and roles, off, at auth revision 1.
    pub fn new(defects: Defects) -> AuthStore {
        let (users, roles) = (BTreeMap::new(), BTreeMap::new());
        let data = AuthData { enabled: false, revision: 1, users, roles };
        AuthStore { data, cache: PermissionCache::default(), defects }
    }

    /// The store of saved data. `before` is the cache of the member that goes on with it; an empty one after a
    /// restart.
    pub(crate) fn restore(data: AuthData, before: PermissionCache, defects: Defects) -> AuthStore {
        let mut auth = AuthStore { data, cache: before, defects };
        if !altered!(defects, permissions_not_rebuilt) {
            auth.rebuild();
        }
        auth
    }

    /// The data to save.
    pub(crate) fn data(&self) -> &AuthData {
        &self.data
    }

    /// Returns true if every request needs an authenticated user.
    pub fn is_enabled(&self) -> bool {
        self.data.enabled
    }

    /// The auth revision.
    pub fn revision(&self) -> u64 {
        self.data.revision
    }

    /// A hash of all users and roles, and of the permission cache: equal on members that applied the same entries.
    pub fn hash(&self) -> u64 {
        let bytes = postcard::to_stdvec(&(&self.data, &self.cache)).expect("users are always encodable");
        xxh3_64(&bytes)
    }

    pub(crate) fn take_cache(&mut self) -> PermissionCache {
        std::mem::take(&mut self.cache)
    }

    /// Makes the permissions of all users anew.
    pub(super) fn rebuild(&mut self) {
        let AuthData { users, roles, .. } = &self.data;
        let permissions = |user: &User| {
            let roles = user.roles.iter().filter_map(|role| roles.get(role));
            UserPermissions::of(roles.flat_map(Role::permissions))
        };
        let all = users.iter().map(|(name, user)| (name.clone(), permissions(user)));
        self.cache = PermissionCache(all.collect());
    }

    /// Checks a password. Gives the auth revision at which it is right.
    pub(crate) fn check_password(&self, name: &str, password: &str) -> Result<u64, Error> {
        if !self.data.enabled {
            return Err(Error::AuthNotEnabled);
        }
        let user = self.data.users.get(name).ok_or(Error::AuthFailed)?;
        let hash = user.password.as_ref().ok_or(Error::NoPasswordUser)?;
        if hash.is_of(password) { Ok(self.data.revision) } else { Err(Error::AuthFailed) }
    }

    /// Returns true if there is such a user, and it can have a password.
    pub(crate) fn has_password(&self, name: &str) -> bool {
        self.data.users.get(name).is_some_and(|user| user.password.is_some())
    }

    /// A user as of now.
    pub(crate) fn now(&self, user: &Arc<str>) -> Actor {
        Actor::User(AuthInfo { user: user.clone(), revision: self.data.revision })
    }

    /// Checks that the actor may do this to all keys of a range.
    pub(crate) fn permit_range(
        &self,
        actor: &Actor,
        wanted: PermissionType,
        key: &Bytes,
        range_end: &Bytes,
    ) -> Result<(), Error> {
        if !self.data.enabled {
            return Ok(());
        }
        let info = match actor {
            Actor::Member => return Ok(()),
            Actor::Nobody => return Err(Error::UserEmpty),
            Actor::User(info) => info,
        };
        if info.revision < self.data.revision {
            return Err(Error::AuthOldRevision);
        }
        let user = self.data.users.get(&*info.user).ok_or(Error::PermissionDenied)?;
        if user.is_root() {
            return Ok(());
        }
        let permissions = self.cache.0.get(&*info.user).ok_or(Error::PermissionDenied)?;
        // Read before the check: the end `"\0"` means that there is none.
        let range = altered!(
            self.defects,
            open_ended_range_permission::range_to_check(key, range_end),
            KeyRange::new(key, range_end)
        );
        if permissions.allow(wanted, &range) { Ok(()) } else { Err(Error::PermissionDenied) }
    }

    /// Checks that the actor is an administrator: has the role `root`.
    pub(crate) fn permit_admin(&self, actor: &Actor) -> Result<(), Error> {
        if !self.data.enabled {
            return Ok(());
        }
        match actor {
            Actor::Member => Ok(()),
            Actor::Nobody => Err(Error::UserEmpty),
            Actor::User(info) => {
                let user = self.data.users.get(&*info.user).ok_or(Error::UserNotFound)?;
                if user.is_root() { Ok(()) } else { Err(Error::PermissionDenied) }
            }
        }
    }

    /// Checks that the actor is an authenticated user.
    pub(crate) fn permit_known(&self, actor: &Actor) -> Result<(), Error> {
        if self.data.enabled && *actor == Actor::Nobody { Err(Error::UserEmpty) } else { Ok(()) }
    }
}
