//! The place of a client in a world, and its name.

use crate::prefix::Prefix;
use revline_store::machine::MemberId;

/// A client: its name, and what it may use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientPlace {
    /// Its name. Its links and its random numbers are derived from the seed and this; of several with
    /// one name the later ones get a number.
    pub name: String,
    /// The members or proxies it uses; if there are none, the members at the time it connects.
    pub endpoints: Vec<MemberId>,
    /// The endpoint with which it begins, counted from 0 and around; by default its name decides.
    pub first: Option<usize>,
    /// The prefix that it puts before every key, and takes off again. Default none.
    pub namespace: Prefix,
}
