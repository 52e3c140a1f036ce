//! The permissions of users over time, read from the answers to the requests that changed them.
//!
//! A change stands between two revisions of the keys, that of its answer and the next. A request whose outcome nobody
//! knows may have changed something at any later time, or never. So of each single fact (this user has that role, that
//! role may read those keys) it is asked whether it can have been so at some moment, and whether it must have been.
//!
//! | file | what |
//! | --- | --- |
//! | `fact` | what is so or not, and which requests change it |
//! | `changes` | when it can have been so |
//! | `keys` | whether what is permitted covers what is needed |
//! | `needs` | what requests need |

mod changes;
mod fact;
mod keys;
mod needs;

pub(super) use changes::{Changes, Sure, When};
pub(super) use fact::ROOT;
pub(super) use needs::{Need, Wants, asked, leases, needs_of, shown_or_done};
