//! Jepsen's `history.edn`.

use revline_checker::import::{Format, Imported, Reading, read};
use revline_checker::search::{Budget, Call, Search};
use revline_checker::spec::mutex::{Mutex, MutexOp, MutexRet};
use revline_checker::spec::of_key::{Each, OfKey};
use revline_checker::spec::register::{Register, RegisterOp, RegisterRet};
use std::sync::Arc;

type Form = Arc<str>;

fn form(text: &str) -> Form {
    text.into()
}

fn op(process: u32, kind: &str, function: &str, value: &str) -> String {
    format!("{{:process {process}, :type :{kind}, :f :{function}, :value {value}}}\n")
}

/// True if the history is linearizable.
#[track_caller]
fn holds(text: &str) -> bool {
    let decision = match read(text.as_bytes(), "h", None).unwrap_or_else(|error| panic!("{error}")) {
        Imported::Registers(calls) => Search::new(Each::new(Register(Some(form("nil")))), &calls)
            .parts(|op: &OfKey<RegisterOp<Form>>| op.key.clone())
            .decide(&Budget::UNLIMITED),
        Imported::Mutexes(calls) => Search::new(Each::new(Mutex::default()), &calls)
            .parts(|op: &OfKey<MutexOp>| op.key.clone())
            .decide(&Budget::UNLIMITED),
        other => panic!("{other:?}"),
    };
    assert!(decision.is_linearizable() || decision.is_illegal());
    decision.is_linearizable()
}

#[track_caller]
fn error(text: &str) -> String {
    read(text.as_bytes(), "h", Some(Format::JepsenEdn)).expect_err(text).to_string()
}

#[test]
fn a_register_is_read_as_jepsen_writes_it() {
    let text = "{:process 0, :type :invoke, :f :write, :value 3, :time 1, :index 0}\n\
                ; a comment\n\
                #jepsen.history.Op{:index 1, :time 2, :type :invoke, :process 1, :f :read, :value nil}\n\
                {:process :nemesis, :type :info, :f :kill, :value {\"n1\" #{:a}}, :strange 1.5}\n\
                {:process 0, :type :ok, :f :write, :value 3, :time 3, :index 3}\n\
                {:process 1, :type :ok, :f :read, :value 3, :time 4, :index 4}\n\
                {:process 1, :type :invoke, :f :cas, :value [3 :a]}\n\
                {:process 1, :type :info, :f :cas, :value [3 :a], :error [:timeout \"x\"], :exception #error {:via [a.b.C]}}\n";
    let Imported::Registers(calls) = read(text.as_bytes(), "h", None).unwrap() else { panic!("{text}") };
    let of = |op: RegisterOp<Form>| OfKey { key: None, op };
    let cas = RegisterOp::Cas { from: form("3"), to: form(":a") };
    let expected = [
        Call::answered(0, 1, of(RegisterOp::Write(form("3"))), 5, RegisterRet::Written),
        Call::answered(1, 3, of(RegisterOp::Read), 6, RegisterRet::Value(Some(form("3")))),
        Call::unknown(1, 7, of(cas)),
    ];
    assert_eq!(calls, expected);
    // The same in one vector, on one line: places are counted.
    let vector = format!("[{}]", text.replace("; a comment\n", "").replace('\n', " "));
    let Imported::Registers(calls) = read(vector.as_bytes(), "h", None).unwrap() else { panic!("{vector}") };
    assert_eq!(calls.iter().map(|call| call.invoke).collect::<Vec<_>>(), [1, 2, 5]);
}

#[test]
fn registers_are_judged() {
    let write = |value: &str| op(0, "invoke", "write", value) + &op(0, "ok", "write", value);
    let reads = |value: &str| op(1, "invoke", "read", "nil") + &op(1, "ok", "read", value);
    for value in ["3", "\"a b\"", ":key", "nil", "[1 2 3]", "1.5"] {
        assert!(holds(&format!("{}{}{}", reads("nil"), write(value), reads(value))), "{value}");
        assert_eq!(holds(&format!("{}{}", write(value), reads("nil"))), value == "nil", "{value}");
    }
    assert!(!holds(&format!("{}{}", write("1"), reads("\"1\""))), "a text is no number");
    let cas = |kind: &str| op(2, "invoke", "cas", "[1 2]") + &op(2, kind, "cas", "[1 2]");
    assert!(holds(&format!("{}{}{}", write("1"), cas("ok"), reads("2"))));
    assert!(!holds(&format!("{}{}{}", write("3"), cas("ok"), reads("2"))));
    // What failed did nothing, and says nothing of what was there.
    assert!(holds(&format!("{}{}{}", write("1"), cas("fail"), reads("1"))));
    assert!(!holds(&format!("{}{}{}", write("1"), cas("fail"), reads("2"))));
    for read_after in ["1", "2"] {
        assert!(holds(&format!("{}{}{}", write("1"), cas("info"), reads(read_after))));
    }
    let timed_out = op(0, "invoke", "write", "5") + &op(0, "info", "write", ":timed-out");
    let failed = op(1, "invoke", "read", "nil") + &op(1, "fail", "read", "nil");
    assert!(holds(&format!("{timed_out}{failed}{}{}", reads("nil"), reads("5"))));
    assert!(!holds(&format!("{timed_out}{}{}", reads("5"), reads("nil"))));
}

#[test]
fn independent_keys_are_judged_each_for_itself() {
    let write = |key: &str, value: &str| {
        let value = format!("[{key} {value}]");
        op(0, "invoke", "write", &value) + &op(0, "ok", "write", &value)
    };
    let reads = |key: &str, value: &str| {
        op(1, "invoke", "read", &format!("[{key} nil]")) + &op(1, "ok", "read", &format!("[{key} {value}]"))
    };
    assert!(holds(&[write("1", "3"), reads("2", "nil"), reads("1", "3")].concat()));
    assert!(!holds(&[write("1", "3"), reads("2", "3")].concat()));
    assert!(!holds(&[write(":a", "3"), write(":b", "4"), reads(":b", "4"), reads(":a", "nil")].concat()));
    let cas = op(2, "invoke", "cas", "[1 [3 4]]") + &op(2, "ok", "cas", "[1 [3 4]]");
    assert!(holds(&[write("1", "3"), cas.clone(), reads("1", "4")].concat()));
    assert!(holds(&[write("1", "3"), cas.clone()].concat()), "no read says that there are keys");
    assert!(!holds(&[write("2", "3"), cas].concat()));
    let other = write("1", "3") + &op(1, "invoke", "read", "[1 nil]") + &op(1, "ok", "read", "[2 3]");
    assert!(error(&other).contains("h:4: process 1 returns from"), "{}", error(&other));
    let mixed = reads("1", "nil") + &op(0, "invoke", "write", "3");
    assert!(error(&mixed).starts_with("h:3: expected a key and a value"), "{}", error(&mixed));
}

#[test]
fn mutexes_are_judged() {
    let step = |process: u32, function: &str| {
        op(process, "invoke", function, "nil") + &op(process, "ok", function, "nil")
    };
    assert!(holds(&[step(0, "acquire"), step(0, "release"), step(1, "acquire")].concat()));
    assert!(!holds(&[step(0, "acquire"), step(1, "acquire")].concat()));
    assert!(!holds(&[step(0, "release")].concat()));
    let lost = op(0, "invoke", "release", "nil") + &op(0, "info", "release", "nil");
    assert!(holds(&[step(0, "acquire"), lost, step(1, "acquire")].concat()));
    let refused = op(1, "invoke", "acquire", "nil") + &op(1, "fail", "acquire", "nil");
    assert!(holds(&[step(0, "acquire"), refused, step(0, "release")].concat()));
    let keyed = |process: u32, key: &str, function: &str| {
        let value = format!("[{key} nil]");
        op(process, "invoke", function, &value) + &op(process, "ok", function, &value)
    };
    assert!(holds(&[keyed(0, "1", "acquire"), keyed(1, "2", "acquire")].concat()));
    assert!(!holds(&[keyed(0, "1", "acquire"), keyed(1, "1", "acquire")].concat()));
    let Imported::Mutexes(calls) = read(step(0, "acquire").as_bytes(), "h", None).unwrap() else { panic!() };
    assert_eq!(calls[0].ret, Some((2, MutexRet(true))));
}

#[test]
fn a_broken_history_is_refused_where_it_breaks() {
    let invoke = op(0, "invoke", "read", "nil");
    for (second, said) in [
        (op(0, "ok", "write", "3"), "h:2: process 0 returns from `write 3`"),
        (op(0, "invoke", "read", "nil"), "h:2: process 0 invokes an operation while its operation of line 1"),
        (op(1, "ok", "read", "3"), "h:2: process 1 returns from an operation that it did not invoke"),
        (
            op(1, "done", "read", "3"),
            "h:2: expected `:type` and `:invoke`, `:ok`, `:fail` or `:info`, found `:done`",
        ),
        (
            op(1, "invoke", "write", "3").replace(":process 1", ":process \"1\""),
            "h:2: expected `:process` and a number",
        ),
        (
            op(1, "invoke", "write", "3").replace(":process 1", ":process -1"),
            "h:2: expected `:process` and a number",
        ),
        (op(1, "invoke", "write", "3").replace(":f :write", ":f 7"), "h:2: expected `:f` and a keyword"),
        (op(1, "invoke", "write", "3").replace(", :value 3", ""), "h:2: expected `:value`"),
        (op(1, "invoke", "write", "3, :colour 1"), "h:2: unknown field `:colour`: expected `:process`"),
        (op(1, "invoke", "write", "3, :time :now"), "h:2: expected `:time` and `:index` with a number"),
        (op(1, "invoke", "cas", "3"), "h:2: expected the old and the new value"),
        (op(1, "invoke", "read", "3"), "h:2: expected `nil`: a read is invoked without a value"),
        (op(1, "invoke", "acquire", "nil"), "h:2: expected `:read`, `:write` or `:cas`, found `:acquire`"),
        (op(1, "invoke", "enqueue", "1"), "h:2: operations of a workload that is not read"),
        ("{:process 1".to_owned(), "h:2: expected the `}` that ends the operation"),
        ("[1 2]".to_owned(), "h:2: expected an operation"),
        ("{\"process\" 1}".to_owned(), "h:2: expected a map with keywords"),
    ] {
        let message = error(&format!("{invoke}{second}"));
        assert!(message.starts_with(said), "{second} gives {message}");
    }
    let vector = format!("[{} {}]", invoke.trim(), op(0, "ok", "write", "3").trim());
    assert!(error(&vector).starts_with("h:1: entry 2: process 0 returns from"), "{}", error(&vector));
    assert_eq!(error("[]"), "h: holds no operation: expected at least one `:invoke`");
}

#[test]
fn unknown_fields_are_passed_over_if_that_is_asked_for() {
    let text = op(1, "invoke", "write", "3, :colour 1") + &op(1, "ok", "write", "3, :colour 1, :size 2");
    let reading = Reading { ignore_unknown_fields: true, ..Reading::default() };
    let read = reading.reader(text.as_bytes(), "h").unwrap();
    let counts: Vec<_> = read.ignored.iter().map(|(field, count)| (field.as_str(), *count)).collect();
    assert_eq!(counts, [(":colour", 2), (":size", 1)]);
}

/// Cuts, swaps and garbage: whatever comes, there is an answer.
#[test]
fn no_text_makes_the_importer_panic() {
    let text = [
        op(0, "invoke", "cas", "[1 [3 \"0\"]]"),
        op(1, "invoke", "read", "[1 nil]"),
        op(0, "fail", "cas", "[1 [3 \"0\"]]"),
        op(1, "ok", "read", "[1 :a]"),
    ]
    .concat();
    for at in 0..text.len() {
        drop(read(&text.as_bytes()[..at], "h", Some(Format::JepsenEdn)));
        for byte in [b'\0', b'\n', b' ', b':', b'"', b'\\', b'{', b'[', b'#', b'9', b';', 0xc3] {
            let mut broken = text.clone().into_bytes();
            broken[at] = byte;
            drop(read(&broken[..], "h", Some(Format::JepsenEdn)));
            broken.insert(at, byte);
            drop(read(&broken[..], "h", None));
        }
    }
}
