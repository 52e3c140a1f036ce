//! Circles between the top modules of a crate: pairs that name each other, and how many modules lie in some circle.

use crate::allowed::Finding;
use crate::items::{Items, Place};
use crate::tree::{Crate, Tree};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Finds pairs of modules that name each other, and for each crate the modules that lie in circles of any length.
pub fn findings(tree: &Tree) -> Vec<Finding> {
    tree.crates.iter().flat_map(of_crate).collect()
}

/// For each module the modules it names, with the first place where it does.
type Edges = BTreeMap<String, BTreeMap<String, Place>>;

fn of_crate(owner: &Crate) -> Vec<Finding> {
    let edges = edges(&Items::of(owner));
    let mut findings = Vec::new();
    for (a, named) in &edges {
        for (b, place) in named.iter().filter(|(b, _)| a < *b) {
            if let Some(back) = edges[b].get(a) {
                findings.push(Finding {
                    key: format!("circle {} {a} {b}", owner.name),
                    number: 1,
                    place: back.to_string(),
                    says: format!(
                        "`{b}` names `{a}`, which names it too ({place}): move what both need below both"
                    ),
                });
            }
        }
    }
    let turns: Vec<_> = edges.keys().filter_map(|module| turn(&edges, module)).collect();
    if let Some((module, longest)) = turns.iter().max_by_key(|(_, way)| way.len()) {
        let steps: Vec<String> = longest.iter().map(|(to, place)| format!("{to} ({place})")).collect();
        findings.push(Finding {
            key: format!("circle {} modules", owner.name),
            number: turns.len() as u64,
            place: longest.last().map(|(_, place)| place.to_string()).unwrap_or_default(),
            says: format!(
                "{} modules of the crate lie in circles, one of which is {module} -> {}: let them point one way",
                turns.len(),
                steps.join(" -> ")
            ),
        });
    }
    findings
}

/// The shortest way from a module back to it.
fn turn<'e>(edges: &'e Edges, module: &'e str) -> Option<(&'e str, Vec<(&'e str, &'e Place)>)> {
    let ways = edges[module].iter().filter_map(|(next, place)| {
        Some([(next.as_str(), place)].into_iter().chain(way(edges, next, module)?).collect::<Vec<_>>())
    });
    Some((module, ways.min_by_key(Vec::len)?))
}

/// The shortest way from one module to another: each step's aim and the place that names it.
fn way<'e>(edges: &'e Edges, from: &str, to: &str) -> Option<Vec<(&'e str, &'e Place)>> {
    let mut ways: VecDeque<Vec<(&str, &Place)>> = VecDeque::from([Vec::new()]);
    let mut seen = BTreeSet::new();
    while let Some(way) = ways.pop_front() {
        let at = way.last().map_or(from, |(module, _)| *module);
        if at == to {
            return Some(way);
        }
        for (next, place) in edges.get(at).into_iter().flatten() {
            if seen.insert(next) {
                ways.push_back(way.iter().copied().chain([(next.as_str(), place)]).collect());
            }
        }
    }
    None
}

fn edges(items: &Items) -> Edges {
    let tops: BTreeSet<&String> = items.modules.iter().map(|(module, _)| &module[0]).collect();
    // Names that the root exports stand for the modules they come from.
    let mut exports: BTreeMap<&String, String> = BTreeMap::new();
    for import in items.imports.iter().filter(|import| import.module.is_empty()) {
        if let Some(path) = items.absolute(import) {
            exports.insert(&import.name, path[0].clone());
        }
    }
    let mut edges = Edges::new();
    let imports =
        items.imports.iter().filter_map(|one| Some((items.absolute(one)?, &one.module, &one.place)));
    let mentions = items.mentions.iter().map(|one| (one.path.clone(), &one.module, &one.place));
    for (path, module, place) in imports.chain(mentions) {
        let (Some(from), Some(first)) = (module.first(), path.first()) else { continue };
        let to = if tops.contains(first) { Some(first) } else { exports.get(first) };
        if let Some(to) = to.filter(|to| *to != from && tops.contains(to)) {
            edges.entry(from.clone()).or_default().entry(to.clone()).or_insert_with(|| place.clone());
            edges.entry(to.clone()).or_default();
        }
    }
    edges
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(files: &[(&str, &str)]) -> Vec<String> {
        let manifest = [("Cargo.toml", "[package]\nname = \"k\"\n")];
        let tree = Tree::of(manifest.iter().chain(files).copied());
        findings(&tree).into_iter().map(|finding| finding.key).collect()
    }

    const ROOT: (&str, &str) = ("src/lib.rs", "mod a; mod b; mod c; pub use c::C;");

    #[test]
    fn circles_are_rejected() {
        let two = [ROOT, ("src/a.rs", "use crate::b::B;"), ("src/b/x.rs", "fn f() { super::super::a::g() }")];
        assert_eq!(keys(&two), ["circle k a b", "circle k modules"]);
        let three = [
            ROOT,
            ("src/a.rs", "use crate::{b};"),
            ("src/b.rs", "use crate::C;"),
            ("src/c.rs", "use super::a;"),
        ];
        assert_eq!(keys(&three), ["circle k modules"]);
    }

    #[test]
    fn a_message_shows_the_way() {
        let manifest = ("Cargo.toml", "[package]\nname = \"k\"\n");
        let found = findings(&Tree::of([
            manifest,
            ROOT,
            ("src/a.rs", "\nuse crate::b;"),
            ("src/b.rs", "use crate::a;"),
        ]));
        assert!(
            found[0].says.contains("`b` names `a`, which names it too (src/a.rs:2)"),
            "{}",
            found[0].says
        );
        assert_eq!((found[0].place.as_str(), found[1].number), ("src/b.rs:1", 2));
        assert!(found[1].says.contains("b -> a (src/b.rs:1) -> b (src/a.rs:2)"), "{}", found[1].says);
    }

    #[test]
    fn one_way_is_accepted() {
        let below = [
            ROOT,
            ("src/a.rs", "use crate::b::B; use crate::c; mod x { use super::y; }"),
            ("src/b.rs", "use crate::C; use std::a;"),
        ];
        assert_eq!(keys(&below), [""; 0]);
        let tests =
            [ROOT, ("src/a.rs", "use crate::b;"), ("src/b.rs", "#[cfg(test)] mod tests { use crate::a; }")];
        assert_eq!(keys(&tests), [""; 0]);
    }
}
