//! Reports of etcd's robustness tests, in their older and newer forms.

mod leases;

use revline_checker::history::build::*;
use revline_checker::history::*;
use revline_checker::import::{Format, Imported, Problem, Reading, read, read_path};
use revline_checker::judge::Judge;
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
    // Its revision is not recorded: the lowest that it can have been is taken.
    assert_eq!(compacted.response().map(|response| response.header().revision), Some(5));
    assert!(stale.request.is_serializable());
    assert!(matches!(&refused.outcome, Outcome::Failed(error) if error.code == "OutOfRange"));

    let watch = &history.watches[0];
    assert_eq!(watch.frames.len(), 3, "a response without events is no progress");
    assert_eq!(
        watch.frames[0].events,
        [Event {
            is_create: Some(true),
            ..put_event(KeyValue { lease: KeyValue::NOT_RECORDED, ..kv("c", "1", 4, 4, 1) })
        }]
    );
    assert_eq!(watch.frames[1].events[0].is_create, Some(false), "it is left out where it is false");
    assert_eq!(watch.frames[1].events[0].prev_kv.as_ref().map(|kv| kv.mod_revision), Some(4));
    assert!(watch.frames[2].is_progress());
    assert!(history.operations.iter().all(|operation| operation.client != watch.client));
}

#[test]
fn the_form_of_2026_is_read_whole() {
    let put = put_op("a", "1", 0).replace(
        "\"Put\":",
        "\"Range\":{\"Start\":\"\",\"End\":\"\",\"Limit\":0,\"KeysOnly\":false},\"Put\":",
    );
    let output = "\"Txn\":{\"Failure\":false,\"Results\":[{\"KVs\":null,\"Count\":0,\"Deleted\":0}]},\"Range\":null,\"LeaseGrant\":null,\
        \"LeaseRevoke\":null,\"Defragment\":null,\"Compact\":null,\"ClientError\":\"\",\"Revision\":2,\"member-id\":\"8e9e05c52164694d\",\
        \"Persisted\":false,\"PersistedRevision\":0,\"Error\":\"\"";
    let written = op(1, 10, &put, output, 20).replace("}\n", &format!(",\"Metadata\":{{{output}}}}}\n"));
    let keys = |value: &str| {
        let range = "\"Type\":\"range\",\"Range\":{\"Start\":\"a\",\"End\":\"b\",\"Limit\":0,\"KeysOnly\":true,\"Revision\":0}";
        let found = format!(
            "\"Range\":{{\"KVs\":[{{\"Key\":\"a\",\"Value\":{{{value}}},\"ModRevision\":2,\"Version\":1}}],\"Count\":1}},\"Revision\":2"
        );
        op(1, 30, range, &found, 40)
    };
    let granted = op(
        2,
        30,
        "\"Type\":\"leaseGrant\",\"LeaseGrant\":{\"LeaseID\":7}",
        "\"LeaseGrant\":{\"LeaseID\":0},\"Revision\":2",
        40,
    );
    let rest = format!(
        "{granted}{}",
        op(2, 50, "\"Type\":\"defragment\",\"Defragment\":{}", "\"Defragment\":{},\"Revision\":-1", 60)
    );
    let history = report(&[("x/a", &format!("{written}{}{rest}", keys("")))]);
    assert_eq!(history.operations[0].member, Some(MemberId(0x8e9e_05c5_2164_694d)));
    assert!(matches!(&history.operations[1].request, Request::Range(range) if range.keys_only));
    assert_eq!(history.operations.len(), 3, "what is defragmented says nothing");
    let verdicts = Judge::new(&history).run();
    assert!(!verdicts.any_violated() && !verdicts.any_unknown(), "{verdicts:?}");
    // A value where keys alone were asked for, and a lease granted at an old revision.
    assert!(
        Judge::new(&report(&[("x/a", &format!("{written}{}", keys("\"Value\":\"1\"")))]))
            .run()
            .any_violated()
    );
    let old = granted.replace("\"Revision\":2", "\"Revision\":1");
    assert!(Judge::new(&report(&[("x/a", &format!("{written}{old}"))])).run().any_violated());
}

#[test]
fn a_compaction_without_a_recorded_revision_counts() {
    let done = |revision: i64| format!("{PUT_DONE},\"Revision\":{revision}");
    let compacted = |revision: i64| {
        let compact = format!("\"Type\":\"compact\",\"Compact\":{{\"Revision\":{revision}}}");
        op(1, 50, &compact, "\"Compact\":{},\"Revision\":-1", 60)
    };
    let read = |revision: i64| {
        let range = format!("\"Type\":\"range\",\"Range\":{{\"Start\":\"a\",\"Revision\":{revision}}}");
        let found = format!(
            "\"Range\":{{\"KVs\":[{{\"Key\":\"a\",\"Value\":{{\"Value\":\"{}\"}},\"ModRevision\":{revision},\"Version\":{}}}],\"Count\":1}},\"Revision\":3",
            revision - 1,
            revision - 1
        );
        op(1, 70, &range, &found, 80)
    };
    let writes =
        [op(1, 10, &put_op("a", "1", 0), &done(2), 20), op(1, 30, &put_op("a", "2", 0), &done(3), 40)]
            .concat();
    let judged = |rest: &str| Judge::new(&report(&[("x/a", &format!("{writes}{rest}"))])).run();
    assert!(!judged(&format!("{}{}", compacted(3), read(3))).any_violated());
    assert!(judged(&format!("{}{}", compacted(3), read(2))).any_violated(), "read below a compaction");
    assert!(judged(&compacted(9)).any_violated(), "a compaction of the future");
    // A read is refused in the words of an error.
    let refused = |revision: i64| {
        let range = format!("\"Type\":\"range\",\"Range\":{{\"Start\":\"a\",\"Revision\":{revision}}}");
        op(1, 70, &range, "\"Error\":\"etcdserver: mvcc: required revision has been compacted\"", 80)
    };
    assert!(!judged(&format!("{}{}", compacted(3), refused(2))).any_violated());
    assert!(judged(&refused(2)).any_violated(), "nothing was compacted");
}

#[test]
fn what_an_event_says_of_its_create_is_kept_and_judged() {
    let done = |revision: i64| format!("{PUT_DONE},\"Revision\":{revision}");
    let operations =
        [op(1, 10, &put_op("a", "1", 0), &done(2), 20), op(1, 30, &put_op("a", "1", 0), &done(3), 40)]
            .concat();
    let told = |first: &str, second: &str| {
        let event = |revision: i64, told: &str| {
            format!(
                "{{\"Type\":\"put-operation\",\"Key\":\"a\",\"Value\":{{\"Value\":\"1\"}},\"Revision\":{revision}{told}}}"
            )
        };
        let watch = format!(
            "{{\"Request\":{{\"Key\":\"a\"}},\"Responses\":[{{\"Events\":[{}],\"Revision\":2,\"Time\":50}},{{\"Events\":[{}],\"Revision\":3,\"Time\":60}}]}}",
            event(2, first),
            event(3, second)
        );
        let verdicts = Judge::new(&report(&[("x/a", &operations), ("x/w", &watch)])).run();
        verdicts.get("watch-is-create").expect("it is judged").to_string()
    };
    let (yes, no) = (",\"IsCreate\":true", ",\"IsCreate\":false");
    for (first, second, expected) in [
        (yes, no, "holds"),
        (yes, "", "holds"),
        ("", "", "vacuous"),
        (no, no, "violated"),
        (yes, yes, "violated"),
        ("", yes, "violated"),
        (no, "", "violated"),
    ] {
        let verdict = told(first, second);
        assert!(verdict.starts_with(expected), "{first} {second}: {verdict}");
    }
}

#[test]
fn an_unknown_field_is_refused_with_its_place_or_counted() {
    let known = op(1, 10, &put_op("a", "1", 0), &format!("{PUT_DONE},\"Revision\":2"), 20);
    for (unknown, place) in [
        (known.replace("\"Key\"", "\"Colour\":\"red\",\"Key\""), "Input.Txn.OperationsOnSuccess.Put.Colour"),
        (known.replace("\"Revision\"", "\"Shard\":1,\"Revision\""), "Output.Shard"),
        (known.replace("\"Call\"", "\"Host\":null,\"Call\""), "Host"),
        (known.replace("\"Results\":[{}]", "\"Results\":[{\"Lost\":true}]"), "Output.Txn.Results.Lost"),
    ] {
        let text = format!(
            "{known}{}",
            unknown.replace("\"ClientId\":1", "\"ClientId\":2").replace("\"Revision\":2", "\"Revision\":3")
        );
        let message = read(text.as_bytes(), "f", None).unwrap_err().to_string();
        assert!(message.starts_with(&format!("f:2: unknown field `{place}`, at column ")), "{message}");
        assert!(message.contains("expected `") && message.contains("--ignore-unknown-fields"), "{message}");
        let reading = Reading { ignore_unknown_fields: true, ..Reading::default() };
        let read = reading.reader(text.as_bytes(), "f").unwrap();
        assert_eq!(read.ignored.into_iter().collect::<Vec<_>>(), [(place.to_owned(), 1)]);
    }
    for (wrong, place) in [
        (
            known.replace("\"Key\":\"a\"", "\"Key\":5"),
            "`Input.Txn.OperationsOnSuccess[0].Put.Key`: invalid type: integer",
        ),
        (known.replace("\"Revision\":2", "\"Revision\":\"2\""), "`Output.Revision`: invalid type: string"),
        (
            known.replace("\"Revision\":2", "\"Revision\":2,\"member-id\":\"leader\""),
            "`leader` is no id of a member",
        ),
        (
            known.replace("\"Value\":{\"Value\":\"1\"}", "\"Value\":\"1\""),
            "`Input.Txn.OperationsOnSuccess[0].Put.Value`: invalid type",
        ),
    ] {
        let reading = Reading { ignore_unknown_fields: true, ..Reading::default() };
        for reading in [Reading::default(), reading] {
            let message = reading.reader(wrong.as_bytes(), "f").unwrap_err().to_string();
            assert!(message.starts_with("f:1: ") && message.contains(place), "{message}");
        }
    }
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
            ":2: not what is expected here: `ClientId`: invalid type: string \"x\", expected u32, at column 15",
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
    // A file that is named as one of a report is one, whatever it holds.
    let named = error(&[("c/operations", &good), ("c/watch.json", "nothing")]);
    assert!(named.contains("c/watch.json:1: expected one JSON object after the other"), "{named}");
    let unknown = error(&[("c/o", &good.replace("{\"ClientId\"", "{\"Colour\":1,\"ClientId\""))]);
    assert!(unknown.contains("c/o:1: unknown field `Colour`"), "{unknown}");
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
                        Judge::new(&history).run();
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
    assert!(read_ones > 200 && refused > 500, "{read_ones} read, {refused} refused");
}
