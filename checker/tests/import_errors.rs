//! A text that is no history is refused, with the place and the correct form.

use revline_checker::history::build::{Builder, put, written};
use revline_checker::history::jsonl;
use revline_checker::import::{Format, ImportError, Imported, Problem, Reading, read, read_file};
use revline_checker::search::Call;
use revline_checker::spec::append_kv::{AppendKvOp, AppendKvRet};
use revline_checker::spec::register::{RegisterOp, RegisterRet};
use std::io::{BufReader, Read};

fn import(text: &[u8]) -> Result<Imported, ImportError> {
    read(text, "log", None)
}

fn jepsen(lines: &[&str]) -> String {
    lines.iter().map(|line| format!("INFO  jepsen.util - {line}\n")).collect()
}

fn porcupine(lines: &[&str]) -> String {
    lines.iter().map(|line| format!("{{{line}}}\n")).collect()
}

/// The message of the error a text gives.
#[track_caller]
fn error(text: impl AsRef<[u8]>) -> String {
    import(text.as_ref()).expect_err("it is no history").to_string()
}

#[test]
fn a_jepsen_log_is_read() {
    let log = jepsen(&[
        "0\t:invoke\t:read\tnil",
        "1   :invoke :cas   [3 0]",
        "2\t:invoke\t:write\t4",
        "0\t:ok\t:read\tnil",
        "1\t:fail\t:cas\t[3 0]",
        "2\t:info\t:write\t:timed-out",
        "0\t:invoke\t:read\tnil",
        "0\t:fail\t:read\t:timed-out",
        "1\t:invoke\t:write\t-1",
    ]);
    let log = log.replacen('\n', "\r\n\nINFO  jepsen.core - Worker 3 starting\n", 1);
    let expected = [
        Call::answered(0, 1, RegisterOp::Read, 6, RegisterRet::Value(None)),
        Call::answered(1, 4, RegisterOp::Cas { from: 3, to: 0 }, 7, RegisterRet::Swapped(false)),
        Call::unknown(2, 5, RegisterOp::Write(4)),
        Call::unknown(1, 11, RegisterOp::Write(-1)),
    ];
    assert_eq!(import(log.as_bytes()).unwrap(), Imported::Register(expected.to_vec()));
    // The last line may lack its end.
    assert_eq!(import(log.trim_end().as_bytes()).unwrap(), Imported::Register(expected.to_vec()));
}

#[test]
fn a_porcupine_log_is_read() {
    let log = porcupine(&[
        r#":process 0, :type :invoke, :f :append, :key "0", :value "x \"y\"""#,
        r#":type :invoke :process 1 :value nil :key "0" :f :get"#,
        r#":process 0, :type :ok, :f :append, :key "0", :value "x \"y\"""#,
        r#":process 1, :type :ok, :f :get, :key "0", :value "", :time 17"#,
        r#":process 0, :type :invoke, :f :put, :key "0", :value "z""#,
        r#":process 0, :type :info, :f :put, :key "0", :value :timed-out"#,
        r#":process 0, :type :invoke, :f :put, :key "0", :value "z""#,
        r#":process 0, :type :fail, :f :put, :key "0", :value "z""#,
    ]);
    let key = || "0".into();
    let append = AppendKvOp::Append { key: key(), value: "x \"y\"".into() };
    let expected = [
        Call::answered(0, 1, append, 3, AppendKvRet::Written),
        Call::answered(1, 2, AppendKvOp::Get { key: key() }, 4, AppendKvRet::Value("".into())),
        Call::unknown(0, 5, AppendKvOp::Put { key: key(), value: "z".into() }),
    ];
    assert_eq!(import(log.as_bytes()).unwrap(), Imported::AppendKv(expected.to_vec()));
}

#[test]
fn revlines_own_form_is_read() {
    let mut history = Builder::default();
    history.ok(0, put("a", "1"), written(2));
    let history = history.build();
    let mut text = Vec::new();
    jsonl::write(&history, &mut text).unwrap();
    assert_eq!(import(&text).unwrap(), Imported::Etcd(history));
    assert_eq!(read(&text[..], "log", Some(Format::Jsonl)).unwrap(), import(&text).unwrap());
    text.truncate(text.len() - 5);
    let error = import(&text).unwrap_err();
    assert!(error.line == 2 && error.to_string().starts_with("log:2: "), "{error}");
    let error = read(&text[..], "log", Some(Format::Porcupine)).unwrap_err();
    assert!(matches!((error.line, error.problem), (1, Problem::Syntax { .. })));
}

#[test]
fn a_broken_jepsen_log_is_refused_where_it_breaks() {
    let invoke = "0 :invoke :write 1";
    for (lines, message) in [
        (&["0 :ok :read nil"][..], "log:1: process 0 returns from an operation that it did not invoke"),
        (
            &[invoke, "0 :invoke :read nil"],
            "log:2: process 0 invokes an operation while its operation of line 1 is open",
        ),
        (
            &[invoke, "0 :ok :write 2"],
            "log:2: process 0 returns from `write 2`, but it invoked `write 1` at line 1",
        ),
        (
            &[invoke, "0 :ok :read 1"],
            "log:2: process 0 returns from a `:read`, but it invoked `write 1` at line 1",
        ),
        (&[invoke, "0 :info :cas :timed-out"], "log:2: process 0 returns from a `:cas`"),
        (&["0 :invoke :swap 1"], "log:1: expected `:read`, `:write` or `:cas`, found `:swap`"),
        (&["0 :invoke :write 1", "0 :o"], "log:2: expected `:read`, `:write` or `:cas`, found nothing"),
        (&["0 :invoked :write 1"], "log:1: expected `:invoke`, `:ok`, `:fail` or `:info`, found `:invoked`"),
        (&["0 :invoke :write"], "log:1: expected an integer, such as `3`, found nothing"),
        (&["0 :invoke :write 99999999999999999999"], "log:1: expected an integer"),
        (&["0 :invoke :cas [1 2"], "log:1: expected two integers, such as `[3 0]`, found `[1 2`"),
        (&["0 :invoke :cas [1 2 3]"], "log:1: expected two integers"),
        (&["0 :invoke :read 3"], "log:1: expected `nil`: a read is invoked without a value, found `3`"),
        (&["-1 :invoke :read nil"], "log:1: expected the number of a process, such as `0`, found `-1`"),
        (&["0"], "log:1: expected `:read`, `:write` or `:cas`, found nothing"),
    ] {
        let log = jepsen(lines);
        let error = read(log.as_bytes(), "log", Some(Format::Jepsen)).expect_err(&log).to_string();
        assert!(error.starts_with(message), "{lines:?} gives {error}");
    }
    let cut = jepsen(&[invoke]) + "INFO  jepsen.ut";
    assert_eq!(error(cut), "log:2: expected `LEVEL  logger - message`, found `INFO  jepsen.ut`");
}

#[test]
fn a_broken_porcupine_log_is_refused_where_it_breaks() {
    let invoke = r#":process 0, :type :invoke, :f :put, :key "k", :value "v""#;
    for (lines, message) in [
        (
            &[r#":process 0, :type :ok, :f :get, :key "k", :value "v""#][..],
            "log:1: process 0 returns from an operation that it did not invoke",
        ),
        (&[invoke, invoke], "log:2: process 0 invokes an operation while its operation of line 1 is open"),
        (
            &[invoke, r#":process 0, :type :ok, :f :put, :key "k", :value "w""#],
            "log:2: process 0 returns from `put k \"w\"`, but it invoked `put k \"v\"` at line 1",
        ),
        (
            &[invoke, r#":process 0, :type :info, :f :put, :key "l", :value nil"#],
            "log:2: process 0 returns from a `:put` of another key or kind",
        ),
        (
            &[r#":process 0, :type :invoke, :f :swap, :key "k", :value "v""#],
            "log:1: expected `:f` and `:get`, `:put` or `:append`, found `swap`",
        ),
        (
            &[r#":process 0, :type :done, :f :put, :key "k", :value "v""#],
            "log:1: expected `:type` and `:invoke`",
        ),
        (
            &[r#":process 0, :type :invoke, :f :put, :key "k", :value nil"#],
            "log:1: expected `:value` and a text: the operation writes, found `nil`",
        ),
        (
            &[r#":process -1, :type :invoke, :f :put, :key "k", :value "v""#],
            "log:1: expected `:process` and a number",
        ),
        (&[r#":type :invoke, :f :put, :key "k", :value "v""#], "log:1: expected `:process` and a number"),
        (&[r#":process 0, :type :invoke, :f :put, :key 5, :value "v""#], "log:1: expected `:key` and a text"),
        (
            &[r#":process 0, :type :invoke, :f :get, :key "k""#],
            "log:1: expected `:value` and a text or `nil`",
        ),
    ] {
        let log = porcupine(lines);
        let error = error(&log);
        assert!(error.starts_with(message), "{lines:?} gives {error}");
    }
    let cut = porcupine(&[invoke]) + r#"{:process 0, :type :ok, :f :put, :key "k", :val"#;
    assert!(error(cut).starts_with("log:2: expected a value"));
}

#[test]
fn what_is_no_text_or_no_history_is_refused() {
    assert_eq!(
        error("INFO  jepsen.core - :invoke\n"),
        "log: holds no operation: expected at least one `:invoke`"
    );
    assert_eq!(error(""), "log: is empty: expected a history");
    assert_eq!(error(" \n\n"), "log: is empty: expected a history");
    assert!(error("a,b\n1,2\n").starts_with("log: not a history of a known form"));
    assert!(error([0, 159, 146, 150]).starts_with("log: is no text"));
    assert!(error([b'a', 159, 146, 150]).starts_with("log: is no text"));
    let mut log = jepsen(&["0 :invoke :read nil"]).into_bytes();
    log.extend(b"INFO  jepsen.util - 0 :ok :read \xff\n");
    assert_eq!(error(log), "log:2: the line is not UTF-8 from byte 33 on");
    let absent = read_file("no/such/file".as_ref(), None).unwrap_err();
    assert!(
        matches!(absent.problem, Problem::Io(_))
            && absent.to_string().starts_with("no/such/file: cannot be read")
    );
}

#[test]
fn a_line_without_end_is_refused_in_bounded_memory() {
    let endless = |beginning: &'static str| BufReader::new(beginning.as_bytes().chain(std::io::repeat(b'x')));
    for beginning in ["INFO  jepsen.util - 0 :invoke :write ", "{:process 0, :value \""] {
        let error = read(endless(beginning), "pipe", None).unwrap_err();
        assert_eq!(error.line, 1);
        assert!(matches!(error.problem, Problem::LongLine { .. }), "{error}");
    }
    let error = read(endless("nothing known"), "pipe", None).unwrap_err();
    assert!(matches!(error.problem, Problem::UnknownForm { .. }), "{error}");
}

/// Cuts, swaps and garbage: whatever comes, there is an answer.
#[test]
fn no_text_makes_an_importer_panic() {
    let logs = [
        jepsen(&["0 :invoke :cas [3 0]", "1 :invoke :read nil", "0 :fail :cas [3 0]", "1 :ok :read 3"]),
        porcupine(&[
            r#":process 0, :type :invoke, :f :append, :key "0", :value "x\n""#,
            r#":process 0, :type :ok, :f :append, :key "0", :value "x\n""#,
        ]),
    ];
    for log in &logs {
        for at in 0..log.len() {
            drop(import(&log.as_bytes()[..at]));
            for byte in [b'\0', b'\n', b' ', b':', b'"', b'\\', b'{', b'[', b'9', 0xc3] {
                let mut broken = log.clone().into_bytes();
                broken[at] = byte;
                drop(import(&broken));
                broken.insert(at, byte);
                drop(import(&broken));
            }
        }
    }
}

#[test]
fn what_is_known_and_is_no_history_is_called_by_its_name() {
    for (beginning, said) in [
        (&b"\x1f\x8b\x08\x00\x00\x00"[..], "gzip"),
        (b"PK\x03\x04\x14\x00", "zip archive"),
        (b"\x28\xb5\x2f\xfd", "compressed"),
        (b"\x0c\0\0\0\0\0\0\x84\x08\x04\x10\0", "write-ahead log of etcd"),
        (b"\0\0\0\0\0\0\0\0\x04\0\0\0\0\0\0\0\xed\xda\x0c\xed", "database of etcd"),
        (b"JEPSEN\0\0\0\x01", "test.jepsen"),
        (b"<html><title>Porcupine</title>", "porcupine"),
        (b"\n<!DOCTYPE html>\n<html>", "HTML page"),
        (b"{\"format\":1,\"revline\":\"0.1.0\",\"plan\":{\"kind\":1}}", "revline replay"),
        (b"{\n  \"name\": \"steady\",\n  \"about\": \"x\"", "revline run"),
        (b"{\"revline\":\"0.1.0\",\"runs\":[]}", "document of a sweep"),
        (b"{\"revline\":\"0.1.0\",\"histories\":[]}", "document of revline"),
        (b"[{\"defect\":\"checkpoint-lost\",\"wanted\":[]}]", "document of revline"),
        (b"{\"expectuniquerevision\":true}", "folder of the report"),
        (b"[{\"type\":\"invoke\",\"f\":\"txn\",\"process\":0}]", "in JSON"),
        (b"{\"a\": 1}", "JSON of a form that is not known"),
        (b"{:valid? true, :count 3}", "results.edn"),
        (b"0\t:invoke\t:read\tnil\n", "history.edn"),
        (
            b"2026-01-02 10:00:00,000{GMT}\tINFO\t[jepsen worker 0] jepsen.util: 0 :invoke :read nil",
            "history.edn",
        ),
        (b"[{:process 0, :type :invoke, :f :txn, :value [[:append 1 2] [:r 1 nil]]}]", "elle's list-append"),
        (b"{:process 0, :type :invoke, :f :txn, :value [[:w 1 2] [:r 1 nil]]}", "elle's rw-register"),
        (b"{:process 0, :type :invoke, :f :add, :value 3}", "found `:add`"),
        (b"{:process 0, :type :invoke, :f :read, :value [nil nil]}", "values with versions"),
        (b"{:process 0, :type :invoke, :f :read, :value [3 [nil nil]]}", "a read of `[nil nil]`"),
    ] {
        let message = error(beginning);
        assert!(message.starts_with("log:") && message.contains(said), "{message}");
    }
}

#[test]
fn porcupine_logs_are_read_strictly() {
    let invoke = r#":process 0, :type :invoke, :f :get, :key "0", :value nil"#;
    let ok = |value: &str| format!(r#":process 0, :type :ok, :f :get, :key "0", :value {value}"#);
    for (second, said) in [
        (ok(":oops"), "log:2: expected `:value` and a text or `nil`, found `:oops`"),
        (ok("7"), "log:2: expected `:value` and a text or `nil`, found `:value 7`"),
        (ok("[1]"), "log:2: expected `:value` and a text or `nil`"),
        (ok("\"a\", :colour 5"), "log:2: unknown field `:colour`: expected `:process`, `:type`"),
        (ok("\"a\", :time \"x\""), "log:2: expected `:time` and `:index` with a number"),
        (ok("\"a\", :key \"0\""), "log:2: expected each key of a map once"),
        (ok("\"a\"").replace(":process 0", ":process :zero"), "log:2: expected `:process` and a number"),
    ] {
        let message = error(porcupine(&[invoke, &second]));
        assert!(message.starts_with(said), "{message}");
    }
    let reading = Reading { ignore_unknown_fields: true, ..Reading::default() };
    let log = porcupine(&[invoke, &ok("\"a\", :colour 5")]);
    let read = reading.reader(log.as_bytes(), "log").unwrap();
    assert_eq!(read.ignored.into_iter().collect::<Vec<_>>(), [(":colour".to_owned(), 1)]);
    let invoked = error(porcupine(&[&invoke.replace("nil", "\"x\"")]));
    assert!(invoked.starts_with("log:1: expected `nil`: a get is invoked without a value"), "{invoked}");
}
