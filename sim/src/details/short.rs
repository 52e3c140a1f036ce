//! Values of a length that fits on a line.

use revline_checker::bytes::Bytes;
use revline_checker::history::{
    CompareTarget, ElectionRequest, ElectionResponse, Event, KeyValue, Request, Response, WatchFrame,
};

/// The most bytes of a value.
const MOST_BYTES: usize = 48;

/// A request or an answer with values that can be shortened.
pub(super) trait Short: Clone {
    /// Shortens every value.
    fn shorten(&mut self);

    /// The same with short values.
    fn short(&self) -> Self {
        let mut short = self.clone();
        short.shorten();
        short
    }
}

impl Short for Bytes {
    fn shorten(&mut self) {
        let bytes = self.as_slice();
        if bytes.len() > MOST_BYTES {
            let most = match self.as_str() {
                Some(text) => text.floor_char_boundary(MOST_BYTES),
                None => MOST_BYTES,
            };
            let begin = Bytes::from(&bytes[..most]);
            *self = Bytes::from(format!("{begin}... ({} B)", bytes.len()));
        }
    }
}

impl<T: Short> Short for Vec<T> {
    fn shorten(&mut self) {
        self.iter_mut().for_each(Short::shorten);
    }
}

impl<T: Short> Short for Option<T> {
    fn shorten(&mut self) {
        self.iter_mut().for_each(Short::shorten);
    }
}

impl Short for KeyValue {
    fn shorten(&mut self) {
        self.value.shorten();
    }
}

impl Short for Event {
    fn shorten(&mut self) {
        self.kv.shorten();
        self.prev_kv.shorten();
    }
}

impl Short for WatchFrame {
    fn shorten(&mut self) {
        self.events.shorten();
    }
}

impl Short for Request {
    fn shorten(&mut self) {
        match self {
            Request::Put(put) => put.value.shorten(),
            Request::Txn(txn) => {
                for compare in &mut txn.compare {
                    if let CompareTarget::Value(value) = &mut compare.target {
                        value.shorten();
                    }
                }
                txn.success.shorten();
                txn.failure.shorten();
            }
            Request::Election(
                ElectionRequest::Campaign { value, .. } | ElectionRequest::Proclaim { value, .. },
            ) => value.shorten(),
            Request::Range(_)
            | Request::Delete(_)
            | Request::Compact(_)
            | Request::Lease(_)
            | Request::Lock(_)
            | Request::Election(_)
            | Request::Auth(_) => {}
        }
    }
}

impl Short for Response {
    fn shorten(&mut self) {
        match self {
            Response::Range(range) => range.kvs.shorten(),
            Response::Put(put) => put.prev_kv.shorten(),
            Response::Delete(delete) => delete.prev_kvs.shorten(),
            Response::Txn(txn) => txn.responses.shorten(),
            Response::Election(ElectionResponse::Leader { kv, .. }) => kv.shorten(),
            Response::Compact(_)
            | Response::Lease(_)
            | Response::Lock(_)
            | Response::Election(_)
            | Response::Auth(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_value_says_how_long_it_was() {
        let short = Bytes::from("ä".repeat(100)).short();
        assert_eq!(short.to_string(), format!("{}... (200 B)", "ä".repeat(24)));
        let binary = Bytes::from(vec![0xff; 49]).short();
        assert_eq!(binary.to_string(), format!("{}... (49 B)", "\\xff".repeat(48)));
        assert_eq!(Bytes::from("v").short(), Bytes::from("v"));
    }
}
