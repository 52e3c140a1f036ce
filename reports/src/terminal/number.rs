//! Numbers that fit into a table.

/// A count in at most five characters, with three digits or more that count: `9999`, `12.3k`, `123k`, `1.23M`.
pub fn short(count: u64) -> String {
    const UNITS: [(u64, &str); 4] =
        [(1_000_000_000_000, "T"), (1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")];
    if count < 10_000 {
        return count.to_string();
    }
    let (unit, letter) = UNITS.into_iter().find(|(unit, _)| count >= *unit).unwrap_or((1, ""));
    match count / unit {
        whole @ 0..=9 => format!("{whole}.{:02}{letter}", count % unit * 100 / unit),
        whole @ 10..=99 => format!("{whole}.{}{letter}", count % unit * 10 / unit),
        whole => format!("{whole}{letter}"),
    }
}

/// Simulated time, as people say it.
pub fn duration(ms: u64) -> String {
    let seconds = ms / 1_000;
    match seconds {
        0..=9 => format!("{seconds}.{} s", ms % 1_000 / 100),
        10..=299 => format!("{seconds} s"),
        300..=17_999 => format!("{} min", seconds / 60),
        _ => format!("{} h", short(seconds / 3_600)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_counts_are_cut_off_never_rounded_up() {
        for (count, text) in [
            (0, "0"),
            (9_999, "9999"),
            (10_000, "10.0k"),
            (12_399, "12.3k"),
            (999_999, "999k"),
            (1_239_999, "1.23M"),
            (u64::MAX, "18446744T"),
        ] {
            assert_eq!(short(count), text);
        }
    }

    #[test]
    fn durations_have_the_unit_that_fits() {
        assert_eq!(duration(1_234), "1.2 s");
        assert_eq!(duration(299_999), "299 s");
        assert_eq!(duration(300_000), "5 min");
        assert_eq!(duration(7 * 3_600_000), "7 h");
    }
}
