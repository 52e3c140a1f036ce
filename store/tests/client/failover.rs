//! Failover: one connection at a time, to one endpoint after the other.

use crate::driver::{Driver, answers, endpoints, get, put, stored};
use revline_store::bytes::Bytes;
use revline_store::client::{CallError, ClientInput, ClientOutput, SessionConfig, UnknownCause};
use revline_store::error::Error;
use revline_store::frame::{Call, ClientFrame};

#[test]
fn nothing_was_sent_on_a_connection_that_was_refused() {
    let mut driver = Driver::new(SessionConfig::new(3));
    for endpoint in [0, 1, 2, 0] {
        let (call, out) = driver.call(put());
        assert_eq!(endpoints(&out), [endpoint]);
        let connection = call;
        assert_eq!(answers(&driver.close(connection, true)), [(call, Err(CallError::Refused))]);
    }
}

#[test]
fn a_connection_that_broke_leaves_its_calls_unknown() {
    let mut driver = Driver::new(SessionConfig { first_endpoint: 4, ..SessionConfig::new(3) });
    let (call, out) = driver.call(put());
    assert_eq!(endpoints(&out), [1]);
    let broke = Err(CallError::Unknown(UnknownCause::ConnectionBroke));
    assert_eq!(answers(&driver.close(1, false)), [(call, broke)]);
    let (call, out) = driver.call(put());
    assert_eq!(endpoints(&out), [2]);
    assert!(driver.reply(1, call, stored()).is_empty(), "what still comes on the old one is of no interest");
    assert!(driver.close(1, false).is_empty());
    assert_eq!(answers(&driver.reply(2, call, stored())).len(), 1);
}

#[test]
fn an_endpoint_that_is_unavailable_is_left() {
    for error in [Error::NoLeader, Error::Stopped, Error::NotSupportedForLearner] {
        let mut driver = Driver::new(SessionConfig::new(2));
        let (call, _) = driver.call(get());
        let (other, _) = driver.call(put());
        let out = driver.reply(1, call, Err(error));
        let left = Err(CallError::Unknown(UnknownCause::LeftEndpoint));
        assert_eq!(answers(&out), [(call, Err(CallError::Failed(error))), (other, left)]);
        assert!(out.iter().any(|output| matches!(output, ClientOutput::Disconnect { connection: 1 })));
        assert_eq!(endpoints(&driver.call(get()).1), [1]);
    }
}

#[test]
fn the_application_may_close_the_connection() {
    let mut driver = Driver::new(SessionConfig::new(2));
    assert!(driver.step(ClientInput::Disconnect).is_empty(), "there is none");
    let (call, _) = driver.call(get());
    let out = driver.step(ClientInput::Disconnect);
    let disconnected = Err(CallError::Unknown(UnknownCause::Disconnected));
    assert_eq!(answers(&out), [(call, disconnected)]);
}

#[test]
fn keys_have_the_prefix_of_the_namespace() {
    let namespace = Some(Bytes::from("ns/"));
    let mut driver = Driver::new(SessionConfig { namespace, ..SessionConfig::new(1) });
    let sent = crate::driver::frames(driver.call(get()).1);
    let [ClientFrame::Call { request: Call::Kv(revline_store::api::Request::Range(range)), .. }] = &sent[..]
    else {
        panic!("{sent:?}")
    };
    assert_eq!(range.key, Bytes::from("ns/k"));
}
