//! The answers of a proxy from its cache.

use crate::run::{Act, Run};
use revline_store::api::{RangeRequest, WatchCreateRequest};
use revline_store::defect::Defects;
use revline_store::proxy::ProxyEvent;

fn read(serializable: bool) -> Act {
    let range = RangeRequest { key: "k1".into(), serializable, ..RangeRequest::default() };
    Act::Read { session: 1, range }
}

fn cached(run: &Run, linearizable: bool) -> usize {
    run.behind.events.iter().filter(|event| **event == ProxyEvent::Cached { linearizable }).count()
}

#[test]
fn a_watched_range_is_read_once() {
    let mut run = Run::new(Defects::NONE);
    let create = WatchCreateRequest { key: "k".into(), range_end: "l".into(), ..Default::default() };
    run.act(Act::Watch { session: 1, stream: 0, create });
    run.act(Act::Put(1));
    run.behind.run();
    for linearizable in [true, false, true, false] {
        run.act(read(!linearizable));
        run.behind.run();
    }
    run.receive();
    // The first fills the cache; another linearizable one is confirmed.
    assert_eq!((cached(&run, true), cached(&run, false)), (1, 2));
    // A read is asked again after a change of its key, and not after a change of another.
    run.act(Act::Put(1));
    run.behind.run();
    run.act(read(true));
    run.behind.run();
    run.act(Act::Put(2));
    run.act(read(false));
    run.behind.run();
    run.receive();
    assert_eq!((cached(&run, true), cached(&run, false)), (2, 2));
    run.finish();
}

#[test]
fn nothing_is_kept_of_what_is_not_watched() {
    let mut run = Run::new(Defects::NONE);
    run.act(Act::Put(1));
    for serializable in [true, false, true, false, true] {
        run.act(read(serializable));
        run.behind.run();
    }
    run.finish();
    assert_eq!((cached(&run, true), cached(&run, false)), (0, 0));
}
