//! Axes: from values to places, and where the ticks are.

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use std::ops::Range;

/// An axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// Its label, which ends with the unit.
    pub label: String,
    /// Its scale.
    pub scale: Scale,
}

/// The scale of an axis.
#[derive(Clone, Debug, PartialEq)]
pub enum Scale {
    /// From 0 on: nothing looks larger than it is.
    Linear,
    /// From 0 to 100: shares in percent.
    Percent,
    /// Logarithmic. What is 0 or less stands at the lower end.
    Log,
    /// A place for each name, the first on top: for the vertical axis.
    Names(Vec<String>),
}

impl Axis {
    /// An axis from 0 on.
    pub fn linear(label: &str) -> Axis {
        Axis { label: label.to_owned(), scale: Scale::Linear }
    }

    /// An axis from 0 to 100 %.
    pub fn percent(label: &str) -> Axis {
        Axis { label: label.to_owned(), scale: Scale::Percent }
    }

    /// A logarithmic axis.
    pub fn log(label: &str) -> Axis {
        Axis { label: label.to_owned(), scale: Scale::Log }
    }

    /// An axis of names.
    pub fn names(label: &str, names: Vec<String>) -> Axis {
        Axis { label: label.to_owned(), scale: Scale::Names(names) }
    }
}

/// An axis with its ends and its ticks.
#[derive(Clone, Debug)]
pub(super) struct Span {
    scale: Scale,
    from: f64,
    to: f64,
    ticks: Vec<f64>,
}

impl Span {
    /// The span that has room for all these values.
    pub fn of(scale: &Scale, values: impl Iterator<Item = f64>) -> Span {
        let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.filter(|value| *scale != Scale::Log || *value > 0.0) {
            (least, most) = (least.min(value), most.max(value));
        }
        let (from, to, ticks) = match scale {
            Scale::Linear => linear(most),
            Scale::Percent => (0.0, 100.0, (0..=5).map(|fifth| f64::from(fifth) * 20.0).collect()),
            Scale::Log => log(least, most),
            Scale::Names(names) => {
                (-0.6, names.len() as f64 - 0.4, (0..names.len()).map(|at| at as f64).collect())
            }
        };
        Span { scale: scale.clone(), from, to, ticks }
    }

    /// The number of ticks.
    pub fn ticks(&self) -> usize {
        self.ticks.len()
    }

    /// The lower end.
    pub fn from(&self) -> f64 {
        self.from
    }

    fn share(&self, value: f64) -> f64 {
        let share = match self.scale {
            Scale::Log => (value.max(self.from) / self.from).log10() / (self.to / self.from).log10(),
            // The first name stands on top.
            Scale::Names(_) => (self.to - value) / (self.to - self.from),
            _ => (value - self.from) / (self.to - self.from),
        };
        share.clamp(0.0, 1.0)
    }
}

/// Steps of 1, 2 or 5 times a power of ten, seven of them or fewer, and the end on one.
fn linear(most: f64) -> (f64, f64, Vec<f64>) {
    let most = if most > 0.0 && most.is_finite() { most } else { 1.0 };
    let rough = most / 7.0;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|step| step * power).into_iter().find(|step| *step >= rough);
    let step = step.unwrap_or(rough);
    let count = (most / step - 1e-9).ceil().max(1.0);
    (0.0, count * step, (0..=count as u32).map(|tick| f64::from(tick) * step).collect())
}

/// Decades, and 2 and 5 times them where there are few.
fn log(least: f64, most: f64) -> (f64, f64, Vec<f64>) {
    let (least, most) = if least.is_finite() { (least, most) } else { (1.0, 10.0) };
    let first = least.log10().floor() as i32;
    let last = most.log10().ceil() as i32;
    let steps: &[f64] = if last - first <= 4 { &[1.0, 2.0, 5.0] } else { &[1.0] };
    let all = (first..=last).flat_map(|power| steps.iter().map(move |step| step * 10_f64.powi(power)));
    let all: Vec<f64> = all.collect();
    let from = all.iter().rposition(|tick| *tick <= least * 1.000_001).unwrap_or(0);
    let to = all.iter().position(|tick| *tick >= most * 0.999_999).unwrap_or(all.len() - 1).max(from + 1);
    let ticks = all[from..=to.min(all.len() - 1)].to_vec();
    (ticks[0], ticks[ticks.len() - 1], ticks)
}

impl Ranged for Span {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        limit.0 + (self.share(*value) * f64::from(limit.1 - limit.0)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() { Vec::new() } else { self.ticks.clone() }
    }

    fn range(&self) -> Range<f64> {
        self.from..self.to
    }
}

impl ValueFormatter<f64> for Span {
    fn format_ext(&self, value: &f64) -> String {
        match &self.scale {
            Scale::Names(names) => names.get(value.round() as usize).cloned().unwrap_or_default(),
            _ => short(*value),
        }
    }
}

/// A tick in few characters: `0.2`, `500`, `20k`, `1M`.
fn short(value: f64) -> String {
    let (value, unit) = match value {
        value if value >= 1e6 => (value / 1e6, "M"),
        value if value >= 1e4 => (value / 1e3, "k"),
        value => (value, ""),
    };
    let text = format!("{value:.3}");
    format!("{}{unit}", text.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(scale: Scale, values: &[f64]) -> Vec<String> {
        let span = Span::of(&scale, values.iter().copied());
        span.ticks.iter().map(|tick| span.format_ext(tick)).collect()
    }

    #[test]
    fn ticks_are_round_and_enclose_all_values() {
        assert_eq!(ticks(Scale::Linear, &[3.0, 870_000.0]), ["0", "200k", "400k", "600k", "800k", "1M"]);
        assert_eq!(ticks(Scale::Linear, &[0.0]), ["0", "0.2", "0.4", "0.6", "0.8", "1"]);
        assert_eq!(ticks(Scale::Log, &[0.3, 4.0]), ["0.2", "0.5", "1", "2", "5"]);
        assert_eq!(
            ticks(Scale::Log, &[0.0, 7.0, 2e6]),
            ["1", "10", "100", "1000", "10k", "100k", "1M", "10M"]
        );
        assert_eq!(ticks(Scale::Log, &[10.0]), ["10", "20"]);
    }

    #[test]
    fn values_have_their_place_between_the_ends() {
        let span = Span::of(&Scale::Log, [1.0, 100.0].into_iter());
        assert_eq!([1.0, 10.0, 100.0, 0.0].map(|value| span.map(&value, (0, 200))), [0, 100, 200, 0]);
        let span = Span::of(&Scale::Percent, [3.0].into_iter());
        assert_eq!([0.0, 50.0, 100.0].map(|value| span.map(&value, (200, 0))), [200, 100, 0]);
    }
}
