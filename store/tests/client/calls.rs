//! Calls: one reply each, or a deadline.

use crate::driver::{Driver, answers, endpoints, frames, get, put, stored};
use revline_store::api::{AcquireRequest, LockRequest};
use revline_store::client::{CallError, CallOptions, ClientInput, ClientOutput, SessionConfig, UnknownCause};
use revline_store::defect::{Defect, Defects};
use revline_store::error::Error;
use revline_store::frame::{Call, ClientFrame};
use std::time::Duration;

fn unknown(cause: UnknownCause) -> Result<revline_store::frame::Reply, CallError> {
    Err(CallError::Unknown(cause))
}

fn lock() -> Call {
    Call::Lock(LockRequest::Lock(AcquireRequest { name: "l".into(), lease: 7 }))
}

#[test]
fn a_call_is_sent_once_and_answered_once() {
    let mut driver = Driver::new(SessionConfig::new(3));
    let (call, out) = driver.call(put());
    assert_eq!(endpoints(&out), [0]);
    assert!(matches!(frames(out)[..], [ClientFrame::Call { call: 1, .. }]));
    assert_eq!(answers(&driver.reply(1, call, stored())).len(), 1);
    assert!(driver.reply(1, call, stored()).is_empty(), "a second reply is none");
    assert!(driver.pass(10_000).is_empty(), "its deadline is of no interest any more");
}

#[test]
fn a_deadline_ends_the_connection_with_every_call_on_it() {
    let mut driver = Driver::new(SessionConfig::new(2));
    let (first, _) = driver.call(put());
    driver.pass(1_000);
    let (second, _) = driver.call(get());
    assert!(driver.pass(999).is_empty());
    let out = driver.pass(1);
    assert!(matches!(out[0], ClientOutput::Disconnect { connection: 1 }));
    let exceeded = || unknown(UnknownCause::DeadlineExceeded);
    assert_eq!(answers(&out), [(first, exceeded()), (second, exceeded())]);
    assert_eq!(endpoints(&driver.call(get()).1), [1]);
}

#[test]
fn a_call_that_waits_for_its_turn_is_canceled_and_the_connection_stays() {
    let mut driver = Driver::new(SessionConfig::new(2));
    let patience = CallOptions { deadline: Some(Duration::from_millis(300)), ..CallOptions::default() };
    let (waiting, _) = driver.call_within(lock(), patience);
    let (other, _) = driver.call(get());
    let out = driver.pass(300);
    assert_eq!(answers(&out), [(waiting, unknown(UnknownCause::GivenUp))]);
    assert!(matches!(frames(out)[..], [ClientFrame::CancelCall { call }] if call == waiting));
    assert_eq!(answers(&driver.reply(1, other, Err(Error::Compacted))).len(), 1);

    let (waiting, _) = driver.call(lock());
    let out = driver.step(ClientInput::Abandon { call: waiting });
    assert_eq!(answers(&out), [(waiting, unknown(UnknownCause::GivenUp))]);
}

#[test]
fn a_call_says_whether_it_requires_a_leader() {
    for requires_leader in [false, true] {
        let mut driver = Driver::new(SessionConfig::new(1));
        let (_, out) = driver.call_within(get(), CallOptions { requires_leader, ..CallOptions::default() });
        let sent = frames(out);
        assert!(
            matches!(sent[..], [ClientFrame::Call { requires_leader: said, .. }] if said == requires_leader)
        );
    }
}

#[test]
fn an_error_says_whether_the_write_may_have_happened() {
    for (error, answer) in [
        (Error::Compacted, CallError::Failed(Error::Compacted)),
        (Error::NoLeader, CallError::Failed(Error::NoLeader)),
        (Error::Timeout, CallError::Unknown(UnknownCause::Unavailable)),
        (Error::NoSpace, CallError::Unknown(UnknownCause::NoSpace)),
    ] {
        let mut driver = Driver::new(SessionConfig::new(1));
        let (call, _) = driver.call(put());
        assert_eq!(answers(&driver.reply(1, call, Err(error))), [(call, Err(answer))]);
    }
}

#[test]
fn a_write_of_unknown_outcome_is_repeated_only_with_that_defect() {
    for (defects, sent) in [(Defects::NONE, 0), (Defect::RetryUnknownWrite.into(), 1)] {
        let mut driver = Driver::new(SessionConfig { defects, ..SessionConfig::new(2) });
        let (call, _) = driver.call(put());
        let out = driver.close(1, false);
        assert_eq!(answers(&out).len(), 1 - sent);
        let again = frames(out);
        assert_eq!(again.len(), sent);
        assert!(again.iter().all(|frame| matches!(frame, ClientFrame::Call { call: 1, .. })));
        assert_eq!(answers(&driver.reply(2, call, stored())).len(), sent);
    }
}
