//! True if a history begins with its store.
//!
//! A recording may begin in the middle: the store had keys, leases, users and compactions by then, requests were under
//! way, and nothing in the history tells of them.

use super::{History, Operation};
use crate::history::modified;

impl History {
    /// True if nothing was done to the store before the first thing that is recorded: because the recorder says so, or
    /// because an answer shows it. Only the first write that a store ever saw is answered with revision 2, and what is
    /// answered with revision 1, not from a member's own state that may be old, finds a store without a write.
    ///
    /// A store without a write may have leases and users all the same, and writes may be under way. That a recording
    /// leaves out those and nothing else is not expected.
    pub(crate) fn begins_with_store(&self) -> bool {
        self.is_of_new_store || self.operations.iter().any(is_of_the_beginning)
    }
}

fn is_of_the_beginning(operation: &Operation) -> bool {
    if operation.request.is_serializable() || !operation.request.is_of_keys() {
        return false;
    }
    operation.response().is_some_and(|response| match response.header().revision {
        1 => !modified(response),
        2 => modified(response),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use crate::history::build::*;
    use crate::history::{Request, Response};

    fn begins(request: Request, response: Response) -> bool {
        let mut h = Builder::in_the_middle();
        h.ok(0, put("z", "1"), written(7));
        h.ok(1, request, response);
        h.build().begins_with_store()
    }

    #[test]
    fn the_first_write_and_what_finds_none_show_it() {
        assert!(begins(put("a", "1"), written(2)));
        assert!(begins(get("a"), ranged(1, [])));
        assert!(begins(delete("a"), deleted(1, 0)));
        assert!(begins(txn([], [put("a", "1")], []), decided(2, true, [written(2)])));
    }

    #[test]
    fn nothing_else_does() {
        assert!(!begins(put("a", "1"), written(3)));
        assert!(!begins(get("a"), ranged(2, [])));
        assert!(!begins(serializable("a", ""), ranged(1, [])));
        assert!(!begins(grant(7, 60), granted(1, 7, 60)));
        assert!(!begins(put("a", "1"), written(1)));
        let mut h = Builder::in_the_middle();
        h.unknown(0, put("a", "1"));
        assert!(!h.build().begins_with_store());
        assert!(Builder::default().build().begins_with_store());
    }
}
