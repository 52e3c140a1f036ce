//! Histories whose clients forgot much of what they were answered: legal ones are never violated, and hardly any stays
//! undecided. For large counts: `cargo run --release -p revline-checker --example forgotten`.

mod shapes;

use revline_checker::judge::Judge;
use revline_checker::verdict::Verdict;

#[test]
fn legal_histories_with_forgotten_answers_are_not_violated() {
    let mut undecided = Vec::new();
    for seed in 0..400 {
        let verdicts = Judge::new(&shapes::legal_forgotten(seed)).run();
        for (name, verdict) in verdicts.iter() {
            assert!(!verdict.is_violated(), "seed {seed}: {name}: {verdict}");
        }
        if verdicts.iter().any(|(_, verdict)| matches!(verdict, Verdict::Unknown { .. })) {
            undecided.push(seed);
        }
    }
    let (coordinated, plain): (Vec<u64>, Vec<u64>) =
        undecided.into_iter().partition(|seed| shapes::uses_services(*seed));
    assert!(plain.len() <= 2, "undecided: {plain:?}");
    assert!(coordinated.len() <= 4, "undecided: {coordinated:?}");
}

#[test]
fn flaws_beside_forgotten_answers_are_rejected() {
    let (mut placed, mut missed) = (0, Vec::new());
    for (flaw, seed) in shapes::flaws(0, 12) {
        let Some(history) = shapes::flawed_forgotten(flaw, seed) else { continue };
        placed += 1;
        if !Judge::new(&history).run().any_violated() {
            missed.push((flaw, seed));
        }
    }
    assert!(placed > 100, "only {placed} flaws were placed");
    assert!(missed.len() * 50 <= placed, "{} of {placed} missed: {missed:?}", missed.len());
}
