//! The page in a browser: opened, filtered, zoomed, an item selected, without an error on its console.
//!
//! It takes `chromium` and `chromedriver`; where they are missing, the test says so and passes.

#![allow(clippy::unwrap_used, reason = "a test: a panic is its message")]
#![allow(clippy::disallowed_methods, reason = "a browser is a process, and lives in real time")]
#![allow(clippy::disallowed_macros, reason = "a test that skips says so")]

mod browser;

use browser::Browser;
use std::path::Path;
use std::process::Command;

/// Writes the page of what these arguments name, and returns its file.
fn report(place: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_revline"));
    let output = command.arg("report").args(arguments).arg("--out").arg(place).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Opens a page, and looks at all that a reader does.
fn look(browser: &Browser, file: &str) {
    browser.open(file);
    let count = |text: &str| -> u64 { text.split(' ').next().unwrap().parse().unwrap() };
    let matches = || browser.text("document.getElementById('matches').textContent");
    let all = count(&matches());
    assert!(all > 0, "{file}: nothing lies on the timeline");
    let story = browser.text("String(document.querySelectorAll('.story li').length)");
    assert!((1..=10).contains(&count(&story)), "{file}: {story} sentences");

    // The keyboard: closer, and on to the next item.
    for key in ["0", "+", "+", "n"] {
        browser.run(&format!(
            "document.getElementById('timeline').dispatchEvent(new KeyboardEvent('keydown', {{key: '{key}', bubbles: true}}))"
        ));
    }
    let details = || browser.text("document.getElementById('details').textContent");
    assert_ne!(details(), "Nothing is selected.", "{file}");

    // A filter that nothing matches, and none.
    let filter = |text: &str| {
        browser.run(&format!(
            "const box = document.getElementById('text'); box.value = '{text}'; box.dispatchEvent(new Event('input'))"
        ));
    };
    filter("no such thing anywhere");
    assert_eq!(count(&matches()), 0, "{file}");
    filter("");
    assert_eq!(count(&matches()), all, "{file}");

    // Evidence that is clicked is selected.
    let evidence = browser.text("String(document.querySelectorAll('button[data-item]').length)");
    if count(&evidence) > 0 {
        browser.run("document.querySelector('button[data-item]').click()");
        assert!(details().contains("\nevidence for "), "{file}: {}", details());
    }

    // The order: where it breaks if it does, and a step that is clicked is selected.
    let steps = browser.text("String(document.querySelectorAll('#order tbody tr').length)");
    let about = browser.text("document.getElementById('order-about').textContent");
    assert!(count(&steps) > 0, "{file}: {about}");
    browser.run("document.getElementById('break-step').click()");
    let broken = browser.text("String(document.querySelectorAll('#order tr.broken').length)");
    assert_eq!(count(&broken), u64::from(about.contains("it breaks")), "{file}: {about}");
    if browser.text("document.querySelector('h1 .word').textContent") == "holds" {
        assert!(about.contains("explains every answer"), "{file}: {about}");
    }
    browser.run(
        "document.getElementById('first-step').click(); document.querySelector('#order tr.seen').click()",
    );
    let told = browser.text("document.querySelector('#order tr.told').cells[3].textContent");
    assert!(!told.is_empty() && details().contains(&told), "{file}: {told}, not {}", details());

    // The revisions of the first key, and the state as of the last.
    browser.run(
        "const key = document.getElementById('key'); key.value = document.querySelector('#keys option')?.value ?? ''; \
         key.dispatchEvent(new Event('input')); \
         const revision = document.getElementById('revision'); revision.value = '1000000000'; \
         revision.dispatchEvent(new Event('input'))",
    );
    let rows = browser.text("String(document.querySelectorAll('#history tbody tr').length)");
    let keys = browser.text("String(document.querySelectorAll('#keys option').length)");
    assert_eq!(count(&rows) > 0, count(&keys) > 0, "{file}");
    assert_eq!(browser.console(), Vec::<String>::new(), "{file}");
}

#[test]
fn a_browser_shows_runs_and_histories() {
    let Some(browser) = Browser::start() else { return };
    let place = tempfile::tempdir().unwrap();
    for arguments in [
        &["steady@0"][..],
        &["leader-isolated@0", "--defect", "local-read-by-leader"],
        &["steady@0", "--defect", "watch-batch-split"],
        &["compaction-races@0", "--defect", "txn-range-stripped"],
        &["lease-under-drift@0", "--defect", "lease-keys-gone-early"],
        &["proxies-under-partition@0"],
        &["namespaces@0"],
    ] {
        look(&browser, &report(place.path(), arguments));
    }
    let robustness = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/etcd-robustness/2023-06");
    match robustness.read_dir().ok().and_then(|mut folders| folders.next()) {
        Some(folder) => {
            look(&browser, &report(place.path(), &[&folder.unwrap().path().display().to_string()]))
        }
        None => eprintln!("skipped: there are no recorded reports of etcd's robustness tests"),
    }
}

/// A history whose keys and values would end a script, a text or a page.
const HOSTILE: &str = r#"{"kind":"header","format":"revline-history","version":1,"new_store":true}
{"kind":"op","client":0,"member":1,"invoke_ns":1000,"return_ns":2000,"request":{"put":{"key":"</script><script>document.title='owned'</script>","value":"<img src=x onerror=\"document.title='owned'\">\u0000\u001b[31m'\"&amp;\u2028"}},"outcome":{"ok":{"put":{"header":{"member":1,"revision":2,"term":1}}}}}
{"kind":"op","client":0,"member":1,"invoke_ns":3000,"return_ns":4000,"request":{"put":{"key":{"hex":"ff00fe"},"value":{"hex":"c328"}}},"outcome":{"ok":{"put":{"header":{"member":1,"revision":3,"term":1}}}}}
{"kind":"op","client":1,"member":1,"invoke_ns":5000,"return_ns":6000,"request":{"range":{"key":"</script><script>document.title='owned'</script>"}},"outcome":{"ok":{"range":{"header":{"member":1,"revision":3,"term":1},"kvs":[],"count":0}}}}
"#;

#[test]
fn what_a_history_holds_is_text() {
    let Some(browser) = Browser::start() else { return };
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("<b>'\"&hostile.jsonl");
    let large = "<b>".repeat(350_000);
    let large = HOSTILE.lines().nth(2).unwrap().replace(r#"{"hex":"c328"}"#, &format!("\"{large}\""));
    let large =
        large.replace("3000", "7000").replace("4000", "8000").replace("\"revision\":3", "\"revision\":4");
    std::fs::write(&file, format!("{HOSTILE}{large}\n")).unwrap();
    let page = report(place.path(), &[&file.display().to_string()]);
    look(&browser, &page);
    assert!(browser.text("document.title").ends_with("hostile.jsonl: violated"), "no script of it ran");
    assert_eq!(browser.text("String(document.querySelectorAll('img, b').length)"), "0");
    let evidence = browser.text("document.querySelector('button[data-item]').textContent");
    assert!(evidence.contains("</script>"), "{evidence}");
    assert!(std::fs::metadata(&page).unwrap().len() < 200_000, "a large value is cut off");
}

#[test]
fn a_page_says_what_was_promised_and_what_was_seen() {
    let place = tempfile::tempdir().unwrap();
    let arguments = ["leader-isolated@0", "--defect", "local-read-by-leader"];
    let page = || std::fs::read_to_string(report(place.path(), &arguments)).unwrap();
    let text = page();
    for part in [
        "Promised (linearizable): completed operations have one order",
        "Seen: a read at revision 213 began after revision 287 had been answered.",
        "client 6 (reader 0 of member 5) at member 5: range key&#x2f;2",
        "fault: isolate the leader, clients too",
        "<td>linearizable</td><td>violated</td>",
        "revline replay leader-isolated@0 --defect local-read-by-leader",
    ] {
        assert!(text.contains(part), "{part}");
    }
    assert!(!text.contains("://"), "it asks no other place for anything");
    assert_eq!(text, page(), "the same run has the same page");
}

#[test]
fn a_run_that_fails_leaves_a_page_unless_it_is_told_not_to() {
    let place = tempfile::tempdir().unwrap();
    let run = |out: &str, more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_revline"));
        command.args(["run", "steady", "--seeds", "1", "--defect", "watch-batch-split", "--out", out]);
        let output = command.args(more).current_dir(place.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        place.path().join(out).join("steady-0.html").exists()
    };
    assert!(run("with", &[]));
    assert!(!run("without", &["--no-page"]));
    let check = |history: &str, more: &[&str]| {
        std::fs::write(place.path().join("own.jsonl"), history).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_revline"));
        let output = command.args(["check", "own.jsonl", "--out", "checked"]).args(more);
        let output = output.current_dir(place.path()).output().unwrap();
        (output.status.code(), place.path().join("checked/own.html").exists())
    };
    assert_eq!(check(HOSTILE, &["--no-page"]), (Some(1), false));
    let good: String = HOSTILE.lines().take(3).map(|line| format!("{line}\n")).collect();
    assert_eq!(check(&good, &[]), (Some(0), false));
    assert_eq!(check(HOSTILE, &[]), (Some(1), true));

    // Two of one name have a page each, and no revision is too odd.
    std::fs::create_dir(place.path().join("b")).unwrap();
    let odd = HOSTILE.replace("\"revision\":2,", "\"revision\":-9223372036854775807,");
    std::fs::write(place.path().join("b/own.jsonl"), odd).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_revline"));
    command.args(["check", "own.jsonl", "b/own.jsonl", "--out", "both"]).current_dir(place.path());
    assert_eq!(command.output().unwrap().status.code(), Some(1));
    assert_eq!(std::fs::read_dir(place.path().join("both")).unwrap().count(), 2);
}
