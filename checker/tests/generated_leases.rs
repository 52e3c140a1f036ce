//! Generated histories of leases, locks and elections: none of the legal ones is violated, all flawed ones are.

use revline_checker::generate::{LeaseFlaw, flawed_leases, legal_leases};
use revline_checker::history::{Outcome, Request};
use revline_checker::judge::Judge;
use revline_checker::search::Budget;

#[test]
fn legal_histories_are_not_violated() {
    for seed in 0..60 {
        let history = legal_leases(60, seed);
        let verdicts = Judge::new(&history).run();
        let violated: Vec<_> = verdicts.violations().collect();
        assert!(violated.is_empty(), "seed {seed}: {violated:#?}");
        let at_length = Judge::new(&history).budget(Budget::steps(2_000_000)).unproven().run();
        assert!(!at_length.any_violated(), "seed {seed}");
        assert!(verdicts.get("lease-api").is_some_and(|verdict| verdict.holds()), "seed {seed}");
    }
}

#[test]
fn flawed_histories_are_violated() {
    let mut judged = 0;
    for flaw in LeaseFlaw::ALL {
        let mut placed = 0;
        for seed in 0..30 {
            let Some(history) = flawed_leases(80, seed, *flaw) else { continue };
            placed += 1;
            let verdicts = Judge::new(&history).run();
            let found: Vec<&str> = verdicts.violations().map(|(name, _)| name).collect();
            let fitting = flaw.guarantees();
            assert!(found.iter().any(|name| fitting.contains(name)), "{flaw}, seed {seed}: {found:?}");
        }
        assert!(placed > 2, "{flaw} found a place only {placed} times");
        judged += placed;
    }
    assert!(judged > 200, "only {judged} were judged");
}

#[test]
fn a_history_exercises_what_it_should() {
    let operations: Vec<_> = (0..20).flat_map(|seed| legal_leases(200, seed).operations).collect();
    let count = |wanted: &dyn Fn(&Request, &Outcome) -> bool| {
        operations.iter().filter(|operation| wanted(&operation.request, &operation.outcome)).count()
    };
    let is_ok = |outcome: &Outcome| matches!(outcome, Outcome::Ok(_));
    assert!(count(&|_, outcome| matches!(outcome, Outcome::Unknown(_))) > 100);
    assert!(count(&|request, outcome| matches!(request, Request::Lock(_)) && is_ok(outcome)) > 50);
    assert!(
        count(
            &|request, outcome| matches!(request, Request::Lock(_)) && matches!(outcome, Outcome::Failed(_))
        ) > 5
    );
    assert!(count(&|request, outcome| matches!(request, Request::Election(_)) && is_ok(outcome)) > 50);
    assert!(count(&|request, outcome| matches!(request, Request::Lease(_)) && is_ok(outcome)) > 200);
    assert_eq!(legal_leases(100, 3), legal_leases(100, 3));
    assert_ne!(legal_leases(100, 3), legal_leases(100, 4));
}
