//! Writes a file in which every mutant stands beside the original, and remembers where.

use crate::mutant::{Differs, Mutant, Switch};
use std::cmp::Reverse;
use std::ops::Range;

/// A file with mutants.
pub struct Rewritten {
    /// Its text.
    pub text: String,
    /// The bytes that belong to mutants.
    pub places: Vec<Place>,
}

/// The bytes of a rewritten file that belong to one mutant.
pub struct Place {
    /// The bytes.
    pub range: Range<usize>,
    /// The number of the mutant.
    pub number: usize,
    /// True for the text of the mutant itself, not the switch around the original.
    pub own: bool,
}

/// Rewrites `source` with these mutants of it and their numbers.
pub fn rewrite(source: &str, mutants: &[(usize, &Mutant)]) -> Rewritten {
    let mut spots: Vec<Spot<'_>> = Vec::new();
    for (number, mutant) in mutants {
        let same = spots.iter_mut().rev().find(|spot| spot.range == mutant.range && spot.goes_with(mutant));
        match same {
            Some(spot) => spot.mutants.push((*number, mutant)),
            None => spots.push(Spot { range: mutant.range.clone(), mutants: vec![(*number, mutant)] }),
        }
    }
    // What is inserted at a place comes before what begins there.
    spots.sort_by_key(|spot| (spot.range.start, !spot.range.is_empty(), Reverse(spot.range.end)));
    let mut writer =
        Writer { source, spots: &spots, out: Rewritten { text: String::new(), places: Vec::new() } };
    let mut next = 0;
    writer.write(0..source.len(), &mut next);
    writer.out
}

/// The mutants of one place.
struct Spot<'a> {
    range: Range<usize>,
    mutants: Vec<(usize, &'a Mutant)>,
}

impl Spot<'_> {
    fn goes_with(&self, mutant: &Mutant) -> bool {
        std::mem::discriminant(&self.mutants[0].1.switch) == std::mem::discriminant(&mutant.switch)
    }
}

struct Writer<'a> {
    source: &'a str,
    spots: &'a [Spot<'a>],
    out: Rewritten,
}

impl Writer<'_> {
    /// Writes these bytes of the source, with the spots from `next` on that lie in them.
    fn write(&mut self, range: Range<usize>, next: &mut usize) {
        let mut at = range.start;
        while let Some(spot) = self.spots.get(*next).filter(|spot| spot.range.start < range.end) {
            *next += 1;
            self.put(&self.source[at..spot.range.start]);
            self.switch(spot, next);
            at = spot.range.end;
        }
        self.put(&self.source[at..range.end]);
    }

    fn put(&mut self, text: &str) {
        self.out.text.push_str(text);
    }

    fn switch(&mut self, spot: &Spot<'_>, next: &mut usize) {
        let began = self.out.text.len();
        for (number, mutant) in &spot.mutants {
            match &mutant.switch {
                Switch::Inserted(text) => self.own(*number, &text.replace("ON", &on(*number))),
                Switch::LeftOut => {
                    self.put(&format!("if {} {{}} else {{ ", on(*number)));
                    self.write(spot.range.clone(), next);
                    self.put(" }");
                }
                Switch::Value(text) => {
                    let first = spot.mutants[0].0 == *number;
                    let asked = if mutant.differs == Differs::Always { "on" } else { "is" };
                    self.put(if first { "(" } else { "" });
                    self.put(&format!("if crate::mutant::{asked}({number}) {{ "));
                    self.own(*number, text);
                    self.put(" } else ");
                }
            }
        }
        if matches!(spot.mutants[0].1.switch, Switch::Value(_)) {
            self.original(spot, next);
        }
        let range = began..self.out.text.len();
        let all = spot.mutants.iter();
        self.out.places.extend(all.map(|(number, _)| Place {
            range: range.clone(),
            number: *number,
            own: false,
        }));
    }

    /// The original value, and notes which mutants would have given another.
    fn original(&mut self, spot: &Spot<'_>, next: &mut usize) {
        let sides = spot.mutants.iter().find_map(|(_, mutant)| match &mutant.differs {
            Differs::IfEqual { left, operator, right } => Some((left, operator, right)),
            _ => None,
        });
        let differs = |mutant: &Mutant| match mutant.differs {
            Differs::Always => None,
            Differs::IfTrue => Some("value"),
            Differs::IfFalse => Some("!value"),
            Differs::IfEqual { .. } => Some("*left == *right"),
        };
        let notes: String = spot
            .mutants
            .iter()
            .filter_map(|(number, mutant)| Some((number, differs(mutant)?)))
            .map(|(number, case)| format!("if {case} {{ crate::mutant::reach({number}); }} "))
            .collect();
        if let Some((left, operator, right)) = sides {
            self.put("{ match (&(");
            self.write(left.clone(), next);
            self.put("), &(");
            self.write(right.clone(), next);
            self.put(&format!(
                ")) {{ (left, right) => {{ let value = *left {operator} *right; {notes}value }} }} }})"
            ));
        } else if notes.is_empty() {
            self.put("{ ");
            self.write(spot.range.clone(), next);
            self.put(" })");
        } else {
            self.put("{ let value: bool = ");
            self.write(spot.range.clone(), next);
            self.put(&format!("; {notes}value }})"));
        }
    }

    fn own(&mut self, number: usize, text: &str) {
        let began = self.out.text.len();
        self.put(text);
        self.out.places.push(Place { range: began..self.out.text.len(), number, own: true });
    }
}

fn on(number: usize) -> String {
    format!("crate::mutant::on({number})")
}

#[cfg(test)]
mod tests {
    use super::rewrite;
    use crate::find::find;

    const SOURCE: &str = "
        const LIMIT: u64 = 3;
        fn take(&mut self, n: u64) -> Option<u64> {
            check(n)?;
            if let Some(last) = self.last && n <= last + 1 {
                self.last = None;
            }
            match n { 0 => self.reset(), 1 if self.ready() => {} _ => { self.count += n.min(LIMIT); } }
            Some(altered!(self.defects, other::rule(n), !self.open))
        }
        #[cfg(test)]
        mod tests { fn f() -> bool { 1 == 2 } }
    ";

    fn found() -> Vec<String> {
        let mutants = find("a.rs", SOURCE).unwrap();
        let line =
            |identity: &crate::mutant::Identity| format!("{} -> {}", identity.original, identity.mutated);
        mutants.iter().map(|mutant| line(&mutant.identity)).collect()
    }

    #[test]
    fn every_rule_finds_its_places_and_no_others() {
        let mut found = found();
        found.sort();
        let chain = "let Some(last) = self.last && n <= last + 1";
        let whole = "altered!(self.defects, other::rule(n), !self.open)";
        let mut wanted = [
            "fn take -> return None",
            "check(n)? -> (left out)",
            &format!("{chain} -> false"),
            "n <= last + 1 -> true",
            "n <= last + 1 -> n < last + 1",
            "n <= last + 1 -> n > last + 1",
            "last + 1 -> last - 1",
            "1 -> 2",
            "1 -> 0",
            "self.last = None -> (left out)",
            "0 -> 0 => (as `_`)",
            "self.reset() -> (left out)",
            "self.ready() -> true",
            "self.ready() -> false",
            "self.count += n.min(LIMIT) -> (left out)",
            "self.count += n.min(LIMIT) -> self.count -= n.min(LIMIT)",
            "n.min(LIMIT) -> n",
            "n.min(LIMIT) -> LIMIT",
            &format!("Some({whole}) -> None"),
            "!self.open -> self.open",
        ]
        .map(str::to_owned);
        wanted.sort();
        assert_eq!(found, wanted);
    }

    #[test]
    fn mutants_stand_beside_the_original() {
        let source = "fn f(a: u8) -> u8 { if a < 3 { g(a); } a }";
        let mutants = find("a.rs", source).unwrap();
        let numbered: Vec<_> = (1..).zip(&mutants).collect();
        let rewritten = rewrite(source, &numbered);
        syn::parse_file(&rewritten.text).expect("it is Rust");
        for place in rewritten.places.iter().filter(|place| place.own) {
            let text = &rewritten.text[place.range.clone()];
            let mutated = &mutants[place.number - 1].identity.mutated;
            assert!(text.replace(['(', ')'], "").contains(mutated.trim()), "{text} is not {mutated}");
        }
        // Equal sides alone tell `<` from `<=`.
        assert!(rewritten.text.contains("let value = *left < *right;"), "{}", rewritten.text);
        assert!(rewritten.text.contains("if *left == *right { crate::mutant::reach("), "{}", rewritten.text);
    }

    #[test]
    fn nothing_found_changes_nothing() {
        assert_eq!(rewrite(SOURCE, &[]).text, SOURCE);
    }
}
