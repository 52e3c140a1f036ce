//! `junit.xml`, read back by another parser.

use crate::place::Place;
use crate::text;
use junit_parser::{TestCase, TestSuites};
use std::fs;

fn read(xml: &str) -> TestSuites {
    junit_parser::from_reader(xml.as_bytes()).unwrap_or_else(|error| panic!("{error}: {xml}"))
}

fn case<'a>(suites: &'a TestSuites, suite: &str, name: &str) -> &'a TestCase {
    let suite = suites.suites.iter().find(|own| own.name == suite).unwrap();
    suite.cases.iter().find(|case| case.original_name == name).unwrap()
}

#[test]
fn a_ci_system_sees_what_failed_and_what_was_not_examined() {
    let place = Place::new();
    place.call("run steady bridge --seeds 2 --defect watch-batch-split").status(1);
    let xml = text(&place, "out", "junit.xml");
    assert!(!xml.contains("time=\"-"), "{xml}");
    let suites = read(&xml);
    let names: Vec<&str> = suites.suites.iter().map(|suite| suite.name.as_str()).collect();
    assert_eq!(names, ["sweep", "steady", "bridge"]);
    assert!(case(&suites, "sweep", "every run of the plan").status.is_success());
    assert!(case(&suites, "steady", "no run panics").status.is_success());
    assert!(case(&suites, "steady", "linearizable").status.is_success());
    assert!(case(&suites, "steady", "compaction").status.is_skipped());
    let failed = case(&suites, "steady", "watch-atomic");
    assert!(failed.status.is_failure());
    let failure = failed.status.failure_as_ref();
    assert!(failure.message.contains("(and in another run)"), "{failure:?}");
    assert!(failure.text.contains("replay: revline replay out/steady-0.bundle.json"), "{failure:?}");
    let properties = &suites.suites[1].properties;
    let value = |name: &str| {
        properties.vec.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone()).unwrap_or_default()
    };
    assert!(value("version").starts_with("0.1.0"));
    assert_eq!((value("first-seed"), value("seeds")), ("0".to_owned(), "2".to_owned()));
    assert_eq!(value("rules switched off"), "watch-batch-split");
    let counted = |wanted: fn(&TestCase) -> bool| {
        suites.suites.iter().flat_map(|suite| &suite.cases).filter(|case| wanted(case)).count() as u64
    };
    assert_eq!(suites.tests, counted(|_| true));
    assert_eq!(suites.failures, counted(|case| case.status.is_failure()));
    assert_eq!(suites.skipped, counted(|case| case.status.is_skipped()));
}

#[test]
fn a_hunt_has_a_case_for_each_defect() {
    let place = Place::new();
    place
        .call("hunt txn-two-revisions local-read-by-leader --scenario steady --seeds 1 --out hunted")
        .status(1);
    let suites = read(&text(&place, "hunted", "junit.xml"));
    assert_eq!((suites.tests, suites.failures), (2, 1));
    assert!(case(&suites, "hunt", "txn-two-revisions").status.is_success());
    let missed = case(&suites, "hunt", "local-read-by-leader").status.failure_as_ref();
    assert!(missed.message.starts_with("MISSED: in 1 runs"), "{missed:?}");
}

/// Text that ends elements, sections and documents, and that XML has no place for.
const HOSTILE: &str =
    "]]> </failure> <b> & \" ' \u{0} \u{1b}[31m \r \u{7f} \u{fffe} \u{ffff} \u{2028} é ]]]]><![CDATA[>";

#[test]
fn hostile_text_is_text() {
    let place = Place::new();
    place.call("run steady --seeds 1 --defect watch-batch-split --out bad").status(1);
    let mut report = crate::document(&place, "bad");
    for guarantee in report["runs"][0]["guarantees"].as_array_mut().unwrap() {
        if guarantee["verdict"] == "violated" {
            guarantee["evidence"]["message"] = HOSTILE.into();
        }
    }
    report["runs"][0]["panic"] = format!("<script>alert(1)</script>{HOSTILE}").into();
    report["runs"][0]["replay"] = "</pre><script>".into();
    fs::write(place.path("bad/report.json"), report.to_string()).unwrap();
    fs::remove_file(place.path("bad/steady-0.html")).unwrap();
    let ended = place.call("merge bad --out merged --annotations github").status(1);
    assert!(ended.stderr.contains("bad/steady-0.html: is not there"), "{ended:?}");

    let xml = text(&place, "merged", "junit.xml");
    let is_char =
        |letter: char| matches!(letter, '\n' | ' '..='\u{7e}' | '\u{80}'..='\u{fffd}' | '\u{10000}'..);
    assert!(xml.chars().all(is_char), "{xml:?}");
    let suites = read(&xml);
    let failure = case(&suites, "steady", "watch-atomic").status.failure_as_ref().clone();
    let shown = r#"]]> </failure> <b> & " ' \u{0} \u{1b}[31m \r \u{7f} \u{fffe} \u{ffff}"#;
    assert!(failure.message.starts_with(shown), "{failure:?}");
    // This reader begins a line where a section ends, which it has to at `]]>`.
    let shown = shown.replace("]]>", "]]\n>");
    assert!(failure.text.contains(&shown), "{failure:?}");
    assert!(case(&suites, "steady", "no run panics").status.is_error());

    let page = text(&place, "merged", "index.html");
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;"), "{page}");
    let commands = ended.stderr.lines().filter(|line| line.starts_with("::")).count();
    assert_eq!(commands, 2, "a line for the group and one for the panic: {}", ended.stderr);
}
