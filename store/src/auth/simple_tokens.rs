//! Simple tokens: names that every member remembers (etcd: `server/auth/simple_token.go`).
//!
//! A token is made when the entry that asks for it is applied, on every member the same. How long it lives, each
//! member decides by its own clock and by when it was used there. It is in no snapshot: a member that was restored
//! from one does not know it, and its user has to authenticate again.

use crate::api::Token;
use crate::machine::Time;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

#[derive(Debug)]
pub(crate) struct SimpleTokens {
    ttl: Duration,
    tokens: BTreeMap<Token, Known>,
}

#[derive(Debug)]
struct Known {
    user: Arc<str>,
    ends_at: Time,
}

impl SimpleTokens {
    pub fn new(ttl_s: u64) -> SimpleTokens {
        SimpleTokens { ttl: Duration::from_secs(ttl_s), tokens: BTreeMap::new() }
    }

    /// The token that the entry at `index` makes. Others that ended are forgotten.
    pub fn assign(&mut self, user: &str, prefix: &str, index: u64, now: Time) -> Token {
        self.tokens.retain(|_, known| now < known.ends_at);
        let token = Token(format!("{prefix}.{index}").into());
        self.tokens.insert(token.clone(), Known { user: user.into(), ends_at: now + self.ttl });
        token
    }

    /// The user of a token, which lives on from now.
    pub fn user(&mut self, token: &Token, now: Time) -> Option<Arc<str>> {
        let known = self.tokens.get_mut(token).filter(|known| now < known.ends_at)?;
        known.ends_at = now + self.ttl;
        Some(known.user.clone())
    }

    /// The entry that makes a token of this form.
    pub fn made_at(token: &Token) -> Option<u64> {
        let (_, index) = token.0.split_once('.')?;
        index.parse().ok()
    }

    pub fn invalidate(&mut self, user: &str) {
        self.tokens.retain(|_, known| *known.user != *user);
    }

    pub fn clear(&mut self) {
        self.tokens.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_lives_on_while_it_is_used() {
        let at = |s: u64| Time::from_millis(s * 1000);
        let mut tokens = SimpleTokens::new(300);
        let token = tokens.assign("ann", "prefix", 7, at(0));
        assert_eq!(&*token.0, "prefix.7");
        assert_eq!(SimpleTokens::made_at(&token), Some(7));
        assert_eq!(tokens.user(&token, at(299)).as_deref(), Some("ann"));
        assert_eq!(tokens.user(&token, at(598)).as_deref(), Some("ann"));
        assert_eq!(tokens.user(&token, at(898)), None);
        tokens.assign("bob", "prefix", 8, at(898));
        assert_eq!(tokens.tokens.len(), 1, "the other one is forgotten");
        tokens.invalidate("bob");
        assert!(tokens.tokens.is_empty());
    }
}
