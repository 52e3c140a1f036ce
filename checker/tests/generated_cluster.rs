//! Generated histories of alarms and changes of members: none of the legal ones is violated, all flawed ones are.

use revline_checker::generate::{ClusterFlaw, flawed_cluster, legal_cluster};
use revline_checker::judge::Judge;

#[test]
fn legal_histories_are_not_violated() {
    let mut held = [0, 0];
    for seed in 0..10_000 {
        let history = legal_cluster(30 + seed % 70, seed);
        let names = ["alarm-respected", "membership"];
        let verdicts = Judge::new(&history).only(|name| names.contains(&name)).run();
        let violated: Vec<_> = verdicts.violations().collect();
        assert!(violated.is_empty() && !verdicts.any_unknown(), "seed {seed}: {violated:#?}");
        for (held, name) in held.iter_mut().zip(names) {
            *held += u64::from(verdicts.get(name).is_some_and(|verdict| verdict.holds()));
        }
    }
    assert!(held.iter().all(|held| *held > 9_000), "{held:?}");
    for seed in 0..30 {
        let verdicts = Judge::new(&legal_cluster(80, seed)).run();
        let violated: Vec<_> = verdicts.violations().collect();
        assert!(violated.is_empty(), "seed {seed}: {violated:#?}");
    }
}

#[test]
fn flawed_histories_are_violated() {
    for flaw in ClusterFlaw::ALL {
        let mut placed = 0;
        for seed in 0..100 {
            let Some(history) = flawed_cluster(120, seed, *flaw) else { continue };
            placed += 1;
            let verdicts = Judge::new(&history).only(|name| name == flaw.guarantee()).run();
            assert!(verdicts.any_violated(), "{flaw}, seed {seed}");
        }
        assert!(placed > 20, "{flaw} found a place only {placed} times");
    }
}
