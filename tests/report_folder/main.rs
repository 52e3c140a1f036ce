//! The folder of a sweep's report: its document, its JUnit, its page; and one report of the parts of a sweep.

#![allow(clippy::unwrap_used, reason = "a test: the panic is the message")]

mod junit;
mod merging;
#[path = "../place/mod.rs"]
mod place;
mod schema;

use place::Place;
use serde_json::Value;
use std::fs;

/// The document in the folder of a report.
fn document(place: &Place, folder: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(place.path(folder).join("report.json")).unwrap()).unwrap()
}

/// A file of a folder, as text.
fn text(place: &Place, folder: &str, name: &str) -> String {
    fs::read_to_string(place.path(folder).join(name)).unwrap()
}

/// Every file that a page leads to.
fn links(page: &str) -> Vec<&str> {
    let hrefs = page.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    hrefs.filter(|href| !href.starts_with('#')).collect()
}

#[test]
fn a_sweep_without_failures_has_a_report() {
    let place = Place::new();
    let printed = place.call("run steady --seeds 2 --out fine --json").status(0).json();
    assert_eq!(printed, document(&place, "fine"), "what is printed is what is kept");
    let mut files: Vec<_> =
        fs::read_dir(place.path("fine")).unwrap().map(|file| file.unwrap().file_name()).collect();
    files.sort();
    assert_eq!(files, ["index.html", "junit.xml", "report.json"]);
    assert_eq!(printed["ended"], "complete");
    assert_eq!(printed["plan"]["runs"], 2);
    let page = text(&place, "fine", "index.html");
    assert!(
        page.contains("<span class=\"word holds\">holds</span>")
            && page.contains("steady under seeds 0 to 1")
    );
    assert_eq!(links(&page), [""; 0]);
    for command in ["run", "check", "shrink"] {
        place.refuses(
            &format!("{command} fine/report.json"),
            &["fine/report.json", "the document of a sweep"],
        );
    }
    assert!(!page.contains("://") && !page.contains("<script"), "it asks no other place for anything");
}

#[test]
fn a_sweep_with_failures_leads_to_each_of_them() {
    let place = Place::new();
    place.call("run steady bridge --seeds 2 --defect watch-batch-split --out bad").status(1);
    let report = document(&place, "bad");
    let page = text(&place, "bad", "index.html");
    assert!(page.contains("word violated") && page.contains(">FAIL 2</a>"), "{page}");
    for run in report["runs"].as_array().unwrap() {
        let (bundle, name) = (run["bundle"].as_str().unwrap(), run["page"].as_str().unwrap());
        assert_eq!(run["replay"], format!("revline replay bad/{bundle}"));
        assert!(links(&page).contains(&bundle) && links(&page).contains(&name));
    }
    for link in links(&page) {
        assert!(place.path("bad").join(link).is_file(), "{link}");
    }
    assert!(page.contains("revline replay bad&#x2f;steady-0.bundle.json"), "{page}");
    let without =
        place.call("run steady --seeds 1 --defect watch-batch-split --out bare --no-page").status(1);
    let run = &document(&place, "bare")["runs"][0];
    assert!(run["bundle"].is_string() && run.get("page").is_none(), "{without:?}");
}

#[test]
fn a_report_says_why_runs_of_its_plan_are_missing() {
    let place = Place::new();
    place.call("run steady --seeds 3 --defect watch-batch-split --fail-fast").status(1);
    assert_eq!(document(&place, "out")["ended"], "failures");
    place.call("run clock-drift --for 1ms --jobs 1").status(0);
    let report = document(&place, "out");
    assert_eq!((&report["ended"], &report["plan"]["seeds"]), (&"time".into(), &Value::Null));
    assert!(text(&place, "out", "index.html").contains("Its time was up"));
    assert!(
        text(&place, "out", "junit.xml")
            .contains("<skipped message=\"1 runs were made, the plan has no end of runs")
    );
}

#[test]
fn an_exploration_has_a_report() {
    let place = Place::new();
    let printed = place.call("explore steady --runs 4 --seed 1 --out explored --json").status(0).json();
    assert_eq!(printed, document(&place, "explored"));
    assert_eq!((&printed["plan"]["command"], &printed["plan"]["runs"]), (&"explore".into(), &4.into()));
    assert!(text(&place, "explored", "index.html").contains("steady explored from seed 1"));
    place.refuses("merge explored --out all", &["explored/report.json", "`plan.command`", "no parts"]);
}

#[test]
fn a_report_that_cannot_be_written_is_an_error_but_a_violation_stays_one() {
    let place = Place::new();
    place.write("file", "");
    let ended = place.call("run steady --seeds 1 --out file").status(2);
    assert!(
        ended.stderr.contains("--out: file: cannot write the report") && ended.stdout.contains("result ")
    );
    place.call("run steady --seeds 1 --defect watch-batch-split --out file").status(1);
}

#[test]
fn failures_are_annotated_where_that_is_asked_for() {
    let place = Place::new();
    let call = "run steady bridge --seeds 1 --defect watch-batch-split --annotations github";
    let stderr = place.call(call).status(1).stderr;
    let lines: Vec<&str> = stderr.lines().filter(|line| line.starts_with("::")).collect();
    assert_eq!(lines.len(), 1, "one for each group: {stderr}");
    assert!(
        lines[0].starts_with("::error title=watch-atomic/") && lines[0].contains("of 2 runs::"),
        "{stderr}"
    );
    assert!(lines[0].contains("%0Arevline replay out/bridge-0"), "{stderr}");
    assert!(!place.call("run steady --seeds 1 --annotations github").status(0).stderr.contains("::"));
    let scenario = r#"{"name": "short", "about": "a short one", "members": [1], "duration_ms": 500}"#;
    place.write("mine.json", scenario);
    let stderr = place
        .call("run ./mine.json --seeds 1 --annotations github --defect txn-two-revisions")
        .status(1)
        .stderr;
    assert!(stderr.contains("::error file=./mine.json,title="), "{stderr}");
    place.refuses("run --annotations gitlab", &["--annotations", "gitlab", "github"]);
}
