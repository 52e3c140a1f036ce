//! Histories whose clients forgot much of what they were answered, a different one for each seed.

use revline_checker::generate::{Flaw, Forgetting, Shape, flawed, forget, legal, services};
use revline_checker::history::History;

fn shape(seed: u64) -> Shape {
    Shape {
        operations: [60, 120, 250][seed as usize % 3],
        clients: 2 + (seed % 7) as u32,
        keys: 2 + seed % 9,
        values: if seed % 4 == 3 { 3 } else { u64::MAX },
        unknown_percent: seed % 3 * 5,
        watchers: (seed / 3 % 8) as u32,
        frames_per_watch: 3 + seed % 60,
        compact_every: 20 + seed % 100,
        ..Shape::default()
    }
}

fn forgetting(seed: u64) -> Forgetting {
    Forgetting {
        answers_percent: 10 + seed / 7 % 41,
        watchers_percent: seed / 5 % 4 * 30,
        decoys: seed / 11 % 12,
    }
}

/// True if clients use leases, locks and elections under a seed.
pub fn uses_services(seed: u64) -> bool {
    matches!(seed % 5, 0 | 2)
}

/// A legal one: of two in five the clients use leases, locks and elections.
pub fn legal_forgotten(seed: u64) -> History {
    let whole = if uses_services(seed) {
        let operations = [40, 90, 180][seed as usize / 5 % 3];
        services(operations, 2 + seed as usize % 6, (seed / 3 % 6) as u32, seed)
    } else {
        legal(&shape(seed), seed)
    };
    forget(whole, &forgetting(seed), seed)
}

/// Each flaw with as many seeds.
pub fn flaws(first: u64, each: u64) -> impl Iterator<Item = (Flaw, u64)> {
    Flaw::ALL.iter().flat_map(move |flaw| (first..first + each).map(move |seed| (*flaw, seed)))
}

/// One with a flaw, if there was a place for it. The flaw is in the second half, and nothing of that is forgotten: it
/// is certain, whatever happened before.
pub fn flawed_forgotten(flaw: Flaw, seed: u64) -> Option<History> {
    let whole = flawed(&Shape { unknown_percent: 0, ..shape(seed) }, seed, flaw)?;
    let answers = Forgetting { answers_percent: 10 + seed % 30, watchers_percent: 0, decoys: 0 };
    let mut history = forget(whole.clone(), &answers, seed);
    let mut order: Vec<usize> = (0..whole.operations.len()).collect();
    order.sort_by_key(|index| (whole.operations[*index].invoke_ns, whole.operations[*index].client));
    for (operation, index) in history.operations.iter_mut().zip(order).skip(whole.operations.len() * 2 / 5) {
        operation.outcome = whole.operations[index].outcome.clone();
    }
    Some(forget(history, &Forgetting { answers_percent: 0, watchers_percent: 0, decoys: seed % 4 }, seed))
}
