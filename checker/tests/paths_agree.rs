//! The line of revisions and the search agree. For large counts: the example that is included here.

#[path = "../examples/paths_agree.rs"]
mod paths_agree;

#[test]
fn the_line_and_the_search_agree() {
    let tally = paths_agree::compare(0, 9_000).unwrap_or_else(|difference| panic!("{difference}"));
    assert!(tally.accepted > 3_000 && tally.rejected > 1_500, "{tally}");
    assert!(tally.open_by_line + tally.open_by_search < 200, "{tally}");
}
