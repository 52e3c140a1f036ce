//! The kind of token with which users authenticate.

use serde::{Deserialize, Serialize};

/// The configuration of auth, the same on every member (`--auth-token`, `--auth-token-ttl`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthConfig {
    /// The kind of tokens. Default [`TokenKind::Simple`] with a TTL of 300 s.
    pub token: TokenKind,
}

/// A kind of token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TokenKind {
    /// A name that every member remembers, with the user it stands for.
    Simple {
        /// So long after its last use a member forgets it, in seconds of its own clock. Default 300.
        ttl_s: u64,
    },
    /// A signed statement (JSON Web Token, HS256): a user, at an auth revision. No member stores it, and any change
    /// of auth makes it old.
    Jwt {
        /// The key of the signature.
        key: String,
        /// The time it is valid, in seconds. It carries its end by the clock of the member that signed it, and
        /// others go by theirs, as in etcd: clocks that differ by more see it end early or late. etcd's default is
        /// 300.
        ttl_s: u64,
    },
}

impl Default for TokenKind {
    fn default() -> TokenKind {
        TokenKind::Simple { ttl_s: 300 }
    }
}
