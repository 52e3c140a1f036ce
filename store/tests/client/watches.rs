//! Watch streams: watches by number, and where they go on.

use crate::driver::{Driver, endpoints, frames, response, watch_from};
use revline_store::api::{INVALID_WATCH_ID, WatchRequest, WatchResponse};
use revline_store::client::{ClientInput, ClientOutput, Concerns, SessionConfig, StreamNumber};
use revline_store::frame::ClientFrame;

fn open(driver: &mut Driver, resume: bool, starts: &[i64]) -> StreamNumber {
    let stream = driver.session.reserve_stream();
    driver.step(ClientInput::OpenWatchStream { stream, resume });
    for (watch, &start) in (0..).zip(starts) {
        driver.step(ClientInput::Watch { stream, watch, request: watch_from(start) });
    }
    stream
}

fn created(revision: i64, watch_id: i64) -> WatchResponse {
    WatchResponse { created: true, ..response(revision, watch_id) }
}

/// The watches that the application is told of.
fn told(out: &[ClientOutput]) -> Vec<Concerns> {
    let told = |output: &ClientOutput| match output {
        ClientOutput::Watched { concerns, .. } => Some(concerns.clone()),
        _ => None,
    };
    out.iter().filter_map(told).collect()
}

/// The stream and the revisions of the watches that are created.
fn creates(out: Vec<ClientOutput>) -> Vec<(StreamNumber, i64)> {
    let create = |frame| match frame {
        ClientFrame::Watch { stream, request: WatchRequest::Create(create), .. } => {
            Some((stream, create.start_revision))
        }
        _ => None,
    };
    frames(out).into_iter().filter_map(create).collect()
}

#[test]
fn answers_to_requests_come_in_the_order_of_the_requests() {
    let mut driver = Driver::new(SessionConfig::new(1));
    let stream = open(&mut driver, false, &[0, 5]);
    assert_eq!(told(&driver.respond(1, stream, created(9, 70))), [Concerns::One(0)]);
    assert_eq!(told(&driver.respond(1, stream, response(9, INVALID_WATCH_ID))), [Concerns::All(vec![0])]);
    assert_eq!(told(&driver.respond(1, stream, created(9, 30))), [Concerns::One(1)]);
    assert_eq!(told(&driver.respond(1, stream, response(10, 30))), [Concerns::One(1)]);
    assert_eq!(told(&driver.respond(1, stream, response(9, INVALID_WATCH_ID))), [Concerns::All(vec![1, 0])]);
}

#[test]
fn a_watch_that_is_canceled_before_its_id_is_known_is_canceled_once_it_is() {
    let mut driver = Driver::new(SessionConfig::new(1));
    let stream = open(&mut driver, false, &[0]);
    assert!(driver.step(ClientInput::CancelWatch { stream, watch: 0 }).is_empty());
    let out = driver.respond(1, stream, created(9, 4));
    assert!(out.iter().any(|output| matches!(output, ClientOutput::Discarded { .. })));
    let sent = frames(out);
    let [ClientFrame::Watch { request: WatchRequest::Cancel(cancel), .. }] = &sent[..] else {
        panic!("{sent:?}")
    };
    assert_eq!(cancel.watch_id, 4);
}

#[test]
fn progress_is_told_of_the_watches_that_are_not_over_and_of_none_not_at_all() {
    let mut driver = Driver::new(SessionConfig::new(1));
    let stream = open(&mut driver, false, &[0, 0]);
    driver.respond(1, stream, created(9, 0));
    driver.respond(1, stream, created(9, 1));
    driver.step(ClientInput::CancelWatch { stream, watch: 0 });
    assert_eq!(told(&driver.respond(1, stream, response(10, INVALID_WATCH_ID))), [Concerns::All(vec![1])]);
    driver.step(ClientInput::CancelWatch { stream, watch: 1 });
    let out = driver.respond(1, stream, response(11, INVALID_WATCH_ID));
    assert!(matches!(out[..], [ClientOutput::Discarded { .. }]), "{out:?}");
}

#[test]
fn a_stream_resumes_each_watch_after_what_it_covered() {
    let mut driver = Driver::new(SessionConfig::new(2));
    let stream = open(&mut driver, true, &[0, 3, 0]);
    driver.respond(1, stream, created(9, 0));
    driver.respond(1, stream, created(9, 1));
    driver.respond(1, stream, response(12, 1));
    driver.step(ClientInput::CancelWatch { stream, watch: 0 });
    let out = driver.close(1, false);
    assert!(matches!(out[..], [ClientOutput::StreamEnded { broken: true, .. }]));
    assert!(driver.pass(49).is_empty());
    let out = driver.pass(1);
    assert_eq!(endpoints(&out), [1]);
    let resumed = out.iter().find_map(|output| match output {
        ClientOutput::Resumed { watches, .. } => Some(watches.clone()),
        _ => None,
    });
    let resumed: Vec<_> = resumed.expect("it resumes").iter().map(|one| (one.watch, one.continues)).collect();
    assert_eq!(resumed, [(1, true), (2, false)], "the last one never began");
    assert_eq!(creates(out), [(2, 13), (2, 0)], "under a number of its own on the wire");
    assert_eq!(told(&driver.respond(2, 2, created(20, 0))), [Concerns::One(1)]);
    assert!(driver.respond(2, stream, response(20, 0)).is_empty(), "the old number is forgotten");
}

#[test]
fn a_stream_that_the_server_ended_resumes_too() {
    let mut driver = Driver::new(SessionConfig::new(2));
    let stream = open(&mut driver, true, &[4]);
    driver.respond(1, stream, created(9, 0));
    let ended = WatchResponse { canceled: true, ..response(9, INVALID_WATCH_ID) };
    let out = driver.respond(1, stream, ended);
    assert!(matches!(
        out[..],
        [ClientOutput::Watched { .. }, ClientOutput::StreamEnded { broken: false, .. }]
    ));
    let out = driver.pass(50);
    assert!(endpoints(&out).is_empty(), "the connection is still good");
    assert_eq!(creates(out), [(2, 4)]);
}

#[test]
fn the_application_may_resume_a_stream_itself() {
    let mut driver = Driver::new(SessionConfig::new(2));
    let stream = open(&mut driver, false, &[0]);
    driver.respond(1, stream, created(9, 0));
    driver.close(1, false);
    assert!(driver.pass(10_000).is_empty());
    assert!(driver.step(ClientInput::CloseStream { stream }).is_empty(), "nothing is left to be closed");
}

#[test]
fn a_watch_that_was_compacted_frees_its_id() {
    let mut driver = Driver::new(SessionConfig::new(1));
    let stream = open(&mut driver, true, &[1]);
    driver.respond(1, stream, created(9, 6));
    let compacted = WatchResponse { canceled: true, compact_revision: 8, ..response(9, 6) };
    let sent = frames(driver.respond(1, stream, compacted));
    assert!(matches!(&sent[..], [ClientFrame::Watch { request: WatchRequest::Cancel(_), .. }]));
    driver.close(1, false);
    assert!(creates(driver.pass(50)).is_empty(), "it is over");
}
