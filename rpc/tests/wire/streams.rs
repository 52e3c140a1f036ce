//! Messages of watch streams.

use proptest::prelude::*;
use revline_rpc::proto::etcdserverpb;

use crate::{cases, cross, draw};

proptest! {
    #![proptest_config(cases(5_000))]

    #[test]
    fn a_watch_request_arrives_as_it_was_made(request in draw::watch_request()) {
        prop_assert_eq!(cross::<etcdserverpb::WatchRequest, _>(request.clone()), request);
    }

    #[test]
    fn a_watch_response_arrives_as_it_was_given(response in draw::watch_response()) {
        prop_assert_eq!(cross::<etcdserverpb::WatchResponse, _>(response.clone()), response);
    }
}
