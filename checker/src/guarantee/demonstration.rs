//! The guarantee of the guide, declared as every other: its file and a row.

guarantees! {
    #[path = "../../../docs/examples/guarantee.rs"]
    limit_kept,
}

#[test]
fn the_guide_shows_the_example_as_it_is() {
    let guide = include_str!("../../../docs/guarantees.md");
    let example = include_str!("../../../docs/examples/guarantee.rs");
    assert!(guide.contains(&format!("```rust\n{example}```")));
}

#[test]
fn a_row_is_enough() {
    assert!(matches!(GUARANTEES, [limit_kept] if limit_kept.name == "limit-kept"));
}
