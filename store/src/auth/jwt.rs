//! JSON Web Tokens: a user and an auth revision, signed (etcd: `server/auth/jwt.go`).

use super::actor::AuthInfo;
use crate::api::Token;
use hmac::{Hmac, Mac};
use jwt::{SignWithKey, VerifyWithKey};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// Signs with HS256 and a key that all members know.
#[derive(Debug)]
pub(crate) struct JwtSigner {
    key: Hmac<Sha256>,
    ttl_s: u64,
}

/// etcd's names.
#[derive(Serialize, Deserialize)]
struct Claims {
    username: String,
    revision: u64,
    /// In whole seconds of the signing member's wall clock: the other members compare it with theirs.
    exp: u64,
}

impl JwtSigner {
    pub fn new(key: &str, ttl_s: u64) -> JwtSigner {
        let key = <Hmac<Sha256> as Mac>::new_from_slice(key.as_bytes());
        JwtSigner { key: key.expect("a key of any length will do"), ttl_s }
    }

    pub fn sign(&self, user: &str, revision: u64, now_s: u64) -> Token {
        let exp = now_s.saturating_add(self.ttl_s);
        let claims = Claims { username: user.to_owned(), revision, exp };
        let token = claims.sign_with_key(&self.key).expect("names and numbers are always encodable");
        Token(token.into())
    }

    /// The user and auth revision of a token, if it was signed with this key and has not expired.
    pub fn verify(&self, token: &Token, now_s: u64) -> Option<AuthInfo> {
        let claims: Claims = (*token.0).verify_with_key(&self.key).ok()?;
        let valid = now_s < claims.exp;
        valid.then(|| AuthInfo { user: claims.username.into(), revision: claims.revision })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_says_who_until_it_ends_and_only_with_its_key() {
        let signer = JwtSigner::new("key", 60);
        let token = signer.sign("ann", 7, 5);
        let info = AuthInfo { user: "ann".into(), revision: 7 };
        assert_eq!(signer.verify(&token, 64), Some(info));
        assert_eq!(signer.verify(&token, 65), None);
        assert_eq!(JwtSigner::new("other", 60).verify(&token, 0), None);
        let mut forged: Vec<&str> = token.0.split('.').collect();
        // {"alg":"none"}
        forged[0] = "eyJhbGciOiJub25lIn0";
        assert_eq!(signer.verify(&Token(forged.join(".").into()), 0), None);
        assert_eq!(signer.verify(&Token("x.7".into()), 0), None);
    }
}
