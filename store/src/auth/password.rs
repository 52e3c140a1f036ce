//! The salted hash of a password.

use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// A salted hash: one round of HMAC-SHA-256 with the salt as its key.
///
/// This is a cheap hash, for a simulated store: an attacker that finds one in a log can try many passwords a second.
/// etcd uses bcrypt, which is slow on purpose. A store of real passwords has to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PasswordHash {
    salt: [u8; 16],
    hash: [u8; 32],
}

fn mac(password: &str, salt: &[u8; 16]) -> Hmac<Sha256> {
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(salt).expect("a key of any length will do");
    mac.update(password.as_bytes());
    mac
}

impl PasswordHash {
    pub fn new(password: &str, salt: [u8; 16]) -> PasswordHash {
        PasswordHash { salt, hash: mac(password, &salt).finalize().into_bytes().into() }
    }

    /// Returns true if it is the hash of this password. Takes as long for each.
    pub fn is_of(&self, password: &str) -> bool {
        mac(password, &self.salt).verify_slice(&self.hash).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_password_fits_and_the_same_one_looks_different_for_everybody() {
        let hash = PasswordHash::new("secret", [1; 16]);
        assert!(hash.is_of("secret"));
        assert!(!hash.is_of("Secret") && !hash.is_of("") && !hash.is_of("secret\0"));
        assert_ne!(hash.hash, PasswordHash::new("secret", [2; 16]).hash);
    }
}
