//! Figures are functions of their seeds, and those of the documentation are what is drawn.

#![allow(clippy::unwrap_used, reason = "a test: the panic is the message")]

mod place;

use place::Place;
use std::fs;
use std::path::Path;

/// The files of a folder, by name.
fn files(folder: &Path) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|file| {
            (file.file_name().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(&file).unwrap())
        })
        .collect();
    files.sort();
    files
}

#[test]
fn the_same_seeds_give_the_same_bytes_with_any_number_of_jobs() {
    let place = Place::new();
    let one = place.call("figure --quick --jobs 1 --out one").status(0);
    place.call("figure --quick --jobs 2 --out two").status(0);
    let (one_files, two_files) = (files(&place.path("one")), files(&place.path("two")));
    assert_eq!(one.stdout.lines().count(), one_files.len());
    let listed = place.call("list figures").status(0).stdout;
    let names: Vec<&str> = listed.lines().map(|line| line.split_whitespace().next().unwrap()).collect();
    assert_eq!(one_files.len(), 2 * names.len(), "{one:?}");
    for name in names {
        let of = |files: &[(String, String)], ending: &str| {
            let file = format!("{name}.{ending}");
            files.iter().find(|(name, _)| *name == file).unwrap().1.clone()
        };
        let (svg, csv) = (of(&one_files, "svg"), of(&one_files, "csv"));
        assert_eq!((&svg, &csv), (&of(&two_files, "svg"), &of(&two_files, "csv")), "{name}");
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n"), "{name}: {svg}");
        let columns = csv.lines().next().unwrap().split(',').count();
        assert!(columns >= 3 && csv.lines().count() >= 3, "{name}: {csv}");
    }
    // Other seeds are other runs.
    place.call("figure recovery --quick --seeds 4 --out three").status(0);
    let three = files(&place.path("three"));
    assert_ne!(three[0], *one_files.iter().find(|(name, _)| name == "recovery.csv").unwrap());
}

/// The figures of the documentation that are drawn in a moment.
const CHEAP: [&str; 2] = ["reads", "recovery"];

#[test]
fn the_figures_of_the_documentation_are_what_is_drawn() {
    let place = Place::new();
    place.call(&format!("figure {} --out drawn", CHEAP.join(" "))).status(0);
    let shown = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/figures");
    for (name, drawn) in files(&place.path("drawn")) {
        let shown = fs::read_to_string(shown.join(&name)).unwrap();
        assert!(shown == drawn, "docs/figures/{name} is not what `revline figure` draws: draw it anew");
    }
}

#[test]
fn every_figure_is_shown_and_small() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/figures.md")).unwrap();
    let listed = Place::new().call("list figures").status(0).stdout;
    for name in listed.lines().map(|line| line.split_whitespace().next().unwrap()) {
        assert!(page.contains(&format!("## {name}\n")), "docs/figures.md says nothing of {name}");
        assert!(page.contains(&format!("(figures/{name}.svg)")), "docs/figures.md does not show {name}");
        let svg = fs::read_to_string(root.join(format!("docs/figures/{name}.svg"))).unwrap();
        assert!(svg.len() < 60_000, "{name} has {} bytes", svg.len());
        assert!(root.join(format!("docs/figures/{name}.csv")).exists(), "{name}");
    }
}

#[test]
fn a_figure_that_does_not_exist_or_has_no_place_is_refused() {
    let place = Place::new();
    place.refuses("figure lock", &["lock", "locks"]);
    place.refuses("figure reads --seeds 0", &["--seeds", "from 1"]);
    place.write("file", "");
    place.refuses("figure reads --quick --out file", &["file"]);
}
