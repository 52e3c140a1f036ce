//! Tokens: every request carries one, and a stale one is renewed.

use crate::driver::{Driver, answers, frames, get, put, stored};
use revline_store::api::{AuthRequest, AuthResponse, AuthenticateRequest, ResponseHeader, Token};
use revline_store::client::{CallError, ClientInput, ClientOutput, SessionConfig};
use revline_store::error::Error;
use revline_store::frame::{Call, ClientFrame, Reply};

fn login() -> Call {
    let request = AuthenticateRequest { name: "ann".to_owned(), password: "pw".to_owned() };
    Call::Auth(AuthRequest::Authenticate(request))
}

fn token(text: &str) -> Result<Reply, Error> {
    let (header, token) = (ResponseHeader::default(), Token(text.into()));
    Ok(Reply::Auth(AuthResponse::Authenticate { header, token }))
}

fn logged_in() -> Driver {
    let mut driver = Driver::new(SessionConfig::new(1));
    let (call, _) = driver.call(login());
    assert_eq!(answers(&driver.reply(1, call, token("first"))).len(), 1);
    assert_eq!(driver.session.user(), Some("ann"));
    driver
}

fn tokens(out: Vec<ClientOutput>) -> Vec<Option<Token>> {
    let shown = |frame| match frame {
        ClientFrame::Call { token, .. } => token,
        other => panic!("not a call: {other:?}"),
    };
    frames(out).into_iter().map(shown).collect()
}

#[test]
fn a_call_carries_the_token_of_the_last_login() {
    let mut driver = logged_in();
    assert_eq!(tokens(driver.call(get()).1), [Some(Token("first".into()))]);
}

#[test]
fn a_stale_token_is_renewed_before_the_application_is_told() {
    for stale in [Error::InvalidAuthToken, Error::AuthOldRevision] {
        let mut driver = logged_in();
        let (call, _) = driver.call(put());
        let out = driver.reply(1, call, Err(stale));
        let renewal = match &out[..] {
            [
                ClientOutput::Answered { answer: Err(CallError::Failed(error)), held: true, .. },
                ClientOutput::Called { call, request },
                ClientOutput::Send { .. },
            ] => {
                assert_eq!((*error, request), (stale, &login()));
                *call
            }
            other => panic!("{other:?}"),
        };
        let out = driver.reply(1, renewal, token("second"));
        assert!(out.iter().any(|output| matches!(output, ClientOutput::Released { call: 2 })));
        assert_eq!(tokens(driver.call(put()).1), [Some(Token("second".into()))], "the call is not repeated");
    }
}

#[test]
fn a_renewal_that_fails_releases_the_call_too() {
    let mut driver = logged_in();
    let (call, _) = driver.call(put());
    driver.reply(1, call, Err(Error::InvalidAuthToken));
    let out = driver.close(1, false);
    assert!(out.iter().any(|output| matches!(output, ClientOutput::Released { call: 2 })));
}

#[test]
fn no_token_is_renewed_for_a_call_that_was_abandoned() {
    let mut driver = logged_in();
    let (call, _) = driver.call(put());
    driver.step(ClientInput::Abandon { call });
    let out = driver.reply(1, call, Err(Error::InvalidAuthToken));
    assert!(matches!(out[..], [ClientOutput::Answered { held: false, .. }]));
    let (call, _) = driver.call(put());
    assert_eq!(answers(&driver.reply(1, call, stored())).len(), 1);
}
