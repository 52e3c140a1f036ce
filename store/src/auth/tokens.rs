//! The tokens of a member, of the kind that is configured.

use super::actor::AuthInfo;
use super::config::{AuthConfig, TokenKind};
use super::jwt::JwtSigner;
use super::simple_tokens::SimpleTokens;
use crate::api::Token;
use crate::machine::Time;

/// The time, as tokens know it: what one member measures by itself is monotonic, what members have to agree on is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TokenTime {
    /// By the clock that measures how long a simple token was not used.
    pub monotonic: Time,
    /// By the wall clock, in whole seconds: a signed token says when it ends.
    pub wall_s: u64,
}

#[derive(Debug)]
pub(crate) enum Tokens {
    Simple(SimpleTokens),
    Jwt(JwtSigner),
}

impl Tokens {
    pub fn new(config: &AuthConfig) -> Tokens {
        match &config.token {
            TokenKind::Simple { ttl_s } => Tokens::Simple(SimpleTokens::new(*ttl_s)),
            TokenKind::Jwt { key, ttl_s } => Tokens::Jwt(JwtSigner::new(key, *ttl_s)),
        }
    }

    /// A token for a user that authenticated with the entry at `index`, at this auth revision.
    pub fn assign(&mut self, user: &str, prefix: &str, index: u64, revision: u64, now: TokenTime) -> Token {
        match self {
            Tokens::Simple(tokens) => tokens.assign(user, prefix, index, now.monotonic),
            Tokens::Jwt(signer) => signer.sign(user, revision, now.wall_s),
        }
    }

    /// The user of this token. One that carries no auth revision is good for the current one.
    pub fn recognise(&mut self, token: &Token, revision: u64, now: TokenTime) -> Option<AuthInfo> {
        match self {
            Tokens::Simple(tokens) => {
                let user = tokens.user(token, now.monotonic)?;
                Some(AuthInfo { user, revision })
            }
            Tokens::Jwt(signer) => signer.verify(token, now.wall_s),
        }
    }

    /// The entry that has to be applied before this token can be known here.
    pub fn known_from(&self, token: &Token) -> Option<u64> {
        match self {
            Tokens::Simple(_) => SimpleTokens::made_at(token),
            Tokens::Jwt(_) => None,
        }
    }

    /// Invalidates the tokens of a user. A signed token cannot be taken back: it is old by now.
    pub fn invalidate(&mut self, user: &str) {
        if let Tokens::Simple(tokens) = self {
            tokens.invalidate(user);
        }
    }

    /// Invalidates all tokens.
    pub fn clear(&mut self) {
        if let Tokens::Simple(tokens) = self {
            tokens.clear();
        }
    }
}
