//! The metadata of a call: the caller's token, and the need of a leader (etcd: `api/v3rpc/rpctypes/metadatafields.go` and
//! `md.go`).

use revline_store::api::Token;
use tonic::metadata::errors::InvalidMetadataValue;
use tonic::metadata::{MetadataMap, MetadataValue};

/// The key of the token, as clients send it (`TokenFieldNameGRPC`).
const TOKEN: &str = "token";
/// The key of the token, as etcd's HTTP gateway sends it (`TokenFieldNameSwagger`). Read where [`TOKEN`] is missing.
const AUTHORIZATION: &str = "authorization";
/// The scheme that may stand before a token (`server/auth/store.go`, `AuthInfoFromCtx`).
const SCHEME: &str = "Bearer ";
/// The key of the need of a leader (`MetadataRequireLeaderKey`).
const HAS_LEADER: &str = "hasleader";
/// Its one value that counts (`MetadataHasLeader`).
const TRUE: &str = "true";

/// The metadata of a call that its server reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallMetadata {
    /// The caller's token.
    pub token: Option<Token>,
    /// The call is to fail when its member knows no leader.
    pub requires_leader: bool,
}

impl CallMetadata {
    /// Reads them.
    pub fn of(metadata: &MetadataMap) -> CallMetadata {
        CallMetadata { token: token(metadata), requires_leader: requires_leader(metadata) }
    }
}

/// Reads the token of a call: the first of its values, as in etcd. One that is no text is no token of any user either.
pub fn token(metadata: &MetadataMap) -> Option<Token> {
    let value = metadata.get(TOKEN).or_else(|| metadata.get(AUTHORIZATION))?;
    let text = String::from_utf8_lossy(value.as_bytes());
    Some(Token(text.strip_prefix(SCHEME).unwrap_or(&text).into()))
}

/// Gives a call a token, in place of any other.
pub fn set_token(metadata: &mut MetadataMap, token: &Token) -> Result<(), InvalidMetadataValue> {
    metadata.insert(TOKEN, MetadataValue::try_from(&*token.0)?);
    Ok(())
}

/// Returns true if a call is to fail when its member knows no leader.
pub fn requires_leader(metadata: &MetadataMap) -> bool {
    metadata.get(HAS_LEADER).is_some_and(|value| value.as_bytes() == TRUE.as_bytes())
}

/// Lets a call fail when its member knows no leader (etcd: `client/v3/ctx.go`, `WithRequireLeader`).
pub fn require_leader(metadata: &mut MetadataMap) {
    metadata.insert(HAS_LEADER, MetadataValue::from_static(TRUE));
}
