//! The program explores: plans that came to rare states are changed.

#![allow(clippy::unwrap_used, reason = "a test: the panic is the message")]

mod place;

use place::Place;
use serde_json::Value;

/// A report without real times.
fn timeless(mut report: Value) -> Value {
    for run in report["runs"].as_array_mut().unwrap() {
        run.as_object_mut().unwrap().remove("wall_ms");
    }
    report["totals"].as_object_mut().unwrap().remove("wall_ms");
    report
}

#[test]
fn an_exploration_is_the_same_with_any_number_of_jobs_and_in_another_process() {
    let place = Place::new();
    let explore = |jobs: u64| {
        let call = format!("explore steady bridge --runs 40 --seed 3 --jobs {jobs} --json");
        timeless(place.call(&call).status(0).json())
    };
    let report = explore(1);
    assert_eq!(report, explore(2));
    assert_eq!(report["explored"]["runs"], 40);
    let runs = report["runs"].as_array().unwrap();
    assert!(runs.iter().any(|run| run["variant"].is_u64()) && runs[0]["variant"].is_null());
    assert_eq!(report["explored"]["reached"]["PutRequest.lease zero"]["first"], 1);
    let kept = std::fs::read_dir(place.path("out")).unwrap().count();
    assert_eq!(kept, 3, "nothing failed: the report is all there is");
}

#[test]
fn the_text_tells_how_far_it_came_and_the_rarest_marks() {
    let text = Place::new().call("explore steady --runs 4 --seed 1").status(0).stdout;
    assert!(text.contains("explored 4 runs, ") && text.contains(" pairs of rare states"), "{text}");
    let (_, rarest) = text.split_once("rarest ").unwrap();
    let marks = rarest.lines().skip(1).take_while(|line| line.starts_with(' ')).count();
    assert_eq!(marks, 10, "{text}");
}

#[test]
fn a_folder_of_plans_is_gone_through_first_and_added_to() {
    let place = Place::new();
    let kept = |call: &str| {
        let report = place.call(call).status(0).json();
        let runs: Vec<Value> = report["runs"].as_array().unwrap().clone();
        let files = std::fs::read_dir(place.path("rare")).unwrap().count();
        (report["explored"]["kept"].as_u64().unwrap(), files as u64, runs)
    };
    let (first, files, _) = kept("explore steady --runs 3 --seed 1 --corpus rare --json");
    assert_eq!((first, files), (3, 3));
    let (_, more, runs) = kept("explore bridge --runs 6 --seed 2 --corpus rare --json");
    assert!(runs[..3].iter().all(|run| run["scenario"] == "steady") && runs[3]["scenario"] == "bridge");
    assert!(more > files);
    let file = std::fs::read_dir(place.path("rare")).unwrap().next().unwrap().unwrap().path();
    let replay = place.call(&format!("replay rare/{}", file.file_name().unwrap().display())).status(0).stdout;
    assert!(replay.contains("reproduced"), "{replay}");
}

#[test]
fn a_variant_that_fails_leaves_a_bundle_of_its_own() {
    let place = Place::new();
    let call = "explore steady --runs 60 --fresh 0 --max-failures 6 --defect watch-batch-split --json";
    let ended = place.call(call).status(1);
    assert!(ended.stderr.contains("stopped after 6 failing runs"), "{}", ended.stderr);
    // Each has its bundle and its page, and all together the three files of the report.
    assert_eq!(std::fs::read_dir(place.path("out")).unwrap().count(), 2 * 6 + 3);
    let line = ended.stderr.lines().find(|line| line.contains('~')).unwrap();
    let (_, replay) = line.split_once("revline ").unwrap();
    assert!(place.call(replay).status(1).stdout.contains("reproduced"));
}

#[test]
fn runs_are_counted_beside_the_plans_of_the_folder() {
    let place = Place::new();
    let runs = |call: &str| place.call(call).status(0).json()["explored"]["runs"].as_u64().unwrap();
    assert_eq!(runs("explore steady --runs 5 --corpus rare --json"), 5);
    let kept = std::fs::read_dir(place.path("rare")).unwrap().count() as u64;
    assert!(kept > 0);
    assert_eq!(runs("explore steady --runs 5 --seed 1 --corpus rare --json"), kept + 5);
}

#[test]
fn what_cannot_be_explored_is_refused() {
    let place = Place::new();
    place.refuses("explore stedy", &["stedy", "did you mean `steady`"]);
    place.refuses("explore steady --fresh 101", &["--fresh", "101"]);
    place.refuses("explore steady --runs 0", &["--runs"]);
    std::fs::create_dir(place.path("rare")).unwrap();
    place.write("rare/broken.bundle.json", "{");
    place.refuses("explore steady --runs 1 --corpus rare", &["rare/broken.bundle.json:1"]);
    place.write("file", "");
    place.refuses("explore steady --runs 1 --corpus file", &["file", "directory"]);
}
