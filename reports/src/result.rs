//! The result of a sweep, in a line.

use crate::number::grouped;
use crate::sweep::Tally;

/// The result of the runs in a tally.
pub(crate) fn result(total: &Tally) -> String {
    let broken = total.guarantees.values().filter(|tally| tally.violated > 0).count();
    let open = total.guarantees.values().filter(|tally| tally.unknown > 0).count();
    let vacuous = total.vacuous().count();
    let held = total.guarantees.len()
        - vacuous
        - total.guarantees.values().filter(|tally| tally.violated + tally.unknown > 0).count();
    let mut parts = Vec::new();
    if broken > 0 {
        parts.push(format!("{} violated, in {}", guarantees(broken), runs(total.violated)));
    }
    if total.panicked > 0 {
        parts.push(format!("{} panicked, which is a bug of revline", runs(total.panicked)));
    }
    if open > 0 {
        parts.push(format!("{} undecided", guarantees(open)));
    }
    if vacuous > 0 {
        parts.push(format!("{} not exercised", guarantees(vacuous)));
    }
    if parts.is_empty() {
        return match held {
            0 => "nothing was judged".to_owned(),
            held => format!("all hold: {} in {}", guarantees(held), runs(total.runs)),
        };
    }
    parts.push(format!("{} hold", held));
    parts.join("; ")
}

fn guarantees(count: usize) -> String {
    if count == 1 { "1 guarantee".to_owned() } else { format!("{count} guarantees") }
}

fn runs(count: u64) -> String {
    if count == 1 { "1 run".to_owned() } else { format!("{} runs", grouped(count)) }
}
