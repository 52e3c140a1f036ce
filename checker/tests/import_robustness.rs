//! Reports of etcd's robustness tests, in their older and newer forms.

use revline_checker::guarantee::judge;
use revline_checker::history::build::*;
use revline_checker::history::*;
use revline_checker::import::{Format, Imported, Problem, read, read_path};
use std::path::Path;

/// A report whose files are named as nobody would name them.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("it is in a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
    folder
}

fn report(files: &[(&str, &str)]) -> History {
    match read_path(folder(files).path(), None).unwrap_or_else(|error| panic!("{error}")) {
        Imported::Etcd(history) => history,
        other => panic!("{other:?} is no history of etcd"),
    }
}

fn op(client: u32, call: i64, input: &str, output: &str, returned: i64) -> String {
    format!(
        "{{\"ClientId\":{client},\"Input\":{{{input}}},\"Call\":{call},\"Output\":{{{output}}},\"Return\":{returned}}}\n"
    )
}

fn put_op(key: &str, value: &str, lease: i64) -> String {
    let put = format!("{{\"Key\":\"{key}\",\"Value\":{{\"Value\":\"{value}\"}},\"LeaseID\":{lease}}}");
    format!(
        "\"Type\":\"txn\",\"Txn\":{{\"OperationsOnSuccess\":[{{\"Type\":\"put-operation\",\"Put\":{put}}}]}}"
    )
}

const PUT_DONE: &str = "\"Txn\":{\"Results\":[{}]}";

#[test]
fn the_newer_form_is_read() {
    let operations = [
        op(1, 10, &put_op("a", "a value of twenty bytes or more", 0), &format!("{PUT_DONE},\"Revision\":2"), 20),
        op(1, 30, "\"Type\":\"range\",\"Range\":{\"Start\":\"a\",\"End\":\"b\",\"Limit\":1}",
            "\"Range\":{\"KVs\":[{\"Key\":\"a\",\"Value\":{\"Hash\":1082989138},\"ModRevision\":2,\"Version\":1}],\"Count\":2},\"Revision\":2", 40),
        // Its answer was lost, and the members' logs have it.
        op(2, 10, &put_op("b", "1", 0), "\"Persisted\":true,\"PersistedRevision\":3", 0),
        op(3, 10, &put_op("b", "1", 0), "\"Error\":\"context deadline exceeded\"", 0),
        op(4, 10, "\"Type\":\"leaseGrant\",\"LeaseGrant\":{\"LeaseID\":7}", "\"LeaseGrant\":{}", 20),
        op(4, 50, &put_op("c", "1", 7), &format!("{PUT_DONE},\"Revision\":4"), 60),
        op(4, 70, "\"Type\":\"leaseRevoke\",\"LeaseRevoke\":{\"LeaseID\":7}", "\"LeaseRevoke\":{},\"Revision\":5", 80),
        op(4, 90, "\"Type\":\"compact\",\"Compact\":{\"Revision\":3}", "\"Compact\":{},\"Revision\":-1", 95),
        op(4, 100, "\"Type\":\"range\",\"Range\":{\"Start\":\"a\",\"Revision\":4}",
            "\"Range\":{\"KVs\":[],\"Count\":0},\"Revision\":-1", 110),
        op(4, 120, "\"Type\":\"range\",\"Range\":{\"Start\":\"a\",\"Revision\":9}", "\"ClientError\":\"future rev\"", 130),
    ]
    .concat();
    let watches = "{\"Request\":{\"Key\":\"\",\"Revision\":1,\"WithPrefix\":true,\"WithPrevKV\":true},\"Responses\":[\
        {\"Revision\":1,\"Time\":5},\
        {\"Events\":[{\"Type\":\"put-operation\",\"Key\":\"c\",\"Value\":{\"Value\":\"1\"},\"Revision\":4,\"IsCreate\":true}],\"Revision\":4,\"Time\":65},\
        {\"Events\":[{\"Type\":\"delete-operation\",\"Key\":\"c\",\"Revision\":5,\
          \"PrevValue\":{\"Value\":{\"Value\":\"1\"},\"ModRevision\":4,\"Version\":1}}],\"Revision\":5,\"Time\":85},\
        {\"IsProgressNotify\":true,\"Revision\":5,\"Time\":200}]}";
    let history = report(&[
        ("x/one", &operations),
        ("x/two", watches),
        ("y/picture.svg", "<svg/>"),
        ("z/q.json", "[]"),
    ]);

    let [put, read, persisted, lost, leased, revoked, compacted, stale, refused] = &history.operations[..]
    else {
        panic!("{:?}", history.operations)
    };
    let long = put.request.clone();
    let Request::Txn(txn) = &long else { panic!("{long}") };
    let Request::Put(long) = &txn.success[0] else { panic!("{txn:?}") };
    let Some(Response::Range(range)) = read.response() else { panic!("{read}") };
    assert_eq!(range.kvs[0].value, long.value, "a value and its hash are the same");
    assert_eq!(
        (range.more, range.kvs[0].create_revision, range.kvs[0].lease),
        (true, 2, KeyValue::NOT_RECORDED)
    );
    assert_eq!((persisted.response().unwrap().header().revision, persisted.return_ns), (3, Some(200)));
    assert_eq!(lost.outcome, Outcome::Unknown("context deadline exceeded".to_owned()));
    assert_eq!((lost.return_ns, leased.client), (None, ClientId(4)));
    let Some(Response::Txn(answer)) = revoked.response() else { panic!("{revoked}") };
    assert!(matches!(&answer.responses[0], Response::Txn(nested) if nested.succeeded));
    assert!(matches!(compacted.outcome, Outcome::Unknown(_)) && stale.request.is_serializable());
    assert!(matches!(&refused.outcome, Outcome::Failed(error) if error.code == "OutOfRange"));

    let watch = &history.watches[0];
    assert_eq!(watch.frames.len(), 3, "a response without events is no progress");
    assert_eq!(
        watch.frames[0].events,
        [put_event(KeyValue { lease: KeyValue::NOT_RECORDED, ..kv("c", "1", 4, 4, 1) })]
    );
    assert_eq!(watch.frames[1].events[0].prev_kv.as_ref().map(|kv| kv.mod_revision), Some(4));
    assert!(watch.frames[2].is_progress());
    assert!(history.operations.iter().all(|operation| operation.client != watch.client));
}

#[test]
fn a_revoked_lease_takes_its_keys_along_and_the_judge_knows() {
    let operations = |revision| {
        [
            op(1, 10, &put_op("a", "1", 7), &format!("{PUT_DONE},\"Revision\":2"), 20),
            op(1, 30, &put_op("b", "1", 0), &format!("{PUT_DONE},\"Revision\":3"), 40),
            op(1, 50, "\"Type\":\"leaseRevoke\",\"LeaseRevoke\":{\"LeaseID\":7}", &format!("\"Revision\":{revision}"), 60),
            op(1, 70, "\"Type\":\"range\",\"Range\":{\"Start\":\"a\",\"End\":\"z\"}",
                "\"Range\":{\"KVs\":[{\"Key\":\"b\",\"Value\":{\"Value\":\"1\"},\"ModRevision\":3}],\"Count\":1},\"Revision\":4", 80),
        ]
        .concat()
    };
    let watch = "{\"Request\":{\"Key\":\"a\",\"Revision\":1},\"Responses\":[{\"Events\":[{\"Type\":\"put-operation\",\"Key\":\"a\",\
        \"Value\":{\"Value\":\"1\"},\"Revision\":2},{\"Type\":\"delete-operation\",\"Key\":\"a\",\"Revision\":4}],\"Revision\":4,\"Time\":90}]}";
    let verdicts = judge(&report(&[("x/a", &operations(4)), ("x/b", watch)]));
    assert!(!verdicts.any_violated() && !verdicts.any_unknown(), "{verdicts:?}");
    let unseen = judge(&report(&[("x/a", &operations(4))]));
    assert!(!unseen.any_violated() && !unseen.any_unknown(), "{unseen:?}");
}

#[test]
fn the_oldest_form_is_read() {
    let txn = "\"Type\":\"txn\",\"Txn\":{\"Conditions\":[{\"Key\":\"p/a\",\"ExpectedRevision\":0}],\
        \"OperationsOnSuccess\":[{\"Type\":\"put\",\"Key\":\"p/a\",\"WithPrefix\":false,\"Limit\":0,\"Value\":{\"Value\":\"1\",\"Hash\":0},\"LeaseID\":0}],\
        \"OperationsOnFailure\":[{\"Type\":\"range\",\"Key\":\"p/\",\"WithPrefix\":true,\"Limit\":5},{\"Type\":\"delete\",\"Key\":\"p/b\"}]}";
    let done = format!("{PUT_DONE},\"PartialResponse\":false,\"Revision\":2,\"Error\":\"\"");
    let history = report(&[("x/a", &op(0, 1, txn, &done, 2))]);
    let expected = txn_request();
    assert_eq!(history.operations[0].request, expected);

    fn txn_request() -> Request {
        let listed = Request::Range(RangeRequest {
            key: "p/".into(),
            range_end: "p0".into(),
            limit: 5,
            ..RangeRequest::default()
        });
        revline_checker::history::build::txn(
            [unmodified_since("p/a", 0)],
            [put("p/a", "1")],
            [listed, delete("p/b")],
        )
    }
}

#[test]
fn what_is_no_report_is_refused_with_file_and_line() {
    let error = |files: &[(&str, &str)]| read_path(folder(files).path(), None).unwrap_err().to_string();
    let good = op(1, 10, &put_op("a", "1", 0), &format!("{PUT_DONE},\"Revision\":2"), 20);
    for (second, expected) in [
        (
            op(1, 15, &put_op("a", "1", 0), &format!("{PUT_DONE},\"Revision\":3"), 30),
            ":2: client 1 asks while its operation of",
        ),
        (op(1, -5, &put_op("a", "1", 0), PUT_DONE, 30), ":2: `Call` is -5"),
        (op(1, 40, &put_op("a", "1", 0), PUT_DONE, 30), ":2: `Return` 30 is before `Call` 40"),
        (op(1, 40, "\"Type\":\"dance\"", "", 50), ":2: expected `range`, `txn`"),
        (op(1, 40, "\"Type\":\"range\"", "", 50), ":2: expected `Range` of a range, found `null`"),
        (
            op(1, 40, &put_op("a", "1", 0), "\"Txn\":{\"Results\":[]}", 50),
            ":2: 0 results of a txn: expected 1",
        ),
        (good[..40].to_owned(), ":2: the JSON object is cut off"),
        (
            "{\"ClientId\":\"x\"}".to_owned(),
            ":2: not what is expected here: invalid type: string \"x\", expected u32, at column 15",
        ),
    ] {
        let message = error(&[("c/operations", &format!("{good}{second}"))]);
        assert!(message.contains(&format!("c/operations{expected}")), "{message}");
    }
    let event = "\"Events\":[{\"Type\":\"dance\",\"Key\":\"a\",\"Revision\":2}]";
    for (responses, expected) in [
        (format!("{{{event},\"Time\":1}}"), "c/w:1: expected an event of the type"),
        ("{\"IsProgressNotify\":true,\"Time\":-1}".to_owned(), "c/w:1: `Time` is -1"),
        (
            "{\"IsProgressNotify\":true,\"Time\":5},{\"IsProgressNotify\":true,\"Time\":4}".to_owned(),
            "c/w:1: a response of `Time` 4 comes after one of 5",
        ),
    ] {
        let message =
            error(&[("c/w", &format!("{{\"Request\":{{\"Key\":\"a\"}},\"Responses\":[{responses}]}}"))]);
        assert!(message.contains(expected), "{message}");
    }
    assert!(error(&[("c/readme", "nothing")]).contains("not a report of etcd's robustness tests"));
    assert!(error(&[("one/c/o", &good), ("two/c/o", &good)]).contains("holds the reports"));
    let error = read_path(Path::new(env!("CARGO_MANIFEST_DIR")), Some(Format::Jepsen)).unwrap_err();
    assert!(matches!(error.problem, Problem::Folder));
    let error = read("[]".as_bytes(), "f", Some(Format::Robustness)).unwrap_err();
    assert!(matches!(error.problem, Problem::NoReport));
}

#[test]
fn one_file_of_a_report_is_a_history_too() {
    let good = op(1, 10, &put_op("a", "1", 0), &format!("{PUT_DONE},\"Revision\":2"), 20);
    let imported = read(format!("\n  {good}").as_bytes(), "f", None).unwrap();
    assert!(matches!(imported, Imported::Etcd(history) if history.operations.len() == 1));
}

/// Reports with bytes changed, left out and doubled are read or refused, and nothing else.
#[test]
fn a_damaged_report_is_read_or_refused() {
    let operations = [
        op(1, 10, &put_op("a", "1", 7), &format!("{PUT_DONE},\"Revision\":2"), 20),
        op(1, 30, "\"Type\":\"leaseRevoke\",\"LeaseRevoke\":{\"LeaseID\":7}", "\"Revision\":3", 40),
        op(
            2,
            30,
            "\"Type\":\"range\",\"Range\":{\"Start\":\"a\",\"End\":\"b\",\"Limit\":1}",
            "\"Range\":{\"KVs\":[{\"Key\":\"a\",\"Value\":{\"Value\":\"1\"},\"ModRevision\":2}],\"Count\":1},\"Revision\":2",
            40,
        ),
    ]
    .concat();
    let watches = "{\"Request\":{\"Key\":\"a\",\"Revision\":1,\"WithPrefix\":true},\"Responses\":[{\"Events\":[{\"Type\":\
        \"put-operation\",\"Key\":\"a\",\"Value\":{\"Value\":\"1\"},\"Revision\":2}],\"Revision\":2,\"Time\":65}]}";
    let (mut read_ones, mut refused) = (0, 0);
    for text in [operations.as_bytes(), watches.as_bytes()] {
        for at in 0..text.len() {
            for byte in [b'0', b'-', b'"', b'{', b'}', b',', 0xff, b'\n'] {
                let mut damaged = text.to_vec();
                match byte {
                    b'0' => {
                        damaged.remove(at);
                    }
                    b',' => damaged.insert(at, damaged[at]),
                    b'\n' => damaged.truncate(at),
                    byte => damaged[at] = byte,
                }
                match read(damaged.as_slice(), "f", Some(Format::Robustness)) {
                    Ok(Imported::Etcd(history)) => {
                        read_ones += 1;
                        // Whatever it holds, it can be judged.
                        judge(&history);
                    }
                    Ok(other) => panic!("{other:?} is no history of etcd"),
                    Err(error) => {
                        refused += 1;
                        assert!(error.to_string().starts_with('f'), "{error}");
                    }
                }
            }
        }
    }
    assert!(read_ones > 500 && refused > 500, "{read_ones} read, {refused} refused");
}
